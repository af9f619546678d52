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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from moderation import delivery, rulings
from moderation.actions import NudgeStretch
from moderation.charter import Charter
from moderation.conversation import CONTEXT_LINES, context_of
from moderation.copied import note_reply
from moderation.decisions import Decision, Verdict
from moderation.delivery import Delivered, deleted_by_us
from moderation.drawing import Judged, Lots, is_promised, keep_drawn
from moderation.draws import Draw
from moderation.evidence import keep_leave, leave_undrawn
from moderation.exchanges import Exchange
from moderation.ledger import Due, Ledger, Situation
from moderation.messages import Message, MessageKey
from moderation.move_actions import MoveStretch
from moderation.notices import Answer
from moderation.policy import Leave, Policy, decide, skip, skip_reason
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
from moderation.reading import read
from moderation.recall import observe, recall
from moderation.renewing import renew_cards
from moderation.retention import erase_community

BATCH = 64
"""Messages judged in one go: large enough to share the transactions, small enough to stay prompt."""


class Pipeline:
    """Receives and judges for all communities of one process.

    `text_kept_from` replaces the message's own time as the start of retention (a replay of old history keeps texts
    from the day of the replay); `keep_skipped` also stores a decision for what is not judged, without its text. Without
    `explained` reasons stay as short as the classifier gives them at once: for a long history (see `in_full`).

    `lots` is the secret seed by which messages are drawn for rulings; without it a promise keeps the line silent, since nobody could
    ever tell whether it is kept. To `rehearse` is to draw nothing and to act as if every promise were kept.
    """

    def __init__(
        self,
        store: Store,
        classifier: Classifier,
        clock: Clock,
        *,
        text_kept_from: datetime | None = None,
        keep_skipped: bool = False,
        explained: bool = True,
        lots: str = "",
        rehearse: bool = False,
    ) -> None:
        self._store, self._classifier, self._clock = store, classifier, clock
        self._text_kept_from = text_kept_from
        self._keep_skipped, self._explained = keep_skipped, explained
        self._lots = Lots(lots) if lots and not rehearse else None
        self._rehearse = rehearse
        self._rules: dict[Community, tuple[Charter, Policy]] = {}
        self._zones: dict[str, ZoneInfo] = {}
        self._ledgers: dict[Community, Ledger] = {}
        self._judging = asyncio.Lock()

    async def publish(self, community: Community, charter: Charter, policy: Policy, at: datetime) -> None:
        """Put a charter and policy in force for a community."""
        await self._know_zone(policy.time_zone)
        async with self._store.work() as work:
            await work.communities.publish(community, charter, policy, at)
            await work.commit()
        async with self._judging:
            self._rules[community] = (charter, policy)
            self._ledgers.pop(community, None)

    async def follow(self, community: Community) -> None:
        """Take up a charter that another process published; to be called now and then."""
        known = self._rules.get(community)
        async with self._store.work() as work:
            current = await work.communities.current(community)
        if known is not None and known != current:
            await self.forget_ledger(community)  # both are read again when they are needed

    async def receive(self, messages: Sequence[Message]) -> list[Message]:
        """Store what is to be judged (commit 1) and return what of it still is. Unwatched channels are not read at all.

        Raises LookupError for a community without a charter, or one that was erased meanwhile: then nothing of it is stored.
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
            new = await self._keep(work, judged)
            if new < len(judged):
                waiting = await _waiting(work, judged)
                judged = [message for message in dict.fromkeys(judged) if _name(message) in waiting]
            await self._keep(work, stubs)
            await work.decisions.add(skipped, ())
            for message in judged:
                if message.reply_to is not None:
                    _, policy = await self._rules_of(community_of(message.key))
                    await note_reply(work, message, policy, self._clock.time_of(message))
            # Asked once we have written, when no other writer can come between: what is erased stays erased.
            told = {community_of(message.key) for message in (*judged, *stubs)}
            if told and (erased := told.difference(await work.communities.all())):
                raise LookupError(f"{', '.join(map(str, erased))}: no charter any more")
            await work.commit()
        return judged

    async def judge(self, messages: Sequence[Message]) -> list[Decision]:
        """Judge stored messages, given in order of posting, and store what follows (commit 2).

        What was decided, edited or deleted meanwhile is passed over.
        """
        decisions: list[Decision] = []
        async with self._judging:
            for start in range(0, len(messages), BATCH):
                decisions += await self._judge_batch(messages[start : start + BATCH])
        return decisions

    async def in_full(self, messages: Sequence[Message], verdicts: Sequence[Verdict]) -> list[Verdict]:
        """The verdicts of stored messages with all that can be said for them; nothing is stored."""
        return await self._classifier.explain(await self._questions(messages), verdicts)

    async def sweep(self, limit: int = BATCH) -> list[Decision]:
        """Judge what is stored and unjudged, oldest first: after a crash, and whenever a feed lost something."""
        async with self._store.work() as work:
            waiting = await work.messages.unjudged(limit)
            found = {community_of(message.key) for message in waiting}
            erased = found.difference(await work.communities.all()) if found else set()
        for community in erased:  # nothing should be left of it, and nobody could judge it
            await erase_community(self._store, community)
            await self.forget_ledger(community)
        return await self.judge([each for each in waiting if community_of(each.key) not in erased])

    async def reconsider(self, community: Community, now: datetime) -> list[Decision]:
        """Decide again about stretches that have settled by `now` (commit 2)."""
        async with self._judging:
            ledger = await self._ledger(community)
            with self._in_step_with_storage():
                decisions = [self._decide_due(ledger, due, due.at) for due in ledger.due(now)]
                if decisions:
                    await self._store_decisions(decisions, ())
        return decisions

    async def keep_promise(self, community: Community, now: datetime) -> Leave:
        """Work out again what the evidence permits, and return it; moderators are told once where that changed.

        To be called now and then, for a drawn message that nobody ruled on counts after moderation.promise.PATIENCE.
        """
        async with self._judging:
            charter, policy = await self._rules_of(community)
            leave = await self._leave(community, charter, policy, now)
            ledger = self._ledgers.get(community)
            if ledger is not None and ledger.policy.leave != leave:
                # What is casual may be another question now: the talks are read again under it, as after a start.
                del self._ledgers[community]
        return leave

    async def withdraw(self, *keys: MessageKey) -> None:
        """Messages were deleted: forget their texts, cancel what waits for them, take them out of every stretch.

        What we deleted ourselves (a moved post, a pitch that was ruled out) keeps its text, to be brought back, and
        its place in the talk.
        """
        await self.take_out(await self.forget(keys))

    async def forget(self, keys: Sequence[MessageKey]) -> list[MessageKey]:
        """The part of `withdraw` that waits for nothing: the texts go. Returns which of them people deleted, for `take_out`."""
        async with self._store.work() as work:
            theirs = [key for key in keys if not await deleted_by_us(work, key)]
            for key in theirs:
                await work.messages.mark_deleted(key)
                await renew_cards(work, key, self._clock.now())
            await work.commit()
        return theirs

    async def take_out(self, keys: Sequence[MessageKey]) -> None:
        """The part of `withdraw` that waits for messages that are just being judged."""
        if not keys:
            return
        async with self._judging:
            # A batch that was being judged meanwhile may have decided something about them.
            await self.forget(keys)
            for key in keys:
                ledger = self._ledgers.get(community_of(key))
                if ledger is not None:
                    ledger.withdraw(key.channel, key.message)

    async def answer(self, platform: ChatPlatform, press: Press) -> Answer:
        """Somebody pressed a button: keep what follows, and tell them privately; raises PlatformError from the telling."""
        said = await self.rule(press)
        await rulings.tell(self._store, platform, press, said)
        return said

    async def rule(self, press: Press) -> Answer:
        """Somebody pressed a button: keep what follows, and return what they are to be told, by whoever can answer them.

        It waits for messages that are just being judged, so a platform that wants an answer at once is told first that one will come.
        """
        said = await rulings.rule(self._store, press)
        if press.button is Button.NO_MORE:
            await self.forget_ledger(press.community)
        elif self._lots is not None and rulings.is_evidence(press, said):
            await self.keep_promise(press.community, self._clock.now())
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

    async def _keep(self, work: Work, messages: Sequence[Message]) -> int:
        """Store messages, each text until its community's retention is over; how many were new."""
        by_time: dict[datetime, list[Message]] = {}
        for message in messages:
            _, policy = await self._rules_of(community_of(message.key))
            kept_from = self._text_kept_from or self._clock.time_of(message)
            # Whole minutes group the messages of a batch into few statements.
            until = (kept_from + timedelta(days=policy.retention_days)).replace(second=0, microsecond=0)
            by_time.setdefault(until, []).append(message)
        return sum([await work.messages.add(group, until) for until, group in by_time.items()])

    async def _judge_batch(self, messages: Sequence[Message]) -> list[Decision]:
        questions = await self._questions(messages)
        verdicts = await read(self._classifier, questions, explained=self._explained)
        async with self._store.work() as work:
            waiting = await _waiting(work, messages)
        decisions: list[Decision] = []
        exchanges: list[Exchange] = []
        judged: dict[Community, list[Judged]] = {}
        with self._in_step_with_storage():
            for message, verdict in zip(messages, verdicts, strict=True):
                if _name(message) not in waiting:
                    continue
                waiting.remove(_name(message))
                ledger = await self._ledger(community_of(message.key))
                now = self._clock.time_of(message)
                if verdict is None:
                    decisions.append(skip(message, "it could not be read", ledger.charter, now))
                    continue
                decisions += [self._decide_due(ledger, due, due.at) for due in ledger.due(now)]
                situation = observe(ledger, message, verdict, now)
                exchanges += situation.exchanges
                decision = self._decide(ledger, message, verdict, situation, now)
                decisions.append(decision)
                judged.setdefault(community_of(message.key), []).append((message, decision))
            if decisions:
                await self._store_decisions(decisions, exchanges, judged)
        return decisions

    @contextmanager
    def _in_step_with_storage(self) -> Iterator[None]:
        """If anything fails in here, memory is ahead of storage: the ledgers are dropped and read again."""
        try:
            yield
        except BaseException:
            self._ledgers.clear()
            raise

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

    async def _store_decisions(
        self,
        decisions: Sequence[Decision],
        exchanges: Sequence[Exchange],
        judged: Mapping[Community, Sequence[Judged]] | None = None,
    ) -> None:
        """Commit 2. Of what was just `judged`, some is drawn."""
        judged = judged or {}
        draws = await self._draws_of(judged)
        async with self._store.work() as work:
            await work.decisions.add(decisions, exchanges)
            for decision in decisions:
                community, channel = community_of(decision.key), decision.key.channel
                for action in decision.actions:
                    # What is said to a whole talk does not hang on its latest post.
                    to_all = isinstance(action, NudgeStretch | MoveStretch)
                    about = "" if to_all else decision.key.message
                    await work.outbox.add(community, channel, action, decision.decided_at, about)
            await keep_drawn(work, draws, [decision for those in judged.values() for _, decision in those])
            await work.commit()

    async def _draws_of(self, judged: Mapping[Community, Sequence[Judged]]) -> list[Draw]:
        """What is drawn of what was just judged; in a work of its own, since a new week's plan takes a while to read."""
        lots, draws = self._lots, list[Draw]()
        rules = {community: await self._rules_of(community) for community in judged}
        promised = [community for community, (_, policy) in rules.items() if is_promised(policy)]
        if lots is None or not promised:
            return draws
        async with self._store.work() as work:
            for community in promised:
                draws += await lots.draw(
                    work, community, judged[community], *rules[community], self._classifier.version
                )
        return draws

    async def _rules_of(self, community: Community) -> tuple[Charter, Policy]:
        if community not in self._rules:
            async with self._store.work() as work:
                current = await work.communities.current(community)
            if current is None:
                raise LookupError(f"{community} has no charter yet")
            await self._know_zone(current[1].time_zone)
            self._rules[community] = current
        return self._rules[community]

    async def _know_zone(self, name: str) -> None:
        """Read a time zone, which stands in a file, off the event loop; while held here, policies find it in memory."""
        if name not in self._zones:
            self._zones[name] = await asyncio.to_thread(ZoneInfo, name)

    async def _ledger(self, community: Community) -> Ledger:
        """The community's memory, read from storage after a start."""
        if community not in self._ledgers:
            charter, policy = await self._rules_of(community)
            policy = replace(policy, leave=await self._leave(community, charter, policy, self._clock.now()))
            async with self._store.work() as work:
                self._ledgers[community] = await recall(work, community, charter, policy, self._clock.now())
        return self._ledgers[community]

    async def _leave(self, community: Community, charter: Charter, policy: Policy, now: datetime) -> Leave:
        if self._rehearse:
            return Leave()
        if self._lots is None:
            return leave_undrawn(policy)
        async with self._store.work() as work:
            leave = await keep_leave(work, community, charter, policy, self._classifier.version, now)
            await work.commit()
        return leave


def _name(message: Message) -> tuple[MessageKey, int]:
    return message.key, message.revision


async def _waiting(work: Work, messages: Sequence[Message]) -> set[tuple[MessageKey, int]]:
    """Which of these are to be judged: stored as they are, and not decided."""
    # Mostly these are the oldest that wait, and one query tells; the others are asked for one by one.
    oldest = {_name(message) for message in await work.messages.unjudged(len(messages))}
    return {_name(message) for message in messages if _name(message) in oldest or await _waits(work, message)}


async def _waits(work: Work, message: Message) -> bool:
    stored = (await work.messages.get([message.key]))[0]
    if stored is None or stored.revision != message.revision:
        return False
    decision = await work.decisions.get(message.key)
    return decision is None or decision.revision < message.revision
