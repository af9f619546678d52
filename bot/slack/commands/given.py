"""What people give to commands: channels that we must see, messages, files of a form."""

from __future__ import annotations

from bot.office.said import Request
from bot.slack.commands.desk import Desk
from bot.slack.commands.parsing import Asked
from bot.slack.failures import plain_failures
from bot.slack.workspaces import Workspace
from moderation.charter_file import LONGEST_FILE
from moderation.errors import BadInput, Gone, NotAllowed, PlatformError
from moderation.messages import Channel
from moderation.ports import Community

WELL = 200


async def seen(desk: Desk, community: Community, given: str) -> Channel:
    """A channel by id or name as we know it. Raises BadInput for one that we cannot see, PlatformError."""
    workspace = desk.platform.workspaces.of(community)
    try:
        room = await desk.platform.places.room(workspace, given)
    except Gone:
        name = "that channel" if given.isupper() else f"#{given}"
        raise BadInput(
            f"I cannot see {name}. If it is private, type /invite @Steward there first, then ask again."
        ) from None
    return room.channel


def message_of(asked: Asked, request: Request) -> tuple[str, str]:
    """The ids of the channel and of the message that was given; without a channel it is one of here."""
    channel, _, message = (asked.text("message") or "").partition("/")
    return channel or request.channel, message


async def file_from(workspace: Workspace, address: str) -> bytes:
    """What is in a file that was given with a form. Raises BadInput for one that is too large to be a charter, PlatformError."""
    session = workspace.client.session
    if session is None:
        raise PlatformError("The connection to Slack is closed.")
    headers = {"Authorization": f"Bearer {workspace.client.token}"}
    with plain_failures("files:read"):
        async with session.get(address, headers=headers) as answer:
            # Without the scope Slack answers with its sign-in page.
            if answer.status != WELL or answer.content_type == "text/html":
                raise NotAllowed(f"Slack does not give the file ({answer.status}).", "files:read")
            content = bytearray()
            async for piece in answer.content.iter_chunked(1 << 16):
                content += piece
                if len(content) > LONGEST_FILE:
                    raise BadInput(f"A charter file has at most {LONGEST_FILE:,} bytes.")
    return bytes(content)
