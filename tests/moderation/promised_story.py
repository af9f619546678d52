"""A day under a promise: cards only, then rulings that bear it, then one that does not; and a pitch that is appealed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from moderation.draws import Draw, Occasion
from moderation.labels import Label
from moderation.pipeline import Pipeline
from moderation.policy import Mode, Policy
from moderation.ports import Button, Store
from tests.factories import MONDAY, a_message
from tests.fakes.keyword_classifier import KeywordClassifier
from tests.moderation.stage import BUSINESS, MODERATORS, WORK
from tests.moderation.story import PITCH, Ending, LiveClock, Story

PROMISE = "at most 50 wrong nudges in 100, 50 % sure"
"""Two right ones are enough for it."""
TALK = ("my cat ate the sandpaper", "haha", "what a cat")


async def know_that_little_is_flagged(store: Store) -> None:
    """Yesterday one message was flagged, by another model: so today each one is drawn."""
    key, yesterday = a_message(community="playground").key, MONDAY - timedelta(days=1)
    draw = Draw(key, 0, Occasion.FLAGGED, Label.CHATTER, 0.9, 1.0, 1.0, yesterday, "older-model", "older")
    async with store.work() as work:
        await work.draws.add([draw])
        await work.commit()


@dataclass
class PromisedStory(Story):
    policy: Policy = field(default=Policy(mode=Mode.OFFER, promise=PROMISE))
    lots: str = "a secret"
    rehearse: bool = False
    sureness: float = 0.96

    def __post_init__(self) -> None:
        super().__post_init__()
        self.platform.add_member("max", moderator=True)

    def _new_pipeline(self) -> Pipeline:
        classifier, clock = KeywordClassifier(self.sureness), LiveClock(self.clock)
        return Pipeline(self.store, classifier, clock, lots=self.lots, rehearse=self.rehearse)

    async def play(self) -> Ending:
        await know_that_little_is_flagged(self.inner)
        await self.survive(self._start)
        first = await self.talk()
        for name in first[:2]:
            await self.rule(Button.RIGHT, name)
        await self.wait(hours=1)
        await self.talk()
        await self.rule(Button.WRONG, first[0], "max")
        await self.wait(hours=1)
        await self.talk()
        await self.appeal()
        return await self.ending()

    async def talk(self) -> list[str]:
        """Three casual posts, and time for something to follow. Returns their names."""
        people = ("ann", "ben", "cara")
        ids = [await self.post(who, WORK, text) for who, text in zip(people, TALK, strict=True)]
        await self.wait(minutes=2, seconds=30)
        return [f"{WORK}/{post}" for post in ids]

    async def rule(self, button: Button, name: str, who: str = "mona") -> None:
        await self.press(who, button, f"drawn:flagged:{name}", MODERATORS)
        await self.wait(seconds=5)

    async def appeal(self) -> None:
        """A pitch is removed, its author asks again, and it comes back."""
        name = f"{BUSINESS}/{await self.post('pete', BUSINESS, PITCH)}"
        await self.wait(seconds=5)
        await self.press("mona", Button.REMOVE, f"card:{name}", MODERATORS)
        await self.wait(seconds=5)
        await self.send("pete", Button.APPEAL, f"returned:{name}", BUSINESS)
        await self.wait(seconds=5)
        await self.press("mona", Button.RESTORE, f"appeal:{name}", MODERATORS)
        await self.wait(seconds=5)
