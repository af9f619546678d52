"""What the in-memory store holds, and the arithmetic on it that needs no transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from moderation.charter import Charter
from moderation.decisions import Decision, Ruled, Ruling
from moderation.draws import Draw, Occasion
from moderation.exchanges import Exchange
from moderation.messages import Author, Message, MessageKey
from moderation.policy import Policy
from moderation.ports import Community, Delivery, DeliveryState, MovedPost, community_of
from moderation.reports import Report
from moderation.storage.cleaning import clean_id, clean_text

T = TypeVar("T")
RulingName = tuple[Community, str, Ruled, str, datetime]


@dataclass(frozen=True, slots=True)
class Kept:
    """A message and what storage knows besides."""

    message: Message
    keep_text_until: datetime
    has_text: bool = True
    deleted: bool = False
    waiting: bool = True

    def without_text(self) -> Kept:
        """Only ids and times are left."""
        author = Author(self.message.author.id, "", self.message.author.is_bot)
        bare = replace(self.message, author=author, text="", channel_name="", mentions=(), attachments=())
        return replace(self, message=bare, has_text=False)


@dataclass(frozen=True, slots=True)
class Queued:
    """A delivery and what storage knows besides."""

    delivery: Delivery
    about: str
    lease_until: datetime | None = None

    def is_ready(self, now: datetime) -> bool:
        """Due, and in nobody's hands."""
        lapsed = self.is_leased and self.lease_until is not None and self.lease_until <= now
        return self.delivery.due_at <= now and (self.delivery.state is DeliveryState.WAITING or lapsed)

    def is_busy(self, now: datetime) -> bool:
        """In somebody's hands."""
        return self.is_leased and self.lease_until is not None and self.lease_until > now

    @property
    def is_leased(self) -> bool:
        return self.delivery.state in (DeliveryState.CLAIMED, DeliveryState.SENDING)

    @property
    def channel(self) -> tuple[Community, str]:
        return self.delivery.community, self.delivery.channel


@dataclass(slots=True)
class State:
    """Everything stored. Values never change, so that a copy of the dictionaries is a copy of all."""

    messages: dict[MessageKey, Kept] = field(default_factory=dict)
    decisions: dict[tuple[MessageKey, int], Decision] = field(default_factory=dict)
    exchanges: dict[tuple[MessageKey, str, str], Exchange] = field(default_factory=dict)
    outbox: dict[int, Queued] = field(default_factory=dict)
    last_delivery: int = 0
    moves: dict[tuple[Community, str, MessageKey], MovedPost] = field(default_factory=dict)
    rulings: dict[RulingName, Ruling] = field(default_factory=dict)
    draws: dict[tuple[MessageKey, Occasion], Draw] = field(default_factory=dict)
    charters: dict[Community, tuple[tuple[Charter, Policy], ...]] = field(default_factory=dict)
    opt_outs: dict[tuple[Community, str], bool] = field(default_factory=dict)
    direct_messages: dict[tuple[Community, str], bool] = field(default_factory=dict)

    reports: dict[tuple[Community, str, datetime], tuple[Report, datetime]] = field(default_factory=dict)

    def copy(self) -> State:
        """A state whose changes do not show in this one."""
        copies: dict[str, Any] = {
            one.name: dict(getattr(self, one.name)) for one in fields(self) if one.name != "last_delivery"
        }
        return replace(self, **copies)

    def messages_of(self, community: Community) -> list[Kept]:
        return [kept for key, kept in self.messages.items() if community_of(key) == community]

    def decisions_of(self, community: Community) -> list[Decision]:
        return [decision for (key, _), decision in self.decisions.items() if community_of(key) == community]

    def queued_of(self, community: Community) -> list[Queued]:
        return [queued for queued in self.outbox.values() if queued.delivery.community == community]

    def forget_notes(self, keys: Iterable[MessageKey] | None = None) -> None:
        """Drop why and reasons of these messages' decisions, or of all whose message has no text any more."""
        chosen = None if keys is None else set(keys)
        for (key, revision), decision in list(self.decisions.items()):
            kept = self.messages.get(key)
            if key in chosen if chosen is not None else kept is None or not kept.has_text:
                verdict = decision.verdict and replace(decision.verdict, why="")
                self.decisions[key, revision] = replace(decision, verdict=verdict, reasons=())


def cleaned(value: T) -> T:
    """A domain value as every store gives it back: no lone surrogates, and no NUL in a message's key."""
    result: T = _cleaned(value)
    return result


def _cleaned(value: Any) -> Any:
    if type(value) is str:
        return clean_text(value)
    if isinstance(value, tuple):
        return tuple(_cleaned(part) for part in value)
    if isinstance(value, MessageKey):
        ids: dict[str, Any] = {
            name: clean_id(getattr(value, name)) for name in ("community", "channel", "message")
        }
        return replace(value, **ids)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{one.name: _cleaned(getattr(value, one.name)) for one in fields(value) if one.init}
        )
    return value
