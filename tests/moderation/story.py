"""A day in a small community, played on the playground through the real pipeline, which may die anywhere in it.

`Story.play` is the script. What people do stays done when the process dies; then all of it that lived in memory is
dropped, a new one starts against the same store and the same platform, catches up, and the day goes on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from bot.playground.world import What
from moderation.delivery import Delivered
from moderation.messages import Message, MessageKey
from moderation.pipeline import Pipeline
from moderation.policy import Mode, Policy
from moderation.ports import Abilities, Button, DeliveryState, Press, Store
from tests.factories import a_charter
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.fakes.mortal_store import Crash, CrashPlan, MortalStore
from tests.moderation.stage import BUSINESS, MODERATORS, OPEN, SOCIAL, WORK, Ticking, WatchedPlatform, is_left

PITCH = "ten leads a day, dm me for a discount"
MENDED = "twenty leads a day, dm me for a discount"
ONCE = (What.POSTED, What.EDITED, What.DELETED, What.SAID, What.COPIED, What.REMOVED, What.CARD_SHOWN)
"""What happens as often, wherever the process dies. Renewing a card changes nothing; private notes are told apart."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\+00:00)?")
_ID = re.compile(r"\b\d{6}\b")


@dataclass(frozen=True, slots=True)
class LiveClock:
    """Everything is decided when it is decided."""

    tick: Ticking

    def now(self) -> datetime:
        return self.tick()

    def time_of(self, message: Message) -> datetime:
        del message
        return self.tick()


@dataclass
class Ending:
    """What is to be seen at the end, without ids and times, and what happened how often on the way."""

    seen: dict[str, list[tuple[object, ...]]]
    done: Counter[tuple[object, ...]]
    told: Counter[tuple[str, str]]
    lost_notes: int
    lost_texts: list[str]
    unfinished: list[str]


@dataclass
class Story:
    """`restarts` counts how often the process came up again."""

    inner: Store
    abilities: Abilities = field(default=Abilities())
    plan: CrashPlan = field(default_factory=CrashPlan)
    policy: Policy = field(default=Policy(mode=Mode.OFFER))
    lots: str = ""
    restarts: int = 0

    def __post_init__(self) -> None:
        self.clock = Ticking()
        self.store = MortalStore(self.inner, self.plan)
        self.platform = WatchedPlatform(self.clock, self.abilities)
        self.community = self.platform.community
        for name in ("ann", "ben", "cara", "nora", "pete"):
            self.platform.add_member(name)
        self.platform.add_member("mona", moderator=True)
        self.platform.add_channel(WORK, name="workshop")
        self.platform.add_channel(BUSINESS, name="business")
        self.platform.add_channel(SOCIAL, name="teabreak", social=True)
        self.platform.add_channel(MODERATORS, name="moderators", for_moderators=True)
        self.platform.on_message(self._hear)
        self.platform.on_deletion(self._forget)
        self.platform.on_press(self._answer)
        self.pipeline = self._new_pipeline()

    # --- the process -------------------------------------------------------------------------------------------

    def _new_pipeline(self) -> Pipeline:
        return Pipeline(self.store, KeywordClassifier(), LiveClock(self.clock), lots=self.lots)

    async def _hear(self, message: Message) -> None:
        await self.pipeline.judge(await self.pipeline.receive([message]))

    async def _forget(self, key: MessageKey) -> None:
        await self.pipeline.withdraw(key)

    async def _answer(self, press: Press) -> None:
        await self.pipeline.answer(self.platform, press)

    async def _start(self) -> None:
        """What a process does when it comes up: its rules, what was missed, what was left."""
        self.pipeline = self._new_pipeline()
        await self.pipeline.publish(self.community, a_charter(), self.policy, self.clock())
        await self._catch_up()
        while await self.pipeline.sweep():
            pass
        await self._tick()

    async def _catch_up(self) -> None:
        async with self.store.work() as work:
            last = await work.messages.last_posted(self.community)
        for channel in await self.platform.channels(self.community):
            missed = self.platform.history(self.community, channel.id, last.get(channel.id))
            await self.pipeline.receive([message async for message in missed])

    async def _tick(self) -> None:
        """What a process does every few seconds."""
        await self.pipeline.reconsider(self.community, self.clock())
        await self.pipeline.keep_promise(self.community, self.clock())
        await self.pipeline.deliver(self.platform)
        while await self._open_deliveries():
            # Somebody died with them in hand, or the platform was away.
            self.clock.pass_by(minutes=11)
            await self.pipeline.deliver(self.platform)

    async def _open_deliveries(self) -> list[str]:
        async with self.store.work() as work:
            every = await work.outbox.all(self.community)
        return [each.marker for each in every if is_left(each, self.clock.at)]

    async def survive(self, deed: Callable[[], Awaitable[object]]) -> bool:
        """Do it; when the process dies, start it again until it lives. Whether it died."""
        try:
            await deed()
        except Crash:
            while await self.survive(self._start):
                pass
            self.restarts += 1
            return True
        return False

    # --- the people --------------------------------------------------------------------------------------------

    async def post(self, who: str, channel: str, text: str) -> str:
        """Somebody posts. Returns its id."""
        await self.survive(lambda: self.platform.post(who, channel, text))
        posts = [post for post in self.platform.world.standing(channel) if post.author.id == who]
        return posts[-1].id

    async def press(self, who: str, button: Button, marker: str, channel: str) -> None:
        """Somebody presses a button, and once more if nothing came of it."""
        for _ in range(2):
            post = self.platform.world.marked(channel, marker)
            if post is None or button not in post.buttons:
                return
            name = post.id
            if not await self.survive(lambda name=name: self.platform.press(name, button, who)):  # type: ignore[misc]
                return
            told = marker.removeprefix("note:")  # a note that is shown goes by its own marker
            if any(note.member == who and told in note.marker for note in self.platform.world.notes):
                return

    async def send(self, who: str, button: Button, marker: str, channel: str) -> None:
        """Somebody presses a button whose post or note may be gone by now, and once more if nothing came of it."""
        for _ in range(2):
            moderator = self.platform.world.member(who).moderator
            press = Press(self.community, button, marker, who, self.clock(), channel, moderator)
            if not await self.survive(lambda press=press: self._send(press)):  # type: ignore[misc]
                return
            if any(note.marker.startswith(f"answer:{marker}:{who}") for note in self.platform.world.notes):
                return

    async def _send(self, press: Press) -> None:
        with self.platform.answering(press.member):
            await self._answer(press)

    async def wait(self, **span: float) -> None:
        self.clock.pass_by(**span)
        await self.survive(self._tick)

    def marker(self, beginning: str, channel: str) -> str:
        """The marker of the only post of ours that begins so and has buttons."""
        markers = {
            post.marker
            for post in self.platform.world.standing(channel)
            if post.marker.startswith(beginning) and post.buttons
        }
        assert len(markers) == 1, f"{beginning} in {channel}: {markers}"
        return markers.pop()

    # --- the day -----------------------------------------------------------------------------------------------

    async def play(self) -> Ending:
        """The whole day."""
        await self.survive(self._start)
        await self.drift()
        await self.go_over()
        await self.come_back()
        await self.greet()
        await self.sell()
        await self.wait(hours=3)
        return await self.ending()

    async def drift(self) -> None:
        """A talk about work wanders off; five casual posts by three people stay, one is edited, one deleted."""
        await self.post("ann", WORK, "which glue for outdoor timber?")
        await self.post("ben", WORK, "epoxy, and clamp such jobs overnight")
        talk = ("my cat ate the sandpaper", "mine prefers pizza", "haha what a cat")
        self.platform.guarded |= {*talk[::2], "lunch then?", "and a movie after"}
        await self.post("ann", WORK, talk[0])
        edited = await self.post("ben", WORK, talk[1])
        await self.post("cara", WORK, talk[2])
        await self.post("ben", WORK, "the timber comes on friday, by the way")
        deleted = await self.post("cara", WORK, "a joke about football")
        await self.post("ann", WORK, "lunch then?")
        await self.post("ben", WORK, "and a movie after")
        await self.survive(lambda: self.platform.edit(WORK, edited, "mine prefers planed timber"))
        await self.survive(lambda: self.platform.delete(WORK, deleted))
        await self.wait(minutes=2)

    async def go_over(self) -> None:
        """Two of them let their posts be moved."""
        nudge = self.marker("nudge:", WORK)
        for who in ("ann", "ben"):
            await self.press(who, Button.MOVE_MINE, nudge, WORK)
            await self.wait(seconds=5)

    async def come_back(self) -> None:
        """The first one changes her mind."""
        pointers = [post for post in self.platform.world.standing(WORK) if post.marker.endswith(":pointer")]
        assert len(pointers) == 1
        await self.press("ann", Button.UNDO, pointers[0].marker, WORK)
        await self.wait(seconds=5)

    async def greet(self) -> None:
        await self.post("nora", BUSINESS, "hi everyone, glad to be here")
        await self.wait(seconds=5)

    async def sell(self) -> None:
        """Somebody whom nobody knows pastes an offer in two channels and mends one of them, and a moderator rules."""
        await self.post("pete", BUSINESS, PITCH)
        await self.wait(seconds=5)
        copy = await self.post("pete", WORK, PITCH)
        await self.wait(seconds=5)
        await self.survive(lambda: self.platform.edit(WORK, copy, MENDED))
        await self.wait(seconds=5)
        await self.press("mona", Button.REMOVE, self.marker("card:", MODERATORS), MODERATORS)
        await self.wait(seconds=5)

    # --- the end -----------------------------------------------------------------------------------------------

    async def ending(self) -> Ending:
        async with self.store.work() as work:
            deliveries = await work.outbox.all(self.community)
            unjudged = await work.messages.unjudged(99)
        journal, bare = self.platform.world.journal, self._bare
        return Ending(
            seen={room: self._seen(room) for room in self.platform.world.rooms},
            done=Counter(
                (each.what.value, each.channel, bare(each.marker), each.member)
                for each in journal
                if each.what in ONCE
            ),
            told=Counter((each.member, bare(each.marker)) for each in journal if each.what is What.TOLD),
            lost_notes=sum(each.state is DeliveryState.LOST for each in deliveries),
            lost_texts=self.platform.lost,
            unfinished=[each.marker for each in deliveries if each.state in OPEN]
            + [str(message.key) for message in unjudged],
        )

    def _seen(self, room: str) -> list[tuple[object, ...]]:
        """What stands in a channel, oldest first, in the eyes of the moderator."""
        return [
            (seen.author, self._bare(seen.text), bool(seen.line), seen.labels)
            for seen in self.platform.view(room, "mona")
            if not seen.private
        ]

    def _bare(self, text: str) -> str:
        """A text or marker without moments, and with the people's posts numbered through instead of their ids."""
        posted = [event.id for event in self.platform.world.journal if event.what is What.POSTED]
        numbered = {name: f"post {number}" for number, name in enumerate(posted)}
        return _ID.sub(lambda found: numbered.get(found[0], found[0]), _MOMENT.sub("(then)", text))

    async def delivered_again(self) -> Delivered:
        return await self.pipeline.deliver(self.platform)
