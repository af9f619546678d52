"""What a press on one of the office's own buttons means: its token is `what:argument`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.office.backlog import review, rule_on_author
from bot.office.charters import drop, publish
from bot.office.members import forget
from bot.office.moves import bring_back, carry_out, leave, move
from bot.office.office import Office, for_everyone
from bot.office.questions import audit, calibrate, missed, rule_on_drawn
from bot.office.said import Request, Said
from bot.office.telling import keep_as_example
from moderation.draws import Occasion

Chosen = Callable[[Office, Request, str], Awaitable[Said]]


@for_everyone
async def choose(office: Office, asked: Request, token: str) -> Said:
    """Answer a press. Who may do what is asked again; a token that is not understood is answered kindly."""
    what, _, argument = token.partition(":")
    chosen = CHOICES.get(what)
    if chosen is None:
        return Said((await office.voice(asked.community)).say("ask_again"))
    return await chosen(office, asked, argument)


async def _review(office: Office, asked: Request, place: str) -> Said:
    return await review(office, asked, int(place) if place.isdecimal() and len(place) < 6 else 0)


async def _author(office: Office, asked: Request, argument: str) -> Said:
    button, _, rest = argument.partition(":")
    shown_at, _, member = rest.partition(":")
    return await rule_on_author(office, asked, button, shown_at, member)


async def _ask(office: Office, asked: Request, argument: str) -> Said:
    button, _, subject = argument.partition(":")
    return await rule_on_drawn(office, asked, button, subject)


async def _next(office: Office, asked: Request, occasion: str) -> Said:
    return await (calibrate if occasion == Occasion.FLAGGED else audit)(office, asked)


async def _missed(office: Office, asked: Request, _: str) -> Said:
    return await missed(office, asked)


async def _talk(office: Office, asked: Request, name: str) -> Said:
    channel, _, message = name.partition("/")
    return await move(office, asked, channel, (message,), talk=True)


CHOICES: dict[str, Chosen] = {
    "publish": publish,
    "drop": drop,
    "forget": forget,
    "review": _review,
    "author": _author,
    "next": _next,
    "ask": _ask,
    "missed": _missed,
    "move": carry_out,
    "leave": leave,
    "talk": _talk,
    "undo": bring_back,
    "example": keep_as_example,
}
