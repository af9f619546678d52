"""Where things are on Slack: channels by id and name, who can read them, and which of them we are in."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.history.clean import Row, id_in, row_in, rows_in, text_in
from bot.history.mrkdwn import Names, decode
from bot.slack.failures import plain_failures
from bot.slack.names import SlackNames
from bot.slack.patience import patiently
from bot.slack.workspaces import Workspace
from moderation.errors import Gone, NotAllowed
from moderation.messages import Channel
from moderation.ports import Community

PAGE = 200
"""Rows that are asked for at once: what Slack recommends."""


@dataclass(frozen=True, slots=True)
class Room:
    """A channel. `member` says that we are in it; `teams` are the organisations that share it with ours."""

    id: str
    name: str
    purpose: str = ""
    private: bool = False
    member: bool = False
    archived: bool = False
    teams: frozenset[str] = frozenset()

    @property
    def channel(self) -> Channel:
        """What the domain knows of it."""
        return Channel(self.id, self.name, self.purpose)


def room_from(row: Row) -> Room:
    """The channel in a row of conversations.list or conversations.info."""
    said = text_in(row_in(row, "purpose"), "value") or text_in(row_in(row, "topic"), "value")
    shared = row.get("connected_team_ids") or row.get("shared_team_ids")
    return Room(
        id_in(row, "id"),
        text_in(row, "name") or id_in(row, "id"),
        decode(said, Names()),
        private=row.get("is_private") is True,
        member=row.get("is_member") is True,
        archived=row.get("is_archived") is True,
        teams=frozenset(map(str, shared if isinstance(shared, list) else ())),
    )


class Places:
    """Channels of every workspace, read once and told anew when they change. Everything raises Gone for what is not there."""

    def __init__(self) -> None:
        self._rooms: dict[str, dict[str, Room]] = {}
        self._listed: set[str] = set()
        self._asking: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def room(self, workspace: Workspace, channel: str) -> Room:
        """A channel by id or name."""
        async with self._asking[workspace.community.id, channel]:  # a burst of messages asks once
            known = self._rooms.setdefault(workspace.community.id, {})
            found = known.get(channel) or await self._asked(workspace, channel)
        if found is None:
            name = channel.removeprefix("#").casefold()
            found = next((room for room in await self.rooms(workspace) if room.name.casefold() == name), None)
        if found is None or found.archived:
            raise Gone(f"The channel {channel} is not there.")
        return found

    async def _asked(self, workspace: Workspace, channel: str) -> Room | None:
        """The channel with this id; None where that is no id."""
        if not SlackNames().channel(channel).startswith("<#"):
            return None
        with plain_failures("channels:read"):
            answer = await patiently(lambda: workspace.client.conversations_info(channel=channel))
        found = room_from(row_in(_row(answer.data), "channel"))
        self._rooms.setdefault(workspace.community.id, {})[found.id] = found
        return found

    async def rooms(self, workspace: Workspace) -> list[Room]:
        """The channels that are not archived: all public ones, and those private ones that we are in; by name."""
        known = self._rooms.setdefault(workspace.community.id, {})
        if workspace.community.id not in self._listed:
            async for row in _pages(workspace):
                room = room_from(row)
                known[room.id] = room
            self._listed.add(workspace.community.id)
        return sorted((room for room in known.values() if not room.archived), key=lambda room: room.name)

    def names(self, workspace: Workspace) -> SlackNames:
        """How channels and members are written, by what is known of them."""
        known = self._rooms.get(workspace.community.id, {})
        return SlackNames({room.name.casefold(): room.id for room in known.values()})

    def name_of(self, workspace: Workspace, channel: str) -> str | None:
        """A channel's name, where it is known."""
        found = self._rooms.get(workspace.community.id, {}).get(channel)
        return found.name if found else None

    def forget(self, community: Community, channel: str = "") -> None:
        """Something has changed: it is asked for again. Without a channel, everything."""
        self._listed.discard(community.id)
        if channel:
            self._rooms.get(community.id, {}).pop(channel, None)
        else:
            self._rooms.pop(community.id, None)

    async def join(self, workspace: Workspace, room: Room) -> None:
        """Join a public channel. Raises NotAllowed for a private one, to which somebody must invite us."""
        if room.member:
            return
        if room.private:
            raise NotAllowed(f"Steward is not in #{room.name}.", f"/invite @Steward in #{room.name}")
        with plain_failures("channels:join"):
            await workspace.client.conversations_join(channel=room.id)
        self.forget(workspace.community, room.id)

    async def same_readers(self, workspace: Workspace, here: Room, other: Room) -> bool:
        """Whether the same people can read both. Public channels are open to all members, not to guests who were not invited."""
        if here.teams != other.teams or here.private != other.private:
            return False
        if not here.private:
            return True
        return await self.members(workspace, here.id) == await self.members(workspace, other.id)

    async def members(self, workspace: Workspace, channel: str) -> frozenset[str]:
        """Who is in a channel, ourselves left out."""
        found: set[str] = set()
        cursor = ""
        while True:
            with plain_failures("channels:read"):
                answer = await patiently(
                    lambda at=cursor: workspace.client.conversations_members(  # type: ignore[misc]
                        channel=channel, cursor=at, limit=PAGE
                    )
                )
            data = _row(answer.data)
            members = data.get("members")
            found.update(map(str, members if isinstance(members, list) else ()))
            cursor = next_page(data)
            if not cursor:
                return frozenset(found - {workspace.bot_user})


async def _pages(workspace: Workspace) -> AsyncIterator[Row]:
    cursor = ""
    while True:
        with plain_failures("channels:read"):
            answer = await patiently(
                lambda at=cursor: workspace.client.conversations_list(  # type: ignore[misc]
                    types="public_channel,private_channel", exclude_archived=True, limit=PAGE, cursor=at
                )
            )
        data = _row(answer.data)
        for row in rows_in(data, "channels"):
            yield row
        cursor = next_page(data)
        if not cursor:
            return


def next_page(data: Mapping[str, Any]) -> str:
    """The cursor of the next page; empty on the last."""
    return text_in(row_in(data, "response_metadata"), "next_cursor")


def _row(data: object) -> Row:
    return data if isinstance(data, dict) else {}
