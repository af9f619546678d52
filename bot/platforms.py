"""All platforms of a process as one: what concerns a community goes to the platform on which it lives."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from moderation.errors import Unavailable
from moderation.messages import Channel, Message, MessageKey, Platform
from moderation.notices import DigestShown, Notice
from moderation.ports import Abilities, Button, ChatPlatform, Community, Look, community_of
from moderation.report_actions import PostDigest

AWAY = 900.0
"""Seconds after which it is looked again whether the platform is there."""
MakeDigest = Callable[[Community, PostDigest], Awaitable[DigestShown]]


class Platforms:
    """moderation.ports.ChatPlatform. `make_digest` turns a digest that is to be posted into what is shown."""

    def __init__(self, platforms: Mapping[Platform, ChatPlatform], make_digest: MakeDigest) -> None:
        self._platforms, self._make_digest = dict(platforms), make_digest

    def abilities(self, community: Community) -> Abilities:
        return self._of(community).abilities(community)

    async def find(self, community: Community, channel: str, marker: str) -> str | None:
        return await self._of(community).find(community, channel, marker)

    async def look(self, key: MessageKey) -> Look:
        return await self._of(community_of(key)).look(key)

    async def say(
        self,
        community: Community,
        channel: str,
        notice: Notice,
        *,
        buttons: Sequence[Button],
        marker: str,
        thread: str | None = None,
    ) -> str:
        platform = self._of(community)
        return await platform.say(community, channel, notice, buttons=buttons, marker=marker, thread=thread)

    async def tell(
        self,
        community: Community,
        channel: str,
        member: str,
        notice: Notice,
        *,
        buttons: Sequence[Button],
        marker: str,
    ) -> str:
        platform = self._of(community)
        return await platform.tell(community, channel, member, notice, buttons=buttons, marker=marker)

    async def copy(
        self,
        message: Message,
        to_channel: str,
        *,
        marker: str,
        buttons: Sequence[Button] = (),
        under: str = "",
    ) -> str:
        platform = self._of(community_of(message.key))
        return await platform.copy(message, to_channel, marker=marker, buttons=buttons, under=under)

    async def edit_copy(self, copy: MessageKey, message: Message) -> None:
        await self._of(community_of(copy)).edit_copy(copy, message)

    async def remove(self, key: MessageKey, *, reason: str) -> None:
        await self._of(community_of(key)).remove(key, reason=reason)

    async def show_card(
        self, community: Community, card: Notice, *, buttons: Sequence[Button], marker: str, known: str = ""
    ) -> str:
        shown = await self._make_digest(community, card) if isinstance(card, PostDigest) else card
        return await self._of(community).show_card(
            community, shown, buttons=buttons, marker=marker, known=known
        )

    async def same_readers(self, community: Community, channel: str, other: str) -> bool:
        return await self._of(community).same_readers(community, channel, other)

    async def channels(self, community: Community) -> list[Channel]:
        return await self._of(community).channels(community)

    async def history(
        self, community: Community, channel: str, after: datetime | None
    ) -> AsyncIterator[Message]:
        async for message in self._of(community).history(community, channel, after):
            yield message

    def _of(self, community: Community) -> ChatPlatform:
        platform = self._platforms.get(community.platform)
        if platform is None:
            raise Unavailable(f"Steward does not run on {community.platform} at present.", AWAY)
        return platform
