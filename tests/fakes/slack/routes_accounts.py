"""auth.*, apps.*, oauth.v2.access, team.info, users.*, usergroups.*: their pages in docs.slack.dev/reference/methods."""

from __future__ import annotations

from tests.fakes.slack import installations, payloads
from tests.fakes.slack.calls import Call, Endpoint
from tests.fakes.slack.entities import User
from tests.fakes.slack.errors import Json, SlackError


def _auth_test(call: Call) -> Json:
    if call.token.kind == "app":
        return {"app_name": call.world.app.name, "app_id": call.world.app.id}
    team, user = call.workspace, call.user
    found: Json = {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": user.name,
        "team_id": team.id,
        "user_id": user.id,
        "is_enterprise_install": False,
    }
    found |= {"enterprise_id": team.enterprise_id} if team.enterprise_id else {}
    return found | {"bot_id": user.bot_id} if user.is_bot else found


def _auth_revoke(call: Call) -> Json:
    if not call.flag("test"):
        installations.revoke(call.world, call.token)
    return {"revoked": not call.flag("test")}


def _uninstall(call: Call) -> Json:
    _check_secret(call)
    installations.uninstall(call.world, call.workspace)
    return {}


def _check_secret(call: Call) -> None:
    app = call.world.app
    client_id, secret = call.authorization or (call.text("client_id"), call.text("client_secret"))
    if client_id != app.client_id:
        raise SlackError("invalid_client_id")
    if secret != app.client_secret:
        raise SlackError("bad_client_secret")


def _oauth(call: Call) -> Json:
    _check_secret(call)
    return installations.exchange(call.world, call.text("code"), call.text("redirect_uri"))


def _team_info(call: Call) -> Json:
    team = call.workspace
    found: Json = {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}
    if team.enterprise_id:
        found |= {"enterprise_id": team.enterprise_id, "enterprise_name": team.name}
    return {"team": found}


def _person(call: Call) -> User:
    """Of the own workspace, or one met in a shared channel. Raises SlackError user_not_found, user_not_visible."""
    person = call.world.users.get(call.required("user"))
    if person is None:
        raise SlackError("user_not_found")
    shared = any(
        person.id in each.members and call.workspace in each.workspaces
        for each in call.world.channels.values()
    )
    if person.workspace is not call.workspace and not shared:
        raise SlackError("user_not_visible")
    return person


def _users_info(call: Call) -> Json:
    return {"user": payloads.user(_person(call), seen_from=call.workspace)}


def _users_list(call: Call) -> Json:
    page, after = call.page(list(call.workspace.members.values()), 200, 1000)
    found = [payloads.user(each, seen_from=call.workspace) for each in page]
    return {"members": found, "cache_ts": payloads.stamp(call.world.now()), **after}


def _presence(call: Call) -> Json:
    return {"presence": "active" if _person(call).active else "away"}


def _usergroups(call: Call) -> Json:
    found = []
    for each in call.workspace.usergroups.values():
        if each.enabled or call.flag("include_disabled"):
            about: Json = {"id": each.id, "team_id": call.workspace.id, "is_usergroup": True}
            about |= {"name": each.handle, "handle": each.handle, "user_count": len(each.members)}
            found.append(about | {"users": each.members} if call.flag("include_users") else about)
    return {"usergroups": found}


def _usergroup_members(call: Call) -> Json:
    group = call.workspace.usergroups.get(call.required("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    if not group.enabled and not call.flag("include_disabled"):
        raise SlackError("subteam_disabled")
    return {"users": group.members}


def _bots_info(call: Call) -> Json:
    for user in call.workspace.members.values():
        if user.is_bot and user.bot_id == call.text("bot"):
            about = {"id": user.bot_id, "deleted": user.deactivated, "name": user.name, "updated": 0}
            return {"bot": about | {"app_id": user.app_id, "user_id": user.id, "icons": {}}}
    raise SlackError("bot_not_found")


ANYBODY = ("bot", "user", "app")
READ_USERS, READ_GROUPS = ("users:read",), ("usergroups:read",)
ENDPOINTS = (
    Endpoint("auth.test", _auth_test, tier=0, kinds=ANYBODY),
    Endpoint("auth.revoke", _auth_revoke, "test", kinds=ANYBODY),
    Endpoint("apps.uninstall", _uninstall, "client_id client_secret", tier=1),
    Endpoint(
        "oauth.v2.access",
        _oauth,
        "code client_id client_secret redirect_uri grant_type refresh_token",
        tier=4,
        kinds=("",),
    ),
    Endpoint("team.info", _team_info, "team domain", ("team:read",)),
    Endpoint("users.info", _users_info, "user include_locale", READ_USERS, tier=4),
    Endpoint("users.list", _users_list, "cursor limit include_locale team_id", READ_USERS, tier=2),
    Endpoint("users.getPresence", _presence, "user", READ_USERS),
    Endpoint(
        "usergroups.list",
        _usergroups,
        "include_count include_disabled include_users team_id",
        READ_GROUPS,
        tier=2,
    ),
    Endpoint(
        "usergroups.users.list",
        _usergroup_members,
        "usergroup include_disabled team_id",
        READ_GROUPS,
        tier=2,
    ),
    Endpoint("bots.info", _bots_info, "bot team_id", READ_USERS),
)
