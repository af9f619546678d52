"""Decided messages without anything that is sealed, read in bulk: nothing is decrypted, and what repeats is made once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, and_, select, type_coerce

from moderation.decisions import Decision, Outcome, Probabilities, Verdict
from moderation.messages import Author, Kind, Message, MessageKey
from moderation.ports import Community, Stored
from moderation.storage.cleaning import clean_id
from moderation.storage.encoding import unpack_actions
from moderation.storage.places import of_community
from moderation.storage.rows import KEY, bare_message
from moderation.storage.tables import EPOCH, decisions, messages

OUTCOMES = {outcome.value: outcome for outcome in Outcome}
KINDS = {kind.value: kind for kind in Kind}

# Times as the database has them: what converts them row by row takes longer than all the rest of reading a row.
POSTED_AT, DECIDED_AT, SENT_AT = (
    type_coerce(column, BigInteger)
    for column in (decisions.c.posted_at, decisions.c.decided_at, messages.c.posted_at)
)
OF_DECISION = (
    *(
        "channel",
        "message",
        "revision",
        "author",
        "thread",
        "outcome",
        "on_topic",
        "chatter",
        "pitch",
        "model",
    ),
    *("abstained", "actions", "charter_version", "stretch", "skipped", "held_back"),
)
OF_MESSAGE = ("revision", "author", "is_bot", "kind", "thread", "reply_to")


def select_bare(community: Community, until: datetime | None) -> Select[*tuple[Any, ...]]:
    """Decisions of a community with what stands unsealed about their messages, as `BareRows` reads them."""
    same = and_(*(messages.c[name] == decisions.c[name] for name in KEY))
    own = (decisions.c[name] for name in OF_DECISION)
    sent = (messages.c[name] for name in OF_MESSAGE)
    statement = (
        select(POSTED_AT, DECIDED_AT, *own, SENT_AT, *sent)
        .select_from(decisions.outerjoin(messages, same))
        .where(of_community(decisions, community))
    )
    return statement if until is None else statement.where(decisions.c.posted_at < until)


class BareRows:
    """Turns rows of `select_bare` into what the ports give. Each author is made once, however much they wrote."""

    def __init__(self, community: Community) -> None:
        self._platform, self._community = community.platform, clean_id(community.id)
        self._authors: dict[tuple[str, bool], Author] = {}

    def read(self, page: Iterable[Any]) -> Iterator[Stored]:
        """Each row's message and decision. Raises DatabaseTooNew for an action that this program does not know."""
        # Positions, not names: what is done here is done a hundred thousand times.
        for (
            posted_at,
            decided_at,
            channel,
            name,
            *of_decision,
            sent_at,
            revision,
            author,
            is_bot,
            kind,
            thread,
            reply_to,
        ) in page:
            key = MessageKey(self._platform, self._community, channel, name)
            posted = EPOCH + timedelta(microseconds=posted_at)
            decided = posted if decided_at == posted_at else EPOCH + timedelta(microseconds=decided_at)
            decision = _decision(key, posted, decided, *of_decision)
            if sent_at is None:
                yield Stored(bare_message(decision), decision)
                continue
            sent = posted if sent_at == posted_at else EPOCH + timedelta(microseconds=sent_at)
            by = self._authors.get((author, is_bot)) or self._author(author, is_bot)
            message = Message(key, by, "", sent, "", revision, KINDS[kind], thread or None, reply_to)
            yield Stored(message, decision)

    def _author(self, name: str, is_bot: bool) -> Author:
        made = self._authors[name, is_bot] = Author(name, "", is_bot)
        return made


def _decision(
    key: MessageKey,
    posted_at: datetime,
    decided_at: datetime,
    revision: int,
    author: str,
    thread: str,
    outcome: str,
    on_topic: float,
    chatter: float,
    pitch: float,
    model: str | None,
    abstained: bool,
    actions: str | None,
    charter_version: str,
    stretch: str | None,
    skipped: str | None,
    held_back: bool,
) -> Decision:
    return Decision(
        key,
        revision,
        author,
        posted_at,
        thread or None,
        OUTCOMES[outcome],
        None if model is None else Verdict(Probabilities(on_topic, chatter, pitch), "", model, abstained),
        (),
        unpack_actions(actions) if actions else (),
        charter_version,
        decided_at,
        stretch,
        skipped,
        held_back,
    )
