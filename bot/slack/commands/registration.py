"""What Slack tells of commands goes to the desk. It is acknowledged at once, for Slack waits three seconds; answers come after.

https://docs.slack.dev/interactivity/implementing-slash-commands and https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.history.clean import id_in, row_in, text_in
from bot.slack import home
from bot.slack.commands import dispatch, presses, shortcuts
from bot.slack.commands.asking import Asking, asking
from bot.slack.commands.blocks import CHOSEN, MARK
from bot.slack.commands.desk import Desk
from bot.slack.commands.table import COMMANDS
from bot.slack.manifest import SHORTCUTS

log = logging.getLogger(__name__)

ACTIONS = re.compile(rf"^[{re.escape(CHOSEN + MARK)}]")
FORMS = re.compile(rf"^{re.escape(MARK)}")

Body = Mapping[str, object]
Work = Callable[[Desk, Asking, Body], Awaitable[None]]


def add_commands(app: AsyncApp, desk: Desk) -> None:
    """From now on commands, shortcuts, presses, forms and App Home are answered."""
    for root in COMMANDS:
        app.command(f"/{root}")(_listener(desk, _command))
    for _, callback_id, _ in SHORTCUTS:
        app.shortcut(callback_id)(_listener(desk, _shortcut))
    app.action(ACTIONS)(_listener(desk, presses.pressed))
    app.view(FORMS)(_listener(desk, presses.sent))
    app.event("app_home_opened")(_opened(desk))


def _listener(desk: Desk, work: Work) -> Callable[[AsyncAck, dict[str, object]], Awaitable[None]]:
    async def told(ack: AsyncAck, body: dict[str, object]) -> None:
        workspace = desk.platform.workspaces.told(body)
        await ack()
        if workspace is not None:  # Bolt refuses those that are not connected, and says so
            desk.soon(_done(work(desk, asking(body, workspace, desk.now()), body)))

    return told


async def _done(work: Awaitable[None]) -> None:
    """What goes wrong before anybody can be answered is in the log at least."""
    try:
        await work
    except Exception:
        log.exception("a command failed")


async def _command(desk: Desk, asked: Asking, body: Body) -> None:
    await dispatch.take(desk, asked, text_in(body, "command").removeprefix("/"), text_in(body, "text"))


async def _shortcut(desk: Desk, asked: Asking, body: Body) -> None:
    await shortcuts.take(desk, asked, text_in(body, "callback_id"), body)


def _opened(desk: Desk) -> Callable[[dict[str, object]], Awaitable[None]]:
    async def told(body: dict[str, object]) -> None:
        workspace, event = desk.platform.workspaces.told(body), row_in(body, "event")
        if workspace is not None and text_in(event, "tab") == "home":
            asked = Asking(workspace, id_in(event, "user"), desk.now())
            desk.soon(_done(home.publish(desk, asked)))

    return told
