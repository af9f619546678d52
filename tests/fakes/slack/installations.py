"""The app comes into a workspace, and goes.

Sources: docs.slack.dev/authentication/installing-with-oauth, reference/methods/oauth.v2.access,
reference/events/app_uninstalled, reference/events/tokens_revoked.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta

from tests.fakes.slack.entities import Token, User, Workspace
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.world import Event, World

CODE_LIFE = timedelta(minutes=10)


def install(world: World, workspace: Workspace, scopes: Iterable[str] | None = None) -> Token:
    """A bot user, where there is none yet, and a bot token with the app's scopes or those named."""
    if workspace.bot is None:
        workspace.bot = world.new_user(workspace, world.app.name.lower(), bot=True)
        workspace.bot.app_id = world.app.id
    allowed = world.app.bot_scopes if scopes is None else frozenset(scopes)
    token = world.new_token("bot", allowed, workspace.bot, workspace)
    workspace.bot_token = token.value
    world.note("app installed", workspace.bot, workspace.id)
    return token


def allow(
    world: World, by: User, scopes: Iterable[str], user_scopes: Iterable[str], redirect_uri: str
) -> str:
    """Someone presses Allow. Gives the code for oauth.v2.access."""
    code = secrets.token_hex(12)
    world.codes[code] = {
        "by": by,
        "scopes": frozenset(scopes),
        "user_scopes": frozenset(user_scopes),
        "redirect_uri": redirect_uri,
        "ends": world.now() + CODE_LIFE,
    }
    return code


def exchange(world: World, code: str, redirect_uri: str) -> Json:
    """Raises SlackError invalid_code, code_expired, code_already_used, bad_redirect_uri."""
    allowed = world.codes.get(code)
    if allowed is None:
        raise SlackError("invalid_code")
    if allowed.get("used"):
        raise SlackError("code_already_used")
    if allowed["ends"] < world.now():
        raise SlackError("code_expired")
    if redirect_uri and redirect_uri != allowed["redirect_uri"]:
        raise SlackError("bad_redirect_uri")
    allowed["used"] = True
    by: User = allowed["by"]
    workspace = by.workspace
    token = install(world, workspace, allowed["scopes"])
    person: Json = {"id": by.id}
    if allowed["user_scopes"]:
        own = world.new_token("user", allowed["user_scopes"], by, workspace)
        person |= {"scope": _list(own), "access_token": own.value, "token_type": "user"}
    return {
        "app_id": world.app.id,
        "authed_user": person,
        "scope": _list(token),
        "token_type": "bot",
        "access_token": token.value,
        "bot_user_id": workspace.bot.id if workspace.bot else "",
        "team": {"id": workspace.id, "name": workspace.name},
        "enterprise": {"id": workspace.enterprise_id, "name": ""} if workspace.enterprise_id else None,
        "is_enterprise_install": False,
    }


def _list(token: Token) -> str:
    return ",".join(sorted(token.scopes))


def revoke(world: World, token: Token) -> None:
    """One token ends; with the last one of a workspace the app is uninstalled there."""
    token.revoked = True
    if token.workspace is None or token.user is None:
        return
    world.note("token revoked", token.user, token.kind)
    if not any(each.workspace is token.workspace and not each.revoked for each in world.tokens.values()):
        _uninstalled(world, token.workspace)
    kinds = {"oauth": [token.user.id]} if token.kind == "user" else {"bot": [token.user.id]}
    world.tell(Event({"type": "tokens_revoked", "tokens": kinds}, token.workspace, everyone=True))


def uninstall(world: World, workspace: Workspace) -> None:
    """All tokens end at once. The bot's user leaves every channel."""
    ended = [each for each in world.tokens.values() if each.workspace is workspace and not each.revoked]
    for token in ended:
        token.revoked = True
    _uninstalled(world, workspace)
    kinds: dict[str, list[str]] = {}
    for token in ended:
        if token.user:
            kinds.setdefault("oauth" if token.kind == "user" else "bot", []).append(token.user.id)
    world.tell(Event({"type": "tokens_revoked", "tokens": kinds}, workspace, everyone=True))


def _uninstalled(world: World, workspace: Workspace) -> None:
    world.note("app uninstalled", workspace.bot, workspace.id)
    if workspace.bot:
        for channel in world.channels.values():
            if not channel.is_direct:
                channel.members.pop(workspace.bot.id, None)
    world.tell(Event({"type": "app_uninstalled"}, workspace, everyone=True))
