"""A day where no note is private, as on Discord: lines that go again, and a note for somebody closed to direct messages."""

from __future__ import annotations

from dataclasses import dataclass, field

from moderation.ports import Abilities, Button
from tests.moderation.stage import BUSINESS, MODERATORS
from tests.moderation.story import PITCH, Ending, Story


@dataclass
class OpenStory(Story):
    abilities: Abilities = field(default=Abilities(private_notes=False))

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("dora", "ella"):
            self.platform.add_member(name)
        self.platform.add_member("pete", closed=True)

    async def play(self) -> Ending:
        await self.survive(self._start)
        await self.drift()
        await self.go_over()
        await self.come_back()
        await self.ramble()
        await self.sell()
        await self.appeal(await self.show("returned:"))
        await self.show("answered:")
        await self.wait(days=8)
        return await self.ending()

    async def ramble(self) -> None:
        """Two people post casual things that nobody joins; one of them says that it belongs here, the other nothing."""
        for who in ("dora", "ella"):
            for text in ("what a weekend", "the weather again", "such nice coffee"):
                await self.wait(minutes=35)
                await self.post(who, BUSINESS, text)
                await self.wait(seconds=5)
            line = self.marker("lone:", BUSINESS)
            if who == "dora":
                await self.press(who, Button.BELONGS_HERE, line, BUSINESS)
                await self.wait(seconds=5)

    async def sell(self) -> None:
        """The offer stands in one channel only, and is not mended: an edit that is missed while away is no matter here."""
        await self.post("pete", BUSINESS, PITCH)
        await self.wait(seconds=5)
        await self.press("mona", Button.REMOVE, self.marker("card:", MODERATORS), MODERATORS)
        await self.wait(seconds=5)

    async def show(self, kind: str) -> str:
        """Pete looks at the note that is offered to him; returns its marker."""
        line = self.marker(f"note:{kind}", BUSINESS)
        await self.press("pete", Button.SHOW, line, BUSINESS)
        await self.wait(seconds=5)
        return line.removeprefix("note:")

    async def appeal(self, returned: str) -> None:
        """He asks the moderators to look again, and they stand by it."""
        await self.send("pete", Button.APPEAL, returned, BUSINESS)
        await self.wait(minutes=2)  # within a minute, to rule the same again would be one ruling
        await self.press("mona", Button.STAND_BY, self.marker("appeal:", MODERATORS), MODERATORS)
        await self.wait(seconds=5)
