"""How Slack writes what the office says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.office.said import Surface
from bot.slack import rendering
from bot.slack.names import SlackNames
from bot.slack.places import Places
from bot.slack.workspaces import Workspace, Workspaces
from moderation.messages import MessageKey
from moderation.notices import Notice
from moderation.ports import Community


@dataclass(frozen=True, slots=True)
class SlackSurface(SlackNames):
    """bot.office.said.Surface for one workspace; `workspace` is where links to messages lead."""

    workspace: Workspace | None = None

    def quote(self, text: str) -> str:
        """What somebody wrote: it mentions nobody, and is no link. Stars and underscores are shown as Slack shows them."""
        return rendering.defused(text)

    def harmless(self, notice: Notice) -> Notice:
        """A notice to be worded, with what people wrote in it quoted."""
        return rendering.harmless(notice)

    def message(self, key: MessageKey) -> str:
        """A link to a message, or an empty text where the workspace has no address."""
        if self.workspace is None or not self.workspace.url:
            return ""
        return f"<{self.workspace.link(key.channel, key.message)}>"


def surfaces(workspaces: Workspaces, places: Places) -> Callable[[Community], Surface]:
    """The surface of each workspace. What it returns raises Gone for one that is not connected."""

    def surface(community: Community) -> Surface:
        workspace = workspaces.of(community)
        return SlackSurface(places.names(workspace).channels, workspace=workspace)

    return surface
