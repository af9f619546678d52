"""The form in which an author changes their own moved post; it opens from a button under its copy."""

from __future__ import annotations

from collections.abc import Mapping

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.history.clean import row_in
from bot.letters import LETTERS
from bot.office.moves import change_mine, text_of_mine
from bot.office.said import Request, Said
from bot.slack.commands.asking import asking, kept, resumed
from bot.slack.commands.blocks import View
from bot.slack.commands.desk import Desk
from bot.slack.commands.forms import LONGEST_INPUT, Field, filled_in, first, form
from bot.slack.rendering import Pressed, pressed_in
from bot.wording import word
from moderation.notices import Reply
from moderation.ports import Button

FORM, TEXT = "mine", "text"
"""The form's callback id: those of commands begin otherwise."""


def listen(app: AsyncApp, desk: Desk) -> None:
    """From now on the form is opened and taken in. Before other presses are listened to."""

    async def pressed(ack: AsyncAck, body: dict[str, object]) -> None:
        await ack()
        workspace, what = desk.platform.workspaces.told(body), pressed_in(body)
        if workspace is not None and what is not None:
            desk.soon(_open(desk, body, what))

    async def sent(ack: AsyncAck, body: dict[str, object]) -> None:
        await ack()
        desk.soon(_filled(desk, body))

    app.action(LETTERS[Button.CHANGE])(pressed)
    app.view(FORM)(sent)


async def _open(desk: Desk, body: Mapping[str, object], what: Pressed) -> None:
    """Show the author of a copy what it says; everybody else hears why not."""
    workspace = desk.platform.workspaces.told(body)
    if workspace is None:
        return
    asked = asking(body, workspace, desk.now())

    async def make(request: Request) -> View | Said:
        said = await text_of_mine(desk.office, request, what.subject)
        voice = await desk.office.voice(request.community)
        if said.reply is not Reply.CHANGED:
            return Said(word(said, voice, desk.office.surface(request.community)))
        if len(said.text) > LONGEST_INPUT:
            return Said(voice.say("left_there"))
        field = Field(TEXT, voice.say("change_text")).text(said.text, lines=True)
        shown = form(FORM, voice.say("change_title"), [field], kept(asked, what.subject), voice.language)
        return {**shown, "callback_id": FORM}

    await desk.open(asked, make)


async def _filled(desk: Desk, body: Mapping[str, object]) -> None:
    """Keep what was filled in."""
    workspace = desk.platform.workspaces.told(body)
    if workspace is None:
        return
    now = desk.now()
    view, member = row_in(body, "view"), asking(body, workspace, now).member
    before, copy = resumed(view, workspace, member, now)
    text = first(filled_in(view), TEXT)
    await desk.answer(before, lambda office, request: change_mine(office, request, copy, text))
