"""A small community on the playground with the real moving, delivery and rulings behind it, for the tests of those.

Everybody's posts are stored as they come; casual ones by hand, for what is casual is not the question here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.playground.memory import MemoryPlatform
from bot.playground.world import What
from moderation.actions import Action, FloodHint, NudgeAuthor, NudgeStretch, PitchCard, TakeBack, Welcome
from moderation.decisions import Decision, Outcome, Verdict
from moderation.delivery import Delivered, Patience, deleted_by_us, deliver
from moderation.messages import Author, Message, MessageKey
from moderation.move_actions import MoveStretch
from moderation.policy import Policy
from moderation.ports import Abilities, Delivery, DeliveryState, Press
from moderation.rulings import rule, tell
from tests.factories import CHATTER, MONDAY, a_charter
from tests.fakes.memory_store import MemoryStore, MemoryWork

WORK, BUSINESS, SOCIAL, MODERATORS = "C1", "C2", "C3", "C9"
OPEN = (DeliveryState.WAITING, DeliveryState.CLAIMED, DeliveryState.SENDING)


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Ticking:
    """A clock that goes on a second whenever it is read, so that nothing happens at the same moment."""

    at: datetime = MONDAY

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class CrashPlan:
    """Dies at commits: how many are left until then, and whether the commit is still kept."""

    left: int | None = None
    after: bool = False

    def reach(self, *, after: bool) -> None:
        if self.left is None or after is not self.after:
            return
        if self.left == 0:
            self.left = None
            raise Crash
        self.left -= 1


class MortalWork(MemoryWork):
    def __init__(self, store: MemoryStore, plan: CrashPlan) -> None:
        super().__init__(store)
        self._plan = plan

    async def commit(self) -> None:
        self._plan.reach(after=False)
        await super().commit()
        self._plan.reach(after=True)


class MortalStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.plan = CrashPlan()

    @asynccontextmanager
    async def work(self) -> AsyncIterator[MemoryWork]:
        work = MortalWork(self, self.plan)
        try:
            yield work
        finally:
            work.end()


class WatchedPlatform(MemoryPlatform):
    """Notes when a text that must not be lost stands nowhere any more."""

    def __init__(self, now: Ticking, abilities: Abilities | None = None) -> None:
        super().__init__(now, abilities=abilities)
        self.guarded: set[str] = set()
        self.lost: list[str] = []

    def forget_marker(self, channel: str, marker: str) -> None:
        """From now on the post does not tell that it is ours, like one that is too old to be looked for."""
        post = self.world.marked(channel, marker)
        assert post is not None, f"nothing with {marker} in {channel}"
        self.world.posts[post.id] = replace(post, marker="")

    async def remove(self, key: MessageKey, *, reason: str) -> None:
        try:
            await super().remove(key, reason=reason)
        finally:
            standing = {post.text for post in self.world.posts.values()}
            self.lost += sorted(self.guarded - standing)


@dataclass
class Stage:
    clock: Ticking = field(default_factory=Ticking)
    store: MortalStore = field(default_factory=MortalStore)
    abilities: Abilities = field(default=Abilities())
    patience: Patience = field(default=Patience(limit=10, tries=4))

    def __post_init__(self) -> None:
        self.platform = WatchedPlatform(self.clock, self.abilities)
        self.community = self.platform.community
        for name in ("ann", "ben", "cara"):
            self.platform.add_member(name)
        self.platform.add_member("mona", moderator=True)
        self.platform.add_channel(WORK, name="workshop")
        self.platform.add_channel(BUSINESS, name="business")
        self.platform.add_channel(SOCIAL, name="teabreak", social=True)
        self.platform.add_channel(MODERATORS, name="moderators", for_moderators=True)
        self.platform.on_message(self.keep)
        self.platform.on_deletion(self.forget)
        self.platform.on_press(self.ruled)

    # --- what the pipeline would do ----------------------------------------------------------------------------

    async def keep(self, message: Message) -> None:
        async with self.store.work() as work:
            await work.messages.add([message], message.posted_at + timedelta(days=7))
            await work.commit()

    async def forget(self, key: MessageKey) -> None:
        async with self.store.work() as work:
            if not await deleted_by_us(work, key):
                await work.messages.mark_deleted(key)
                await work.commit()

    async def ruled(self, press: Press) -> None:
        await tell(self.store, self.platform, press, await rule(self.store, press))

    async def judged(
        self,
        message: Message,
        verdict: Verdict = CHATTER,
        *,
        stretch: str | None = None,
        reasons: Sequence[str] = (),
    ) -> None:
        decision = Decision(
            message.key,
            message.revision,
            message.author.id,
            message.posted_at,
            message.thread,
            Outcome.STRETCH,
            verdict,
            (verdict.why, *reasons),
            (),
            "charter",
            message.posted_at,
            stretch,
        )
        async with self.store.work() as work:
            await work.decisions.add([decision], ())
            await work.commit()

    async def govern(self, policy: Policy) -> None:
        async with self.store.work() as work:
            await work.communities.publish(self.community, a_charter(), policy, self.clock())
            await work.commit()

    # --- what tests say ----------------------------------------------------------------------------------------

    async def talk(
        self, *lines: tuple[str, str], channel: str = WORK, thread: str | None = None
    ) -> list[Message]:
        """People say casual things; each text is guarded from now on."""
        messages = [await self.platform.post(who, channel, text, thread=thread) for who, text in lines]
        for message in messages:
            await self.judged(message, stretch=stretch_of(messages))
        self.platform.guarded |= {message.text for message in messages}
        return messages

    async def queue(self, action: Action, channel: str = WORK) -> None:
        """Put it into the outbox; the message that a line is about was posted just now, unless it was before."""
        async with self.store.work() as work:
            if isinstance(action, NudgeAuthor | FloodHint | Welcome):
                key = MessageKey(self.community.platform, self.community.id, channel, action.message)
                about = Message(key, Author(action.member, action.member), "hm", self.clock.at)
                await work.messages.add([about], self.clock.at + timedelta(days=7))
            await work.outbox.add(self.community, channel, action, self.clock())
            await work.commit()

    async def deliver(self) -> Delivered:
        return await deliver(self.store, self.platform, self.clock, self.patience)

    async def settle(self) -> None:
        """Deliver, and let time pass, until nothing is left to do but to take lines back whose time is not over."""
        while await self._is_left():
            if not (await self.deliver()).claimed:
                self.clock.pass_by(minutes=16)
        self.clock.pass_by(minutes=2)

    async def settle_now(self) -> None:
        """Deliver until nothing is due at this moment."""
        while (await self.deliver()).claimed:
            pass

    async def _is_left(self) -> bool:
        async with self.store.work() as work:
            every = await work.outbox.all(self.community)
        return any(is_left(each, self.clock.at) for each in every)

    async def delivery(self, marker: str) -> Delivery:
        async with self.store.work() as work:
            found = await work.outbox.find(self.community, marker)
        assert found is not None
        return found

    def texts(self, channel: str, member: str = "ann") -> list[str]:
        return [seen.text for seen in self.platform.view(channel, member)]

    def look_of_it(self) -> dict[str, list[tuple[object, ...]]]:
        """What members and moderators see, without ids and times."""
        return {
            f"{channel} for {member}": [
                (seen.author, seen.text, bool(seen.line), seen.labels, seen.private)
                for seen in self.platform.view(channel, member)
            ]
            for channel in self.platform.world.rooms
            for member in self.platform.world.members
        }

    def count(self, what: What, marker: str | None = None, post: str | None = None) -> int:
        return self.platform.world.count(what, marker, post)

    def found(self, marker: str, channel: str = WORK) -> str:
        """The id of our own post with this marker."""
        post = self.platform.world.marked(channel, marker)
        assert post is not None, f"nothing with {marker} in {channel}"
        return post.id


def is_left(delivery: Delivery, now: datetime) -> bool:
    """Whether it is to be done still; a line that stands its time is not in the way."""
    stands = isinstance(delivery.action, TakeBack) and delivery.due_at > now
    return delivery.state in OPEN and not stands


def stretch_of(messages: Sequence[Message]) -> str:
    return f"{messages[0].key.channel}/{messages[0].key.message}"


def a_nudge(messages: Sequence[Message], *, offer: bool = True) -> NudgeStretch:
    members = tuple(dict.fromkeys(message.author.id for message in messages))
    ids = tuple(message.key.message for message in messages)
    return NudgeStretch(stretch_of(messages), SOCIAL, members, ids, offer)


def a_move(messages: Sequence[Message], *members: str, to_channel: str = SOCIAL) -> MoveStretch:
    ids = tuple(message.key.message for message in messages)
    return MoveStretch(stretch_of(messages), to_channel, ids, members, by=members[0])


def name_of(message: Message) -> str:
    return f"{message.key.channel}/{message.key.message}"


def a_card(messages: Sequence[Message]) -> PitchCard:
    """The card of the last of these copies."""
    names = tuple(name_of(message) for message in messages)
    return PitchCard(names[0], names[-1], messages[0].author.id, drive_by=True, exchanges=0, copies=names)
