"""The one honest line, for everybody to see: messages here are read by a machine. Setting up posts it once, and pins it.

It carries the marker `machine_read`, by which a second setup finds it again.
"""

from __future__ import annotations

import logging

from bot.history.clean import Row, row_in, rows_in, text_in
from bot.office.office import Rules
from bot.office.said import Request, Said
from bot.office.setup import honest_line
from bot.slack.commands.desk import Desk
from bot.slack.failures import plain_failures
from bot.slack.fitting import sections
from bot.slack.markers import Place, marked, metadata
from bot.slack.rendering import defused, plain
from bot.slack.workspaces import Workspace
from moderation.charter import Charter
from moderation.errors import Gone, PlatformError

log = logging.getLogger(__name__)

MARKER = "machine_read"
PLEASE_POST = "Please post this where everybody sees it, for I could not."
PLEASE_PIN = "Please pin it: I could not."


async def post(desk: Desk, asked: Request, rules: Rules) -> Said | None:
    """Post the line unless it stands, and say so; None where it stands already, in its present words.

    It stands in the social channel, where everybody comes by; without one, where it is asked, or in the first channel that is read.
    Where that cannot be, people are asked to post it themselves.
    """
    text = defused(honest_line(*rules))
    workspace = desk.platform.workspaces.of(asked.community)
    try:
        for channel in await _places(desk, workspace, asked, rules[0]):
            standing = await find(desk, workspace, channel)
            if standing is not None:
                await _reword(workspace, channel, standing, text)
                return None
        return await _posted(desk, workspace, asked, rules[0], text)
    except PlatformError as error:
        log.warning("the line that messages are read could not be posted", exc_info=error)
        return Said(f"{PLEASE_POST} ({defused(str(error))})\n> {text}")


async def find(desk: Desk, workspace: Workspace, channel: str) -> str | None:
    """The line's ts in a channel: among the posts of the last days, or pinned. Raises PlatformError's kinds."""
    standing = await desk.platform.find(workspace.community, channel, MARKER)
    if standing is not None:
        return standing
    with plain_failures("pins:read"):
        answer = await workspace.client.pins_list(channel=channel)
    items = rows_in(answer.data if isinstance(answer.data, dict) else {}, "items")
    return next((found for item in items if (found := _ours(row_in(item, "message"), workspace))), None)


def _ours(message: Row, workspace: Workspace) -> str | None:
    """The ts of a pinned message of ours that is the line: by its marker, or, where Slack does not give that, by what it names."""
    if text_in(message, "user") != workspace.bot_user and text_in(message, "bot_id") != workspace.bot:
        return None
    mark = marked(message)
    named = mark[0] == MARKER if mark else "/steward help" in text_in(message, "text")
    return text_in(message, "ts") if named else None


async def _places(desk: Desk, workspace: Workspace, asked: Request, charter: Charter) -> list[str]:
    """Ids of the channels in which the line may stand and in which we are, the best first."""
    social = charter.social_channel
    names = [social.id or social.name] if social else []
    names += [asked.channel] if charter.is_watched(asked.channel) else []
    names += [entry.id or entry.name for entry in charter.channels if entry.watched][:1]
    found = []
    for name in dict.fromkeys(names):
        try:
            room = await desk.platform.places.room(workspace, name)
        except Gone as error:
            log.info("the line that messages are read cannot stand there", exc_info=error)
            continue
        found += [room.id] if room.member else []
    return found


async def _posted(desk: Desk, workspace: Workspace, asked: Request, charter: Charter, text: str) -> Said:
    places = await _places(desk, workspace, asked, charter)
    if not places:
        return Said(f"{PLEASE_POST}\n> {text}")
    with plain_failures("chat:write"):
        sent = await workspace.client.chat_postMessage(
            channel=places[0],
            text=plain(text),
            blocks=sections(text),
            metadata=metadata(MARKER),
            unfurl_links=False,
            unfurl_media=False,
        )
    message = str(sent["ts"])
    desk.platform.markers.put(places[0], MARKER, Place(message))
    pinned = await _pin(workspace, places[0], message)
    done = "posted and pinned this" if pinned else "posted this"
    below = "" if pinned else f"\n{PLEASE_PIN}"
    return Said(f"So that everybody knows, I {done} in <#{places[0]}>:\n> {text}{below}")


async def _pin(workspace: Workspace, channel: str, message: str) -> bool:
    try:
        with plain_failures("pins:write"):
            await workspace.client.pins_add(channel=channel, timestamp=message)
    except PlatformError as error:
        log.warning("the line that messages are read could not be pinned", exc_info=error)
        return False
    return True


async def _reword(workspace: Workspace, channel: str, message: str, text: str) -> None:
    """Let a line that stands say what is true by now."""
    with plain_failures("chat:write"):
        await workspace.client.chat_update(
            channel=channel,
            ts=message,
            text=plain(text),
            blocks=sections(text),
            metadata=metadata(MARKER),
        )
