"""A small community with an office: the playground, the in-memory store, the real line, and a classifier that goes by words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from bot.office.choices import choose
from bot.office.office import Office
from bot.office.said import Actor, Choice, Request, Said
from bot.office.setup import Wishes, setup
from bot.playground.memory import MemoryPlatform
from moderation.charter import Charter
from moderation.messages import Channel, Message, MessageKey
from moderation.notices import DrawnShown, Notice, PassedShown
from moderation.pipeline import Pipeline
from moderation.policy import Policy
from moderation.ports import Abilities, Delivery, Press
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.fakes.memory_store import MemoryStore
from tests.moderation.stage import Ticking
from tests.moderation.story import LiveClock

MONA, ANN = Actor("mona", "Mona", moderator=True), Actor("ann", "Ann")
BEN, CARA, PETE = Actor("ben", "Ben"), Actor("cara", "Cara"), Actor("pete", "Pete")
WORK, BUSINESS, SOCIAL, OFFICE = "C1", "C2", "C3", "C9"
PURPOSE = "Owners of joinery workshops talk about timber, machines and pricing."
N = TypeVar("N", bound=Notice)


@dataclass(frozen=True)
class Plain:
    """What people wrote comes in brackets, so that a test sees that nothing of it was left as it is."""

    names: dict[str, str]

    def channel(self, channel: str) -> str:
        return f"#{self.names.get(channel, channel)}"

    def member(self, member: str) -> str:
        return f"@{member}"

    def time(self, moment: datetime) -> str:
        return f"{moment:%d %B %H:%M}"

    def quote(self, text: str) -> str:
        return text.replace("@everyone", "[everyone]")

    def harmless(self, notice: Notice) -> Notice:
        if isinstance(notice, DrawnShown | PassedShown):
            return replace(notice, text=self.quote(notice.text))
        return notice

    def message(self, key: MessageKey) -> str:
        return f"link:{key.name}"


@dataclass
class House:
    clock: Ticking = field(default_factory=Ticking)
    store: MemoryStore = field(default_factory=MemoryStore)
    lots: str = ""
    abilities: Abilities = field(default=Abilities())
    classifier: KeywordClassifier = field(default_factory=KeywordClassifier)
    woken: int = 0

    def __post_init__(self) -> None:
        self.platform = MemoryPlatform(self.clock, abilities=self.abilities)
        self.community = self.platform.community
        for name in ("ann", "ben", "cara", "pete"):
            self.platform.add_member(name)
        self.platform.add_member("mona", moderator=True)
        self.platform.add_channel(WORK, name="workshop", purpose="jobs, timber and machines")
        self.platform.add_channel(BUSINESS, name="business", purpose="pricing and clients")
        self.platform.add_channel(SOCIAL, name="teabreak")
        self.platform.add_channel(OFFICE, name="office", for_moderators=True)
        self.pipeline = Pipeline(self.store, self.classifier, LiveClock(self.clock), lots=self.lots)
        self.platform.on_message(self._hear)
        self.platform.on_deletion(self.pipeline.withdraw)
        self.platform.on_press(self._answer)
        surface = Plain({room.id: room.name for room in self.platform.world.rooms.values()})
        self.office = Office(self.store, self.pipeline, self.classifier, lambda _: surface, self._wake)

    def _wake(self) -> None:
        self.woken += 1

    async def _hear(self, message: Message) -> None:
        await self.pipeline.judge(await self.pipeline.receive([message]))

    async def _answer(self, press: Press) -> None:
        await self.pipeline.answer(self.platform, press)

    # --- what tests say ----------------------------------------------------------------------------------------

    def by(self, actor: Actor, channel: str = "") -> Request:
        """A request of somebody's at this moment."""
        return Request(self.community, actor, self.clock(), channel)

    async def channels(self) -> list[Channel]:
        return await self.platform.channels(self.community)

    async def set_up(self, wishes: Wishes | None = None, actor: Actor = MONA) -> Said:
        wishes = wishes or Wishes(purpose=PURPOSE, social="teabreak", moderators="#office")
        return await setup(self.office, self.by(actor), "Bench & Plane", await self.channels(), wishes)

    async def rules(self) -> tuple[Charter, Policy]:
        return await self.office.rules(self.community)

    async def post(self, who: str, text: str, channel: str = WORK) -> Message:
        return await self.platform.post(who, channel, text)

    async def talk(self) -> list[Message]:
        """A drifted talk of three people."""
        lines = (
            ("ann", "my cat ate the glue"),
            ("ben", "haha what a cat"),
            ("cara", "lunch then?"),
            ("ann", "pizza!"),
        )
        return [await self.post(who, text) for who, text in lines]

    async def choose(self, actor: Actor, said: Said, label: str) -> Said:
        """Press the button whose label begins so."""
        return await choose(self.office, self.by(actor), choice(said, label).token)

    async def settle(self) -> None:
        await self.pipeline.reconsider(self.community, self.clock())
        await self.pipeline.deliver(self.platform)

    async def outbox(self) -> list[Delivery]:
        async with self.store.work() as work:
            return await work.outbox.all(self.community)

    def seen(self, channel: str, member: str = "mona") -> list[str]:
        return [seen.text for seen in self.platform.view(channel, member)]


def choice(said: Said, label: str) -> Choice:
    found = [each for each in said.choices if each.label.startswith(label)]
    assert found, f"no {label!r} among {[each.label for each in said.choices]}"
    return found[0]
