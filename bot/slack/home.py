"""App Home: Steward's own page, for each person another.

Moderators see how things stand, a few figures and what waits for them; everybody sees how they are spoken to, and asks for what is
stored of them. A press on a button there opens a form with the answer. https://docs.slack.dev/surfaces/app-home
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.office import backlog, figures, members, questions, status
from bot.office.office import NOT_SET_UP, Office
from bot.office.said import Request, Said
from bot.slack.commands import reports, wizard
from bot.slack.commands.asking import Asking
from bot.slack.commands.blocks import MARK, VIEW_BLOCKS, View, plain
from bot.slack.commands.desk import Ask, Desk
from bot.slack.commands.phrases import phrase
from bot.slack.commands.replies import reply_to
from bot.slack.failures import plain_failures
from bot.slack.fitting import LONGEST_SECTION, Block, button, parts, rows, section

DAYS = "7"
CHOSEN_STYLE = "primary"
WISHES = ("on", "direct", "off")


def _days(office: Office, request: Request) -> Awaitable[Said]:
    return figures.stats(office, request, DAYS)


def _digest(office: Office, request: Request) -> Awaitable[Said]:
    return figures.digest(office, request, figures.WEEK)


ANSWERS: dict[str, Ask] = {
    "review": backlog.review,
    "calibrate": questions.calibrate,
    "audit": questions.audit,
    "digest": _digest,
    "data": members.my_data,
    "forget": members.forget_me,
    "help": members.help_,
}
"""What a press opens an answer to."""
FORMS: dict[str, Callable[[Desk, Asking], Awaitable[None]]] = {
    "setup": wizard.open_form,
    "report": reports.open_form,
}
"""What a press opens a form for."""


async def publish(desk: Desk, asked: Asking) -> None:
    """Show somebody their page as things are now. Raises StewardError."""
    request = await desk.request(asked)
    view = await page(desk, asked, request)
    with plain_failures():
        await asked.workspace.client.views_publish(user_id=asked.member, view=view)


async def page(desk: Desk, asked: Asking, request: Request) -> View:
    """The page of whoever asks. Raises StewardError."""
    language = await desk.language(asked.workspace)
    blocks = [*(await _for_moderators(desk.office, request)), *(await _for_everyone(desk, request, language))]
    return {"type": "home", "blocks": blocks[:VIEW_BLOCKS]}


async def pressed(desk: Desk, asked: Asking, what: str) -> None:
    """Answer a press on somebody's page; a choice of how they are spoken to is shown on the page."""
    name, _, wish = what.partition(":")
    form, answer = FORMS.get(name), ANSWERS.get(name)
    if form is not None:
        await form(desk, asked)
    elif name == "nudges":
        async with desk.kindly(asked, reply_to(asked, desk.platform.private)):
            await members.nudges(desk.office, await desk.request(asked), wish)
            await publish(desk, asked)
    elif answer is not None:

        async def make(request: Request) -> Said:
            return await answer(desk.office, request)

        await desk.open(asked, make)


# --- blocks ----------------------------------------------------------------------------------------------------------


async def _for_moderators(office: Office, request: Request) -> list[Block]:
    """Nothing for others."""
    if not await office.is_moderator(request):
        return []
    if await office.known_rules(request.community) is None:
        start = _button("Set up", "setup", CHOSEN_STYLE)
        return [_header("Steward"), *_texts(NOT_SET_UP), *rows([start]), {"type": "divider"}]
    stands, shown = await status.status(office, request), await _days(office, request)
    buttons = [
        _button("Review pitches", "review", CHOSEN_STYLE),
        _button("Rule on flagged messages", "calibrate"),
        _button("Rule on what was not flagged", "audit"),
        _button("The week's digest, with its chart", "digest"),
        _button("Set up", "setup"),
    ]
    return [
        _header("For moderators"),
        *_texts(stands.text),
        *rows(buttons),
        *_texts(shown.text),
        {"type": "divider"},
    ]


async def _for_everyone(desk: Desk, request: Request, language: str) -> list[Block]:
    wish = await _wish(desk, request)
    wishes = [
        _button(phrase(f"set_{each}", language), f"nudges:{each}", CHOSEN_STYLE if each == wish else "")
        for each in WISHES
    ]
    buttons = [
        _button(phrase(f"button_{each}", language), each) for each in ("data", "report", "help", "forget")
    ]
    return [
        _header(phrase("yours", language)),
        section(phrase(f"nudges_now_{wish}", language)),
        *rows(wishes),
        *rows(buttons),
    ]


async def _wish(desk: Desk, request: Request) -> str:
    """How somebody is spoken to: `on`, `direct` or `off`."""
    member = (request.actor.id,)
    async with desk.office.store.work() as work:
        if await work.communities.opted_out(request.community, member):
            return "off"
        return "direct" if await work.communities.chose_direct(request.community, member) else "on"


def _header(text: str) -> Block:
    return {"type": "header", "text": plain(text)}


def _texts(text: str) -> list[Block]:
    return [section(part) for part in parts(text, LONGEST_SECTION)]


def _button(label: str, what: str, style: str = "") -> Block:
    return button(label, f"{MARK}{what}", what, style)
