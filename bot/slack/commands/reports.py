"""/steward report: a form for a pitch that came as a private message."""

from __future__ import annotations

from collections.abc import Mapping

from bot.office.said import Request, Said
from bot.office.telling import LONGEST, report
from bot.slack.commands.asking import Asking, kept
from bot.slack.commands.blocks import View
from bot.slack.commands.desk import Desk
from bot.slack.commands.forms import REPORT, Field, first, form
from bot.slack.commands.phrases import phrase


async def open_form(desk: Desk, asked: Asking, sender: str = "") -> None:
    """Ask for the text; `sender` is the id of whom it is told of, if it was given."""

    async def make(_: Request) -> View | Said:
        language = await desk.language(asked.workspace)
        text = Field("text", phrase("report_text", language), phrase("report_why", language), needed=True)
        title = phrase("report_title", language)
        return form(REPORT, title, [text.text("", LONGEST, lines=True)], kept(asked, sender), language)

    await desk.open(asked, make)


async def told(desk: Desk, asked: Asking, given: Mapping[str, tuple[str, ...]], sender: str) -> None:
    """Take in what was filled in."""
    text = first(given, "text")
    await desk.answer(asked, lambda office, request: report(office, request, text, sender))
