"""Walking through what was drawn: one question after another, for a moderator who asks for it.

Nothing is posted for it, and nothing is kept about where somebody is: the next question is whatever nobody has answered yet. What
moderators answer is a press like any other (moderation.rulings).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from moderation.cards import QUESTION_BUTTONS, REVIEW_BUTTONS, lines_before, text_as_drawn
from moderation.decisions import Ruled
from moderation.draws import Draw, Occasion
from moderation.messages import Message
from moderation.notices import DrawnShown, PassedShown
from moderation.ports import Button, Community, Work

PUT_OFF = timedelta(hours=12)
"""So long a message is not shown again to a moderator who skipped it."""
LONGEST_KEPT = timedelta(days=7)
"""No text is kept longer, so what was drawn before cannot be shown."""
MOST = 500
"""Open questions that are looked through."""


@dataclass(frozen=True, slots=True)
class NextQuestion:
    """A drawn message to look at. `subject` is what a press on one of `buttons` names; `left` counts the open ones, this one too."""

    subject: str
    shown: DrawnShown | PassedShown
    buttons: tuple[Button, ...]
    left: int


async def next_question(
    work: Work, community: Community, occasion: Occasion, member: str, now: datetime
) -> NextQuestion | None:
    """The next message that was drawn for `occasion` and can be shown, in order of drawing; None where there is none.

    `member` is the moderator who asks: what they skipped a moment ago does not come again.
    """
    skipped = {
        ruling.subject
        async for ruling in work.rulings.all(community, now - PUT_OFF)
        if ruling.by == member and ruling.what is Ruled.NOT_NOW
    }
    waiting = await work.draws.waiting(community, occasion, MOST, now - LONGEST_KEPT)
    wanted = [draw for draw in waiting if draw.subject not in skipped]
    found = await work.messages.get([draw.key for draw in wanted])
    there = [
        (draw, message)
        for draw, message in zip(wanted, found, strict=True)
        if message is not None and text_as_drawn(draw, message).strip()
    ]
    return await _question(work, *there[0], len(there)) if there else None


async def _question(work: Work, draw: Draw, message: Message, left: int) -> NextQuestion:
    channel, before = draw.key.channel, await lines_before(work, message)
    if draw.occasion is Occasion.NOT_FLAGGED:
        passed = PassedShown(channel, message.text, before)
        return NextQuestion(draw.subject, passed, REVIEW_BUTTONS, left)
    flagged = DrawnShown(channel, message.text, draw.label, draw.score, before=before)
    return NextQuestion(draw.subject, flagged, QUESTION_BUTTONS, left)
