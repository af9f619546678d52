"""Where moderators rule on what was drawn of a replay: all that calibration and audit share; nothing is judged again.

A message counts as drawn from the moment in which it is shown: to quit in front of it does not hide it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.replay_folder import ReplayFolder, begun
from moderation.agreement import were_wrong, words_on
from moderation.cards import lines_before
from moderation.charter import Charter
from moderation.decisions import Decision, Ruled, Ruling, Verdict
from moderation.draws import Draw
from moderation.messages import ContextLine, Message
from moderation.missed import conflicts
from moderation.policy import Policy
from moderation.ports import Community, Store, Work

BY = "terminal"
"""Whose word it is that comes from a command line: that of whoever holds the replay."""
_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A drawn message as it is shown: up to three lines before it, and whether it has been ruled on already."""

    message: Message
    draw: Draw
    before: tuple[ContextLine, ...]
    ruled: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A message and what was judged and decided about its newest revision."""

    message: Message
    verdict: Verdict
    decision: Decision


@dataclass(slots=True)
class RulingDesk:
    """What was drawn of a replay for one occasion, and what was said of it until now. `clock` gives aware UTC."""

    store: Store
    community: Community
    charter: Charter
    policy: Policy
    draws: list[Draw]
    rulings: list[Ruling]
    seed: str
    clock: Callable[[], datetime]
    _latest: datetime = field(init=False)

    def __post_init__(self) -> None:
        times = [*(draw.drawn_at for draw in self.draws), *(ruling.at for ruling in self.rulings)]
        self._latest = max([self.clock() - _LEAST, *times])

    def conflicts(self) -> int:
        """About how many drawn messages moderators disagree."""
        return conflicts(self.draws, self.rulings)

    async def _show(self, message: Message, drawn: Callable[[datetime], Draw]) -> Sheet:
        """The sheet of a message, which counts as drawn from now on; `drawn` makes its draw where there is none yet."""
        draw = next((draw for draw in self.draws if draw.key == message.key), None)
        async with self.store.work() as work:
            before = await lines_before(work, message)
            if draw is None:
                draw = drawn(self._moment())
                await work.draws.add([draw])
                await work.commit()
                self.draws.append(draw)
        return Sheet(message, draw, before, bool(words_on(draw, self.rulings)))

    async def _keep(self, draw: Draw, what: Ruled) -> None:
        """Keep a word on a drawn message; it takes the place of what was said before."""
        ruling = Ruling(
            subject=draw.subject,
            what=what,
            by=BY,
            at=self._moment(),
            moderator=True,
            drawn=True,
            model=draw.model,
            charter_version=draw.charter_version,
        )
        async with self.store.work() as work:
            await work.rulings.add(self.community, ruling)
            await work.commit()
        self.rulings.append(ruling)

    def _open(self) -> list[Draw]:
        """Those drawn on which nobody has ruled."""
        wrong = were_wrong(self.draws, self.rulings)
        return [draw for draw, one in zip(self.draws, wrong, strict=True) if one is None]

    def _moment(self) -> datetime:
        """The present, later than all before: draws are counted in their order, and of two words the later one."""
        self._latest = max(self.clock(), self._latest + _LEAST)
        return self._latest


Reader = Callable[[Judged, Charter, Policy], None]


@dataclass(frozen=True, slots=True)
class Kept:
    """All that a replay keeps but its messages. `clock` gives aware UTC."""

    store: Store
    folder: ReplayFolder
    clock: Callable[[], datetime]
    community: Community
    charter: Charter
    policy: Policy
    draws: Sequence[Draw]
    rulings: Sequence[Ruling]

    @property
    def seed(self) -> str:
        """The secret seed of the lots; from it the key cannot be found again."""
        return hashlib.sha256(f"calibration\n{self.folder.secret}".encode()).hexdigest()


async def read_through(
    store: Store, folder: ReplayFolder, clock: Callable[[], datetime], *readers: Reader
) -> Kept:
    """Read a replay once: each reader is given every judged message. Raises BadInput where it never began."""
    async with store.work() as work:
        community, charter, policy = await begun(work, folder)
        async for each in _judged(work, community, folder):
            for reader in readers:
                reader(each, charter, policy)
        draws = [draw async for draw in work.draws.all(community)]
        rulings = [ruling async for ruling in work.rulings.all(community)]
    return Kept(store, folder, clock, community, charter, policy, draws, rulings)


async def _judged(work: Work, community: Community, folder: ReplayFolder) -> AsyncIterator[Judged]:
    """Every message whose newest revision was judged, streamed."""
    names = await asyncio.to_thread(folder.channel_names)
    async for each in work.decisions.all(community):
        message, verdict = each.message, each.decision.verdict
        if verdict is None or each.decision.revision != message.revision:
            continue
        if not message.channel_name:
            message = replace(message, channel_name=names.get(message.key.channel, ""))
        yield Judged(message, verdict, each.decision)
