"""Who is a moderator at this moment: asked of Slack at every action."""

from __future__ import annotations

import re

from bot.slack.failures import plain_failures
from bot.slack.platform import SlackPlatform
from bot.slack.workspaces import Workspace
from moderation.errors import PlatformError
from moderation.ports import Community

_GROUP = re.compile(r"S[A-Z0-9]{6,}", re.ASCII)


async def is_moderator(platform: SlackPlatform, community: Community, member: str) -> bool:
    """Whether somebody is an admin of the workspace, in the moderators' own channel, or in a user group that the policy names.

    What cannot be asked counts as no; a public channel makes nobody a moderator. Raises Gone for a workspace that is not connected.
    """
    workspace = platform.workspaces.of(community)
    try:
        if (await platform.people.now(workspace, member)).admin:
            return True
        _, policy = await platform.rules(community)
    except PlatformError:
        return False
    if policy.moderators_channel and await _is_in(platform, workspace, policy.moderators_channel, member):
        return True
    groups = [each for each in policy.moderators if _GROUP.fullmatch(each)]
    return any([await _is_in_group(workspace, group, member) for group in groups])


async def _is_in(platform: SlackPlatform, workspace: Workspace, channel: str, member: str) -> bool:
    try:
        room = await platform.places.room(workspace, channel)
        return room.private and member in await platform.places.members(workspace, room.id)
    except PlatformError:
        return False


async def _is_in_group(workspace: Workspace, group: str, member: str) -> bool:
    try:
        with plain_failures("usergroups:read"):
            answer = await workspace.client.usergroups_users_list(usergroup=group)
    except PlatformError:
        return False
    users = answer.get("users")
    return isinstance(users, list) and member in users
