"""The menu of a message: its apps. Everyone sees all four; what follows depends on who asks."""

from __future__ import annotations

from collections.abc import Mapping

from bot.history.clean import id_in, row_in, text_in
from bot.history.mrkdwn import Names, decode
from bot.office.members import why
from bot.office.moves import move_to_social
from bot.office.telling import belongs_here, its_a_pitch
from bot.slack.commands.asking import Asking
from bot.slack.commands.desk import Ask, Desk
from bot.slack.manifest import BELONGS, MOVE, PITCH, WHY


async def take(desk: Desk, asked: Asking, shortcut: str, body: Mapping[str, object]) -> None:
    """Answer a shortcut on a message."""
    message = row_in(body, "message")
    await desk.answer(asked, question(shortcut, message, id_in(message, "ts") or id_in(body, "message_ts")))


def question(shortcut: str, message: Mapping[str, object], ts: str) -> Ask:
    """What a shortcut asks about a message. Raises KeyError for one that does not exist."""
    text, author = decode(text_in(message, "text"), Names()), id_in(message, "user")
    asks: dict[str, Ask] = {
        WHY: lambda office, asked: why(office, asked, asked.channel, ts),
        MOVE: lambda office, asked: move_to_social(office, asked, asked.channel, ts),
        BELONGS: lambda office, asked: belongs_here(office, asked, asked.channel, ts),
        PITCH: lambda office, asked: its_a_pitch(office, asked, asked.channel, ts, text, author),
    }
    return asks[shortcut]
