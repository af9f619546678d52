"""Small builders of domain values, so that a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from moderation.charter import ChannelCharter, Charter, Example
from moderation.decisions import Probabilities, Verdict
from moderation.labels import Label
from moderation.messages import Author, Kind, Message, MessageKey, Platform

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning on which most tests play."""


def a_charter(*, examples: tuple[Example, ...] = (), languages: tuple[str, ...] = ("en",)) -> Charter:
    """A community with a work channel, a social one, and one where offers are welcome."""
    return Charter(
        name="Bench & Plane",
        purpose="Owners of small joinery workshops talk about jobs, timber, machines, pricing and staff.",
        languages=languages,
        channels=(
            ChannelCharter("workshop", "jobs, timber and machines", id="C1"),
            ChannelCharter("business", "pricing, clients and staff", id="C2"),
            ChannelCharter("teabreak", "anything you like", id="C3", social=True),
            ChannelCharter("for-sale", "members' own offers", id="C4", promotion_welcome=True),
            ChannelCharter("private", "not read", id="C5", watched=False),
        ),
        examples=examples,
    )


def a_message(
    number: int = 1,
    *,
    author: str = "ann",
    text: str = "which glue for oak outdoors?",
    minutes: float = 0,
    channel: str = "C1",
    thread: str | None = None,
    reply_to: str | None = None,
    kind: Kind = Kind.POST,
    revision: int = 0,
    roles: tuple[str, ...] = (),
    mentions: tuple[str, ...] = (),
    community: str = "T1",
) -> Message:
    """Message `number`, posted `minutes` after nine on that Monday."""
    names = {"C1": "workshop", "C2": "business", "C3": "teabreak", "C4": "for-sale", "C5": "private"}
    return Message(
        key=MessageKey(Platform.PLAYGROUND, community, channel, f"{number:05d}"),
        author=Author(author, author.title(), roles=roles),
        text=text,
        posted_at=MONDAY + timedelta(minutes=minutes),
        channel_name=names.get(channel, channel),
        revision=revision,
        kind=kind,
        thread=thread,
        reply_to=reply_to,
        mentions=mentions,
    )


def a_verdict(label: Label = Label.ON_TOPIC, sure: float = 0.95, *, abstained: bool = False) -> Verdict:
    """A verdict whose likeliest label is `label` with probability `sure`."""
    rest = (1 - sure) / 2
    shares = {name.value: rest for name in Label} | {label.value: sure}
    return Verdict(Probabilities(**shares), f"looks like {label.value}", "test-model", abstained)


ON_TOPIC = a_verdict(Label.ON_TOPIC)
CHATTER = a_verdict(Label.CHATTER)
PITCH = a_verdict(Label.PITCH)
UNSURE = a_verdict(Label.CHATTER, 0.4, abstained=True)
