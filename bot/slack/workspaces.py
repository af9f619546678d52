"""The workspaces that Steward is installed in, and how it speaks to each.

A request is tried once: slack_sdk's own second try after a broken connection could post the same thing twice. Whoever tries again
looks first whether it is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.failures import plain_failures
from moderation.errors import Gone, NotAllowed, SettingsError
from moderation.messages import Platform
from moderation.ports import Community

API = "https://slack.com/api/"
TIMEOUT = aiohttp.ClientTimeout(total=30)
UNKNOWN_BOT = (
    "Slack does not know STEWARD_SLACK_BOT_TOKEN: copy it again from OAuth & Permissions of your app"
)
UNKNOWN_ADMIN = "Slack does not know STEWARD_SLACK_ADMIN_TOKEN: copy it again from OAuth & Permissions of your app, or leave it out"
OTHER_ADMIN = "STEWARD_SLACK_ADMIN_TOKEN belongs to another workspace than STEWARD_SLACK_BOT_TOKEN"


@dataclass(frozen=True, slots=True)
class Workspace:
    """One installation. `bot_user` and `bot` are who we are there, `url` is its address with a slash at the end.

    `admin` speaks with the token of an admin, who may delete what others posted; `admin_user` is that admin.
    """

    community: Community
    name: str
    client: AsyncWebClient
    bot_user: str
    bot: str
    url: str = ""
    enterprise: str = ""
    admin: AsyncWebClient | None = None
    admin_user: str = ""

    def link(self, channel: str, message: str, thread: str | None = None) -> str:
        """The permalink of a message, in the form that chat.getPermalink gives."""
        within = f"?thread_ts={thread}&cid={channel}" if thread else ""
        return f"{self.url}archives/{channel}/p{message.replace('.', '')}{within}"


class Workspaces:
    """All that are connected, by community."""

    def __init__(self) -> None:
        self._known: dict[str, Workspace] = {}

    def __iter__(self) -> Iterator[Workspace]:
        return iter(tuple(self._known.values()))

    def add(self, workspace: Workspace) -> None:
        """Connect it, or put its new tokens in the place of the old."""
        self._known[workspace.community.id] = workspace

    def drop(self, community: Community) -> None:
        """We were sent away."""
        self._known.pop(community.id, None)

    def without_admin(self, community: Community) -> None:
        """The admin's token is no longer good."""
        known = self._known.get(community.id)
        if known is not None:
            self._known[community.id] = replace(known, admin=None, admin_user="")

    def of(self, community: Community) -> Workspace:
        """Raises Gone for one that is not connected."""
        found = self._known.get(community.id)
        if found is None:
            raise Gone(f"The workspace {community.id} is not connected.")
        return found

    def find(self, team: str | None, enterprise: str | None = None) -> Workspace | None:
        """One by its id, or where Slack tells none, by its organisation's."""
        found = self._known.get(team or "")
        if found is None and team is None and enterprise:
            return next((each for each in self if each.enterprise == enterprise), None)
        return found

    def told(self, body: Mapping[str, object]) -> Workspace | None:
        """The workspace that a request of Slack's is for: of a channel that several share, the one in which we are installed."""
        return next((found for each in _teams(body) if (found := self._known.get(each))), None)


def _teams(body: Mapping[str, object]) -> Iterator[str]:
    given = body.get("authorizations")
    for each in given if isinstance(given, list) else ():
        if isinstance(each, dict):
            yield str(each.get("team_id") or "")
    team = body.get("team")
    yield str(team.get("id") or "") if isinstance(team, dict) else str(team or "")
    yield str(body.get("team_id") or "")
    user = body.get("user")
    yield str(user.get("team_id") or "") if isinstance(user, dict) else ""


def speaking(token: str, session: aiohttp.ClientSession, api_url: str | None = None) -> AsyncWebClient:
    """A client that tries each request once. `api_url` is another address than Slack's own."""
    return AsyncWebClient(token=token, base_url=base_url(api_url), session=session, retry_handlers=[])


def base_url(api_url: str | None) -> str:
    """Slack's own address, or another one, as slack_sdk wants it."""
    return f"{(api_url or API).rstrip('/')}/"


async def sign_in(client: AsyncWebClient, admin: AsyncWebClient | None = None) -> Workspace:
    """Ask Slack whose tokens these are. Raises SettingsError for wrong ones, PlatformError where Slack is not there."""
    ours = await _who(client, UNKNOWN_BOT)
    found = Workspace(
        Community(Platform.SLACK, str(ours["team_id"])),
        str(ours.get("team") or ours["team_id"]),
        client,
        str(ours["user_id"]),
        str(ours.get("bot_id") or ""),
        f"{str(ours.get('url') or '').rstrip('/')}/",
        str(ours.get("enterprise_id") or ""),
    )
    if admin is None:
        return found
    theirs = await _who(admin, UNKNOWN_ADMIN)
    if str(theirs["team_id"]) != found.community.id:
        raise SettingsError(OTHER_ADMIN)
    return replace(found, admin=admin, admin_user=str(theirs["user_id"]))


async def _who(client: AsyncWebClient, unknown: str) -> Mapping[str, object]:
    try:
        with plain_failures():
            answer = await client.auth_test()
    except NotAllowed:
        raise SettingsError(unknown) from None
    return answer.data if isinstance(answer.data, dict) else {}
