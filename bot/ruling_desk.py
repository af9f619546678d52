"""Where moderators rule on what was drawn of a replay: all that calibration and audit share; nothing is judged again.

A message counts as drawn from the moment in which it is shown: to quit in front of it does not hide it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.replay_folder import ReplayFolder
from moderation.agreement import disagree, were_wrong, words_on
from moderation.charter import Charter
from moderation.conversation import CONTEXT_LINES, context_of
from moderation.decisions import Decision, Ruled, Ruling, Verdict
from moderation.draws import Draw
from moderation.errors import BadInput
from moderation.messages import ContextLine, Message
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
        by_subject = rulings_by_subject(self.rulings)
        return sum(disagree(words_on(draw, by_subject.get(draw.subject, ()))) for draw in self.draws)

    async def _show(self, message: Message, drawn: Callable[[datetime], Draw]) -> Sheet:
        """The sheet of a message, which counts as drawn from now on; `drawn` makes its draw where there is none yet."""
        draw = next((draw for draw in self.draws if draw.key == message.key), None)
        async with self.store.work() as work:
            (earlier,) = await work.messages.before_many([message], 2 * CONTEXT_LINES)
            if draw is None:
                draw = drawn(self._moment())
                await work.draws.add([draw])
                await work.commit()
                self.draws.append(draw)
        before = tuple(line for line in context_of(message, earlier) if line.text.strip())
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


async def begun(work: Work, folder: ReplayFolder) -> tuple[Community, Charter, Policy]:
    """Whose replay it is, and by which rules. Raises BadInput where it never began."""
    communities = await work.communities.all()
    rules = await work.communities.current(communities[0]) if communities else None
    if rules is None:
        raise BadInput(f"the replay in {folder.path} never began: run steward replay again")
    return communities[0], *rules


async def judged(work: Work, community: Community, folder: ReplayFolder) -> AsyncIterator[Judged]:
    """Every message whose newest revision was judged, streamed."""
    names = _channel_names(folder)
    async for each in work.decisions.all(community):
        message, verdict = each.message, each.decision.verdict
        if verdict is None or each.decision.revision != message.revision:
            continue
        if not message.channel_name:
            message = replace(message, channel_name=names.get(message.key.channel, ""))
        yield Judged(message, verdict, each.decision)


def rulings_by_subject(rulings: Iterable[Ruling]) -> Mapping[str, list[Ruling]]:
    """Rulings on each subject, in their order."""
    found: dict[str, list[Ruling]] = defaultdict(list)
    for ruling in rulings:
        found[ruling.subject].append(ruling)
    return found


def seed_of(folder: ReplayFolder) -> str:
    """The secret seed of the lots; from it the key cannot be found again."""
    return hashlib.sha256(f"calibration\n{folder.secret}".encode()).hexdigest()


def _channel_names(folder: ReplayFolder) -> dict[str, str]:
    """Names by id, from the replay's summary: a message whose text is forgotten no longer knows its channel's."""
    try:
        summary = json.loads((folder.path / "summary.json").read_text(encoding="utf-8"))
        return {str(channel["id"]): str(channel["name"]) for channel in summary["channels"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}  # the file is there to be read by people, who may have changed it
