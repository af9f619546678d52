"""Where state lives, as a unit of work.

`async with store.work() as work:` opens one transaction, `await work.commit()` keeps it, leaving without a commit drops
it. No work is open across a model run or a network call.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from moderation.actions import Action
from moderation.charter import Charter
from moderation.decisions import Decision, Ruling
from moderation.draws import Draw, Occasion
from moderation.exchanges import Exchange
from moderation.ledger import Past
from moderation.messages import Message, MessageKey
from moderation.policy import Policy
from moderation.ports.communities import Community
from moderation.reports import Report


@dataclass(frozen=True, slots=True)
class Stored:
    """A judged message as storage gives it back; `message.text` is empty once the text was forgotten."""

    message: Message
    decision: Decision


class Messages(Protocol):
    """Messages and, for a while, their text."""

    async def add(self, messages: Sequence[Message], keep_text_until: datetime) -> int:
        """Store those whose (key, revision) is not there yet; return how many were new.

        A higher revision replaces text and posts for judgement again; a lower one than the stored is ignored, and so
        is whatever was marked as deleted. Of several revisions in one call only the highest counts.
        """
        ...

    async def get(self, keys: Sequence[MessageKey]) -> list[Message | None]:
        """The newest revision of each, in order of `keys`; None for one unknown or deleted."""
        ...

    async def unjudged(self, limit: int, community: Community | None = None) -> list[Message]:
        """Messages whose newest revision has no decision yet, in order of posting; deleted ones are not judged."""
        ...

    async def before(self, message: Message, limit: int) -> list[Message]:
        """Up to `limit` messages that stood in the same place just before, oldest first.

        The same place is the channel without its threads, or the thread with its root; the message that is answered
        (`reply_to`) is put first if it is not among them, where need be instead of the oldest. Deleted messages are
        left out; order is (posted_at, id).
        """
        ...

    async def before_many(self, messages: Sequence[Message], limit: int) -> list[list[Message]]:
        """What `before` gives for each of `messages`, in few statements; they may be each other's context."""
        ...

    async def mark_deleted(self, key: MessageKey) -> None:
        """A person deleted it: drop the text and cancel what waits in the outbox for this message alone.

        What is being sent is not called back. Names and the reasons of its decision go with the text. That it was
        drawn for a ruling stays (see Draws).
        """
        ...

    async def last_posted(self, community: Community) -> Mapping[str, datetime]:
        """For each channel the time of its latest stored message, to fetch what came after."""
        ...

    async def forget_texts(self, now: datetime) -> int:
        """Drop every text whose time is over (`keep_text_until` <= now), with names and reasons; return how many."""
        ...


class Decisions(Protocol):
    """What was decided; kept for long, without text."""

    async def add(self, decisions: Sequence[Decision], exchanges: Sequence[Exchange]) -> None:
        """Store decisions and the exchanges seen with them. The same (key, revision) again replaces.

        An exchange belongs to the decision on its message: ValueError where that is not among them. Exchanges are
        kept when a decision is replaced, and the same one again counts once.
        """
        ...

    async def get(self, key: MessageKey) -> Decision | None:
        """The decision on the newest revision that has one."""
        ...

    def all(self, community: Community, since: datetime | None = None) -> AsyncIterator[Stored]:
        """Every decision with its message in order of (posted_at, id), streamed; actions and reasons included.

        An edited message comes once for each decision on it, always as its newest revision. Where no message is
        stored, what the decision knows stands for it.
        """
        ...

    def bare(
        self, community: Community, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[Stored]:
        """What `all` gives from `since` until just before `until`, fast: without anything that people wrote.

        Text, names, roles, mentions and attachments of the messages are empty, and so are why and reasons of the decisions.
        """
        ...

    async def count(self, community: Community) -> int:
        """How many decisions are stored."""
        ...

    async def past(self, community: Community, before: datetime) -> Past:
        """Counts of judged posts, exchanges given and received from before a moment, and who was ever told what."""
        ...


class DeliveryState(StrEnum):
    """Where an action stands."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENDING = "sending"
    DONE = "done"
    GONE = "gone"
    REFUSED = "refused"
    LOST = "lost"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One action in the outbox. `marker` is unique in its community: a second one with it is not added.

    `tries` counts earlier attempts; `result` is what the platform gave back (an id, a reason).
    """

    id: int
    community: Community
    channel: str
    action: Action
    due_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    tries: int = 0
    result: str = ""

    @property
    def marker(self) -> str:
        """The name by which a retry finds what was done."""
        return self.action.marker


class Outbox(Protocol):
    """Actions that wait to be done, one channel's in order."""

    async def add(
        self, community: Community, channel: str, action: Action, due_at: datetime, about: str = ""
    ) -> bool:
        """Put an action in unless its marker is there; `about` is the message that cancels it when deleted.

        `about` is the message's id where the action is for its own channel, else a `channel/message` name.
        """
        ...

    async def claim(self, now: datetime, limit: int, lease_until: datetime) -> list[Delivery]:
        """Take due actions, oldest first, at most one per channel at a time; a lapsed lease can be taken again.

        Oldest is by (due_at, id). A channel in which something is claimed or being sent gives nothing until then.
        A delivery whose earlier claimer died in `sending` comes back in state SENDING, so that the caller can see it.
        """
        ...

    async def begin(self, delivery: int, lease: datetime, until: datetime) -> Delivery | None:
        """Take up what was claimed until `lease`: SENDING until `until`, which is its lease from then on; one more try.

        Returns it as it is by now. None where it is not in our hands any more: cancelled, erased, or claimed by another.
        """
        ...

    async def mark(
        self, delivery: int, state: DeliveryState, result: str = "", lease: datetime | None = None
    ) -> bool:
        """Record how it stands, replacing the result; `tries` grows when it becomes SENDING.

        With `lease` only while it is held until then and by nobody else; returns whether anything was recorded.
        """
        ...

    async def postpone(
        self, delivery: int, due_at: datetime, why: str, lease: datetime | None = None
    ) -> bool:
        """Back to WAITING until `due_at`; `why` becomes the result. `lease` and what is returned are as in `mark`."""
        ...

    async def find(self, community: Community, marker: str) -> Delivery | None:
        """The delivery with this marker."""
        ...

    async def beginning(
        self, community: Community, prefix: str, since: datetime | None = None
    ) -> list[Delivery]:
        """The deliveries whose marker begins with `prefix` (no wildcards in it), in order of id; those due at `since` or later."""
        ...

    async def all(self, community: Community) -> list[Delivery]:
        """Every delivery, in order of id."""
        ...


class MoveState(StrEnum):
    """How far one post's move has come.

    DELETING is kept before the original is deleted, so that its disappearance is known to be ours. STAYED: the copy
    is there and the original too. UNDONE: back where it was, or never left it.
    """

    COPYING = "copying"
    COPIED = "copied"
    DELETING = "deleting"
    MOVED = "moved"
    STAYED = "stayed"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class MovedPost:
    """One post of a move: where its copy is, and how far it has come. `move` is the marker of the move.

    `revision` is the one that was copied: a higher one on the platform is the author's edit in mid-move.
    """

    move: str
    original: MessageKey
    author: str
    to_channel: str
    state: MoveState
    copy: str = ""
    revision: int = 0


class Moves(Protocol):
    """Posts that are or were being moved; what an undo needs."""

    async def put(self, community: Community, posts: Sequence[MovedPost]) -> None:
        """Store or replace, by (move, original)."""
        ...

    async def of(self, community: Community, move: str) -> list[MovedPost]:
        """All posts of a move, in the order in which they were put first."""
        ...

    async def with_original(self, original: MessageKey) -> list[MovedPost]:
        """Every move that this message takes or took part in, in the order in which they were put first."""
        ...

    async def with_copy(self, community: Community, copy: str) -> list[MovedPost]:
        """The posts whose copy has this id, in the order in which they were put first."""
        ...


class Rulings(Protocol):
    """What people said about nudges and cards; kept for long, without text."""

    async def add(self, community: Community, ruling: Ruling) -> None:
        """Store it; the same (subject, what, by, at) again changes nothing."""
        ...

    async def of(self, community: Community, subject: str) -> list[Ruling]:
        """The rulings on one subject, in order of (at, by)."""
        ...

    def all(self, community: Community, since: datetime | None = None) -> AsyncIterator[Ruling]:
        """Every ruling from `since` on, in order of (at, by), streamed."""
        ...


class Draws(Protocol):
    """Messages drawn at random for a ruling; kept for long, without text.

    A draw outlives its message. Authors delete what they are told off for, and spammers what was spotted: were their
    draws dropped, or only those that nobody ruled on, what is left would no longer be a random sample. A deleted
    message stays drawn and, unless somebody ruled on it before, unruled, which counts as wrong: the honest side.
    """

    async def add(self, draws: Sequence[Draw]) -> None:
        """Store them, one for each key and occasion: the first stays.

        What was drawn is never drawn again, neither by a later verdict nor by an edit: whoever edits what was flagged
        wrongly would take it out of its place in the order of drawing, and the bets on the rest would no longer hold.
        """
        ...

    async def of(self, community: Community, subject: str) -> Draw | None:
        """The draw that rulings on `subject` are about."""
        ...

    async def get(self, keys: Sequence[MessageKey], occasion: Occasion) -> list[Draw | None]:
        """The draw of each message for an occasion, in order of `keys`; None for one that was not drawn for it."""
        ...

    def all(
        self, community: Community, since: datetime | None = None, occasion: Occasion | None = None
    ) -> AsyncIterator[Draw]:
        """Every draw from `since` on in order of (drawn_at, channel, message, occasion), streamed; deleted ones too."""
        ...

    async def first(
        self, community: Community, since: datetime | None = None, occasion: Occasion | None = None
    ) -> Draw | None:
        """The first that `all` gives."""
        ...

    async def waiting(
        self, community: Community, occasion: Occasion, limit: int, since: datetime | None = None
    ) -> list[Draw]:
        """Up to `limit` draws from `since` on that a moderator can still be asked about, in the order of `all`.

        Those are the ones on which no moderator has said anything since they were drawn (NOT_NOW says nothing), but
        for messages that are marked as deleted: nobody can look at those any more.
        """
        ...


class Reports(Protocol):
    """Pitches that members told of, with their text for a while."""

    async def add(self, community: Community, report: Report, keep_until: datetime) -> None:
        """Store it; a second one of the same member at the same moment changes nothing."""
        ...

    async def all(self, community: Community) -> list[Report]:
        """Every report that is kept, in order of (at, reporter)."""
        ...

    async def forget(self, now: datetime) -> int:
        """Drop every report whose time is over (`keep_until` <= now); return how many."""
        ...


class Communities(Protocol):
    """Charter and policy of each community, every version."""

    async def publish(self, community: Community, charter: Charter, policy: Policy, at: datetime) -> None:
        """Make these current; the same two again change nothing."""
        ...

    async def current(self, community: Community) -> tuple[Charter, Policy] | None:
        """What is in force, or None before set-up."""
        ...

    async def all(self) -> list[Community]:
        """Every community with a charter."""
        ...

    async def opt_out(self, community: Community, member: str, *, silent: bool) -> None:
        """A member wants no more nudges (or wants them again)."""
        ...

    async def opted_out(self, community: Community, members: Collection[str]) -> set[str]:
        """Which of these members want no more nudges."""
        ...

    async def choose_direct(self, community: Community, member: str, *, direct: bool) -> None:
        """A member wants what is said to them alone as a direct message (or no longer)."""
        ...

    async def chose_direct(self, community: Community, members: Collection[str]) -> set[str]:
        """Which of these members want direct messages."""
        ...

    async def erase_member(self, community: Community, member: str) -> None:
        """Erase one person everywhere: texts, decisions, exchanges, actions about them, moves, rulings, draws, choices, reports.

        Rulings are those by this person and those on their posts; draws are those of their posts, although that may
        take evidence away: the right to be forgotten goes before. Actions that also concern others are kept without
        this person, and so is the deletion of a line that speaks to them. A move without this person may have another marker; the outbox and the moved posts then go by the
        new one.
        """
        ...

    async def erase(self, community: Community) -> None:
        """Erase one community everywhere, its charter included."""
        ...


class Work(Protocol):
    """One transaction over all repositories."""

    @property
    def messages(self) -> Messages: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def moves(self) -> Moves: ...
    @property
    def rulings(self) -> Rulings: ...
    @property
    def draws(self) -> Draws: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def communities(self) -> Communities: ...

    async def commit(self) -> None:
        """Keep everything done in this work."""
        ...


class Store(Protocol):
    """Where state lives."""

    def work(self) -> AbstractAsyncContextManager[Work]:
        """Open a transaction; it is rolled back unless committed.

        It begins with the first thing written: until then each read sees what is committed. Writers may have to take
        turns, so a task that has written in one work commits or leaves it before it writes in another (RuntimeError
        where it would wait for itself).
        """
        ...
