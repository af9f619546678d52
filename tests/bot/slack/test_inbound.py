"""What Slack tells as our own messages: the same that a replay of its export makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history import slack_messages
from bot.history.mrkdwn import Names
from bot.history.slack_messages import Workspace
from bot.history.times import slack_time
from bot.slack.inbound import (
    HIGHEST_REVISION,
    Deleted,
    Posted,
    channels_in,
    message_from,
    people_in,
    revision_of,
    told,
)
from moderation.messages import Author, Channel, Kind

TS = "1767225600.000200"
BENCH = Channel("C0BENCH00", "bench")
WORKSPACE = Workspace(
    "T0BENCH00",
    {"U0ANN0000": Author("U0ANN0000", "ann"), "U0BOT0000": Author("U0BOT0000", "steward", is_bot=True)},
    Names({"U0ANN0000": "ann"}, {"C0TEA0000": "tea"}),
)


def a_post(**more: object) -> dict[str, object]:
    post = {"type": "message", "channel": "C0BENCH00", "channel_type": "channel", "user": "U0ANN0000"}
    return {**post, "ts": TS, "text": "oak &amp; ash, <@U0ANN0000>, see <#C0TEA0000>", **more}


def test_a_post_reads_as_people_see_it() -> None:
    found = message_from(a_post(), BENCH, WORKSPACE)
    assert found.text == "oak & ash, @ann, see #tea"
    assert (found.author.name, found.mentions, found.kind) == ("ann", ("U0ANN0000",), Kind.POST)
    assert str(found.key) == f"slack:T0BENCH00:C0BENCH00:{TS}"


@given(
    st.dictionaries(
        st.sampled_from(["subtype", "thread_ts", "bot_id", "username", "blocks", "files", "hidden", "text"]),
        st.sampled_from(
            ["", "bot_message", "channel_join", TS, "1767225000.000100", "<!channel>", True, [], [{}]]
        ),
    )
)
def test_an_event_and_a_row_of_an_export_are_the_same_message(more: dict[str, object]) -> None:
    row, at = a_post(**more), slack_time(TS)
    assert at is not None
    assert message_from(row, BENCH, WORKSPACE) == slack_messages.message_from(row, at, BENCH, WORKSPACE)


@pytest.mark.parametrize(
    "edited, revision",
    [
        (None, 0),
        ("1767225600.000000", 1),
        ("1767225601.000000", 10),
        ("1767225602.000000", 20),
        ("9999999999.000000", HIGHEST_REVISION),
    ],
)
def test_the_revision_of_an_edit_rises_with_its_time(edited: str | None, revision: int) -> None:
    row = a_post(**({"edited": {"user": "U0ANN0000", "ts": edited}} if edited else {}))
    assert revision_of(row) == revision
    assert message_from(row, BENCH, WORKSPACE) == replace(
        message_from(a_post(), BENCH, WORKSPACE), revision=revision
    )


def test_what_an_event_tells() -> None:
    post = a_post()
    assert told(post) == Posted("C0BENCH00", post)
    changed = a_post(subtype="message_changed", message=post, ts="1767225700.000000", hidden=True)
    assert told(changed) == Posted("C0BENCH00", post)
    stone = {**post, "subtype": "tombstone"}
    assert told({**changed, "message": stone}) == Deleted("C0BENCH00", TS)
    assert told(a_post(subtype="message_deleted", deleted_ts=TS)) == Deleted("C0BENCH00", TS)


@pytest.mark.parametrize(
    "more",
    [
        {"channel_type": "im"},
        {"channel_type": "mpim"},
        {"subtype": "message_replied", "message": {"ts": TS}},
        {"is_ephemeral": True},
        {"ts": "soon"},
        {"channel": ""},
        {"subtype": "message_deleted"},
    ],
)
def test_what_is_nothing_to_us(more: dict[str, object]) -> None:
    assert told(a_post(**more)) is None


def test_what_names_a_message_needs() -> None:
    row = a_post(text="<@U0BEN0000|ben> and <@U0ANN0000> in <#C0TEA0000|tea>")
    assert people_in(row) == ("U0ANN0000", "U0BEN0000")
    assert channels_in(row) == ("C0TEA0000",)
