"""A ledger read again from storage: what one that had never stopped would know.

Counts of the past come from the database; the last weeks' messages are seen again, in the order in which they were
judged. A property test restarts at random points and compares every decision.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from moderation.charter import Charter
from moderation.decisions import Decision, Verdict
from moderation.experiment import was_due
from moderation.ledger import Ledger, Situation
from moderation.lone_posts import WEEK
from moderation.messages import Message, MessageKey
from moderation.policy import Policy
from moderation.ports import Community, Stored, Work

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


async def recall(work: Work, community: Community, charter: Charter, policy: Policy, now: datetime) -> Ledger:
    """The ledger of a community: counts of the past, and the last weeks again."""
    since = await _beginning(work, community, now)
    ledger = Ledger(charter, policy, await work.decisions.past(community, since))
    await _recall(work, ledger, community, since)
    # Exchanges were stored as they were seen; seen again they lack what was answered before the first message here.
    exchanged = await work.decisions.past(community, END_OF_TIME)
    ledger.count_exchanges(exchanged.given, exchanged.received)
    return ledger


def observe(ledger: Ledger, message: Message, verdict: Verdict, now: datetime) -> Situation:
    """Take a message in; but one that was edited long after is no part of what goes on now."""
    if message.revision > 0 and now - message.posted_at > WEEK:
        return ledger.situation(message, now)
    return ledger.observe(message, verdict)


async def _beginning(work: Work, community: Community, now: datetime) -> datetime:
    """From when on a ledger needs to see every message: a week before the next one that will be judged.

    That may be an old one, if a backlog waits; but for an edit of last year's not all of the year is read again.
    """
    newest = max((await work.messages.last_posted(community)).values(), default=now)
    waiting = await work.messages.unjudged(1, community)
    oldest = min([newest, *(message.posted_at for message in waiting)])
    return max(oldest, newest - WEEK) - WEEK


async def _recall(work: Work, ledger: Ledger, community: Community, since: datetime) -> None:
    """Let a ledger see again what was judged, in the order in which it was."""
    seen: set[MessageKey] = set()
    bare: list[MessageKey] = []
    later: list[Stored] = []
    async for found in work.decisions.all(community, since):
        # Only the newest text is known, but what was decided was about the revision of then.
        stored = replace(found, message=replace(found.message, revision=found.decision.revision))
        message, decision = stored.message, stored.decision
        if decision.verdict is None:
            continue
        later = _recall_later(ledger, later, message.posted_at)
        is_edit = message.key in seen
        if not is_edit:
            seen.add(message.key)
            ledger.observe(message, decision.verdict)
            if not message.text and not message.attachments:
                bare.append(message.key)
        if is_edit or was_due(decision):
            later.append(stored)
        else:
            _recall_decision(ledger, decision)
    _recall_later(ledger, later)
    for key, there in zip(bare, await work.messages.get(bare), strict=True):
        if there is None:  # deleted
            ledger.withdraw(key.channel, key.message)


def _recall_later(ledger: Ledger, later: list[Stored], until: datetime | None = None) -> list[Stored]:
    """Edits and talks that had settled were decided after their posts: see them again in time. Returns the rest."""
    later = sorted(later, key=lambda stored: stored.decision.decided_at)
    while later and (until is None or later[0].decision.decided_at <= until):
        message, decision = later[0].message, later.pop(0).decision
        if decision.verdict is not None:
            observe(ledger, message, decision.verdict, decision.decided_at)
        _recall_decision(ledger, decision)
    return later


def _recall_decision(ledger: Ledger, decision: Decision) -> None:
    ledger.note(decision)
    # What was due by then was decided too: decided again it would be out of date.
    ledger.due(decision.decided_at)
