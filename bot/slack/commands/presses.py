"""Presses on buttons under answers, and forms that were sent. Whether somebody may is asked again by the office."""

from __future__ import annotations

from collections.abc import Mapping

from bot.history.clean import row_in, rows_in, text_in
from bot.office.choices import choose
from bot.office.office import Office
from bot.office.said import Request, Said
from bot.slack import home
from bot.slack.commands import reports, wizard
from bot.slack.commands.asking import Asking, resumed
from bot.slack.commands.blocks import CHOSEN, MARK
from bot.slack.commands.charters import compared, edited
from bot.slack.commands.desk import Desk
from bot.slack.commands.forms import DIFF, EDIT, REPORT, SETUP, filled_in
from bot.slack.commands.joining import with_channels_joined

PUBLISH = "publish:"
"""After this choice other channels may be read."""


async def pressed(desk: Desk, asked: Asking, body: Mapping[str, object]) -> None:
    """Answer a press on a button under an answer, or on somebody's own page."""
    actions = rows_in(body, "actions")
    action = actions[0] if actions else {}
    what = text_in(action, "action_id")
    if what.startswith(MARK):
        await home.pressed(desk, asked, what.removeprefix(MARK))
    elif what.startswith(CHOSEN):
        await _chosen(desk, asked, text_in(action, "value"))


async def _chosen(desk: Desk, asked: Asking, token: str) -> None:
    """What follows stands in the place of the answer that was pressed on, which has done its work."""

    async def ask(office: Office, request: Request) -> Said:
        said = await choose(office, request, token)
        if not token.startswith(PUBLISH):
            return said
        return await with_channels_joined(desk, request.community, said)

    await desk.answer(asked, ask, instead=True)


async def sent(desk: Desk, asked: Asking, body: Mapping[str, object]) -> None:
    """Answer a form that was filled in, where it was asked for."""
    view = row_in(body, "view")
    before, argument = resumed(view, asked.workspace, asked.member, desk.now())
    what, given = text_in(view, "callback_id").removeprefix(MARK), filled_in(view)
    if what == SETUP:
        await wizard.filled(desk, before, given)
    elif what == EDIT:
        await edited(desk, before, given)
    elif what == DIFF:
        await compared(desk, before, given)
    elif what == REPORT:
        await reports.told(desk, before, given, argument)
