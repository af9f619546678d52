"""The straight line: receive, judge, deliver. Read this first.

::

    receive   a message is stored unless (key, revision) is there already            commit 1
    judge     context, classifier, decide(); decision and actions are stored         commit 2
    deliver   an action is claimed from the outbox and done (moderation.delivery)    commit 3

A crash between any two commits loses nothing: what is stored and unjudged is judged by `sweep`, what is due is
delivered. No transaction is open while the classifier or a platform works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from moderation import delivery, rulings
from moderation.charter import Charter
from moderation.conversation import CONTEXT_LINES, context_of
from moderation.decisions import Decision, Verdict
from moderation.delivery import Delivered, deleted_by_us
from moderation.ledger import WEEK, Due, Exchange, Ledger, Situation
from moderation.messages import Message, MessageKey
from moderation.notices import Answer
from moderation.policy import Policy, decide, skip, skip_reason
from moderation.ports import (
    Button,
    ChatPlatform,
    Classifier,
    Clock,
    Community,
    Press,
    Question,
    Store,
    Work,
    community_of,
)

BATCH = 64
"""Messages judged in one go: large enough to share the transactions, small enough to stay prompt."""


class Pipeline:
    """Receives and judges for all communities of one process.

    `text_kept_from` replaces the message's own time as the start of retention (a replay of old history keeps texts
    from the day of the replay); `keep_skipped` also stores a decision for what is not judged, without its text.
    """

    def __init__(
        self,
        store: Store,
        classifier: Classifier,
        clock: Clock,
        *,
        text_kept_from: datetime | None = None,
        keep_skipped: bool = False,
    ) -> None:
        self._store, self._classifier, self._clock = store, classifier, clock
        self._text_kept_from = text_kept_from
        self._keep_skipped = keep_skipped
        self._rules: dict[Community, tuple[Charter, Policy]] = {}
        self._ledgers: dict[Community, Ledger] = {}
        self._judging = asyncio.Lock()

    async def publish(self, community: Community, charter: Charter, policy: Policy, at: datetime) -> None:
        """Put a charter and policy in force for a community."""
        async with self._store.work() as work:
            await work.communities.publish(community, charter, policy, at)
            await work.commit()
        async with self._judging:
            self._rules[community] = (charter, policy)
            self._ledgers.pop(community, None)

    async def receive(self, messages: Sequence[Message]) -> list[Message]:
        """Store what is to be judged (commit 1) and return it. Unwatched channels are not read at all.

        Raises LookupError for a community without a charter.
        """
        judged: list[Message] = []
        skipped: list[Decision] = []
        stubs: list[Message] = []
        for message in messages:
            charter, _ = await self._rules_of(community_of(message.key))
            why = skip_reason(message, charter)
            if why is None:
                judged.append(message)
            elif self._keep_skipped:
                stubs.append(replace(message, text="", attachments=()))
                skipped.append(skip(message, why, charter, self._clock.time_of(message)))
        async with self._store.work() as work:
            await self._keep(work, judged + stubs)
            await work.decisions.add(skipped, ())
            await work.commit()
        return judged

    async def judge(self, messages: Sequence[Message]) -> list[Decision]:
        """Judge stored messages, given in order of posting, and store what follows (commit 2)."""
        decisions: list[Decision] = []
        async with self._judging:
            for start in range(0, len(messages), BATCH):
                decisions += await self._judge_batch(messages[start : start + BATCH])
        return decisions

    async def sweep(self, limit: int = BATCH) -> list[Decision]:
        """Judge what is stored and unjudged, oldest first: after a crash, and whenever a feed lost something."""
        async with self._store.work() as work:
            waiting = await work.messages.unjudged(limit)
        return await self.judge(waiting)

    async def reconsider(self, community: Community, now: datetime) -> list[Decision]:
        """Decide again about stretches that have settled by `now` (commit 2)."""
        async with self._judging:
            ledger = await self._ledger(community)
            decisions = [self._decide_due(ledger, due, due.at) for due in ledger.due(now)]
            if decisions:
                await self._store_decisions(decisions, ())
        return decisions

    async def withdraw(self, key: MessageKey) -> None:
        """A message was deleted: forget its text, cancel what waits for it, take it out of every stretch.

        What we deleted ourselves (a moved post, a pitch that was ruled out) keeps its text, to be brought back.
        """
        async with self._store.work() as work:
            if not await deleted_by_us(work, key):
                await work.messages.mark_deleted(key)
                await work.commit()
        async with self._judging:
            ledger = self._ledgers.get(community_of(key))
            if ledger is not None:
                ledger.withdraw(key.channel, key.message)

    async def answer(self, platform: ChatPlatform, press: Press) -> Answer:
        """Somebody pressed a button: keep what follows, and tell them privately."""
        said = await rulings.answer(self._store, platform, press)
        if press.button is Button.NO_MORE:
            await self.forget_ledger(press.community)
        return said

    async def deliver(self, platform: ChatPlatform) -> Delivered:
        """Do what is due (commit 3), until nothing more is; see moderation.delivery for what an error leads to."""
        total = Delivered()
        while (some := await delivery.deliver(self._store, platform, self._clock.now)).claimed:
            total = total.plus(some)
        return total

    async def forget_ledger(self, community: Community) -> None:
        """Drop the memory of a community, so that it is read again from storage (after an erasure or opt-out)."""
        async with self._judging:
            self._ledgers.pop(community, None)
            self._rules.pop(community, None)

    async def _keep(self, work: Work, messages: Sequence[Message]) -> None:
        """Store messages; each text until its community's retention is over."""
        by_time: dict[datetime, list[Message]] = {}
        for message in messages:
            _, policy = await self._rules_of(community_of(message.key))
            kept_from = self._text_kept_from or self._clock.time_of(message)
            # Whole minutes group the messages of a batch into few statements.
            until = (kept_from + timedelta(days=policy.retention_days)).replace(second=0, microsecond=0)
            by_time.setdefault(until, []).append(message)
        for until, group in by_time.items():
            await work.messages.add(group, until)

    async def _judge_batch(self, messages: Sequence[Message]) -> list[Decision]:
        questions = await self._questions(messages)
        verdicts = await self._classifier.judge(questions)
        decisions: list[Decision] = []
        exchanges: list[Exchange] = []
        for message, verdict in zip(messages, verdicts, strict=True):
            ledger = await self._ledger(community_of(message.key))
            decisions += [
                self._decide_due(ledger, due, due.at) for due in ledger.due(self._clock.time_of(message))
            ]
            situation = ledger.observe(message, verdict)
            exchanges += situation.exchanges
            decisions.append(self._decide(ledger, message, verdict, situation, self._clock.time_of(message)))
        await self._store_decisions(decisions, exchanges)
        return decisions

    async def _questions(self, messages: Sequence[Message]) -> list[Question]:
        async with self._store.work() as work:
            earlier = await work.messages.before_many(messages, 2 * CONTEXT_LINES)
        questions: list[Question] = []
        for message, lines in zip(messages, earlier, strict=True):
            charter, _ = await self._rules_of(community_of(message.key))
            channel = charter.channel(message.key.channel, message.channel_name)
            context = context_of(message, lines)
            questions.append(
                Question(message.text, charter, channel, context, message.author.name, message.attachments)
            )
        return questions

    def _decide_due(self, ledger: Ledger, due: Due, now: datetime) -> Decision:
        return self._decide(ledger, due.message, due.verdict, ledger.situation(due.message, due.at), now)

    def _decide(
        self, ledger: Ledger, message: Message, verdict: Verdict, situation: Situation, now: datetime
    ) -> Decision:
        decision = decide(
            message, verdict, situation.stretch, situation.record, ledger.charter, ledger.policy, now
        )
        ledger.note(decision)
        return decision

    async def _store_decisions(self, decisions: Sequence[Decision], exchanges: Sequence[Exchange]) -> None:
        """Commit 2. If it fails, memory is ahead of storage: the ledgers are dropped and read again."""
        try:
            async with self._store.work() as work:
                await work.decisions.add(decisions, exchanges)
                for decision in decisions:
                    community = community_of(decision.key)
                    for action in decision.actions:
                        await work.outbox.add(
                            community, decision.key.channel, action, decision.decided_at, decision.key.message
                        )
                await work.commit()
        except BaseException:
            self._ledgers.clear()
            raise

    async def _rules_of(self, community: Community) -> tuple[Charter, Policy]:
        if community not in self._rules:
            async with self._store.work() as work:
                current = await work.communities.current(community)
            if current is None:
                raise LookupError(f"{community} has no charter yet")
            self._rules[community] = current
        return self._rules[community]

    async def _ledger(self, community: Community) -> Ledger:
        """The community's memory, read from storage after a start: counts of the past, and the last week again."""
        if community in self._ledgers:
            return self._ledgers[community]
        charter, policy = await self._rules_of(community)
        async with self._store.work() as work:
            newest = max((await work.messages.last_posted(community)).values(), default=None)
            since = newest - WEEK if newest else self._clock.now()
            ledger = Ledger(charter, policy, await work.decisions.past(community, since))
            async for stored in work.decisions.all(community, since):
                if stored.decision.verdict is not None:
                    # What was due before this message was decided before it: decided again it would be out of date.
                    ledger.due(stored.message.posted_at)
                    ledger.observe(stored.message, stored.decision.verdict)
                    ledger.note(stored.decision)
        self._ledgers[community] = ledger
        return ledger
