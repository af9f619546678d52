"""What one person alone is told: in the channel, seen by them alone, or as a direct message.

What Slack shows to one person in a channel is truly private, and gone when they reload; who is away does not see it at all. So what
must arrive (the text of a removed post, the answer to an appeal) comes as a direct message, and so does what is for those who chose
that; everything else is shown in the channel or thread, or not at all.
https://docs.slack.dev/reference/methods/chat.postEphemeral
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack import rendering
from bot.slack.failures import plain_failures
from bot.slack.fitting import Block
from bot.slack.places import Room
from bot.slack.workspaces import Workspace
from moderation.actions import FloodHint, NudgeAuthor
from moderation.errors import Gone, NotAllowed, NotReachable, PlatformError, Unavailable
from moderation.messages import MessageKey
from moderation.move_actions import TellOfReply
from moderation.notices import Answer, Notice, TextReturned
from moderation.ports import Store

MUST_ARRIVE = (TextReturned, Answer)


class Private:
    """`store` knows who chose direct messages, and in which thread a post stands."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def tell(
        self,
        workspace: Workspace,
        room: Room,
        member: str,
        notice: Notice,
        text: str,
        blocks: Sequence[Block],
    ) -> str:
        """Show it. Returns an id or an empty text; raises PlatformError, NotReachable where nothing was shown."""
        must = isinstance(notice, MUST_ARRIVE)
        if must or await self._chose_direct(workspace, member):
            try:
                return await self.direct(workspace, member, text, blocks)
            except NotReachable:
                pass  # then in the channel, if they are there
        if not must and await _is_away(workspace, member):
            raise NotReachable("They are away, and chose no direct messages.")
        thread = await self._thread(workspace, room, notice)
        return await whisper(workspace, room.id, member, text, blocks, thread)

    async def direct(self, workspace: Workspace, member: str, text: str, blocks: Sequence[Block]) -> str:
        """By direct message. Raises PlatformError, NotReachable for who takes none."""
        try:
            with plain_failures("im:write"):
                opened = await workspace.client.conversations_open(users=member)
                channel = str((opened.get("channel") or {}).get("id") or "")
                sent = await workspace.client.chat_postMessage(
                    channel=channel, text=rendering.plain(text), blocks=list(blocks), unfurl_links=False
                )
        except (Gone, NotAllowed) as error:
            raise NotReachable(str(error)) from error
        return str(sent["ts"])

    async def _chose_direct(self, workspace: Workspace, member: str) -> bool:
        async with self._store.work() as work:
            return bool(await work.communities.chose_direct(workspace.community, (member,)))

    async def _thread(self, workspace: Workspace, room: Room, notice: Notice) -> str | None:
        """The thread in which the post stands that it is about."""
        if isinstance(notice, TellOfReply):
            return notice.thread or None
        if not isinstance(notice, NudgeAuthor | FloodHint):
            return None
        community = workspace.community
        key = MessageKey(community.platform, community.id, room.id, notice.message)
        async with self._store.work() as work:
            stored = (await work.messages.get([key]))[0]
        return stored.thread if stored else None


async def whisper(
    workspace: Workspace,
    channel: str,
    member: str,
    text: str,
    blocks: Sequence[Block],
    thread: str | None = None,
) -> str:
    """Show it in a channel to one who is in it. Raises PlatformError, NotReachable for who is not."""
    with plain_failures("chat:write"):
        shown = await workspace.client.chat_postEphemeral(
            channel=channel, user=member, text=rendering.plain(text), blocks=list(blocks), thread_ts=thread
        )
    return str(shown.get("message_ts") or "")


async def _is_away(workspace: Workspace, member: str) -> bool:
    """Whether Slack says so; who cannot be asked about is taken to be there. Raises Unavailable."""
    try:
        with plain_failures("users:read"):
            answer = await workspace.client.users_getPresence(user=member)
    except Unavailable:
        raise
    except PlatformError:
        return False
    return answer.get("presence") == "away"
