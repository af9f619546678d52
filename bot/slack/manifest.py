"""The app as Slack is to make it: what `steward slack manifest` prints, and each scope with its reason.

The form, its limits: https://docs.slack.dev/reference/app-manifest and https://github.com/slackapi/manifest-schema (version 1.0.0).
Scopes: https://docs.slack.dev/reference/scopes. Events: https://docs.slack.dev/reference/events. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.slack.commands.table import COMMANDS, usage_hint
from moderation.errors import BadInput

NAME = "Steward"
EVENTS_PATH = "/slack/events"
"""Where Slack sends everything over HTTP: events, commands, presses."""
REDIRECT_PATH = "/slack/oauth_redirect"
"""Where Slack sends whoever installs the app in one more workspace."""

WHY, MOVE, BELONGS, PITCH = "steward_why", "steward_move", "steward_belongs", "steward_pitch"
"""The callback ids of the message shortcuts."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What Steward asks to be allowed, and what for."""

    name: str
    reason: str


SCOPES = (
    Scope("commands", "to be asked with `/relevance`, `/steward` and in the menu of a message"),
    Scope("chat:write", "to nudge, to show cards, to answer, and to take its own posts away again"),
    Scope("chat:write.customize", "to post a moved post under its author's name and picture"),
    Scope("channels:read", "to know the public channels by name, and whether Steward is in them"),
    Scope("channels:history", "to read what is posted in the public channels that it is in"),
    Scope("channels:join", "to join, at setup, the public channels that you want it to read"),
    Scope(
        "groups:read", "the same for private channels into which you invite it, such as the moderators' own"
    ),
    Scope("groups:history", "to read what is posted in these, and to find its own cards there again"),
    Scope("users:read", "to write names, to see whether somebody is away, and who is a workspace admin"),
    Scope("usergroups:read", "to see who is in the user group of your moderators, if you name one"),
    Scope("im:write", "to open a direct message: for a file that goes with an answer, and for what else"),
    Scope("files:read", "to bring along the files of a moved post, and to read a charter file that you give"),
    Scope(
        "files:write", "to post these files at the other end, and to give you a chart or your data as a file"
    ),
    Scope("pins:read", "to find the one line again which says that messages here are read by a machine"),
    Scope("pins:write", "to pin this line"),
)
"""The least that the whole work needs. What is not here is not asked for."""

ADMIN_SCOPES = (
    Scope(
        "chat:write",
        "to delete the original of a moved post, or a pitch that a moderator ruled out, as the admin who gave the token could",
    ),
)
"""Scopes of a user token: only with `--admin`, only for deleting what others posted."""

APP_SCOPES = (
    Scope("connections:write", "to open the connection over which Slack tells and asks (Socket Mode)"),
)
"""Scopes of the app-level token. Slack makes this token by hand: no manifest can."""

EVENTS: Mapping[str, str] = {
    "message.channels": "what is posted, edited and deleted in public channels",
    "message.groups": "the same in private channels into which Steward was invited",
    "member_joined_channel": "that Steward itself was invited into a channel",
    "channel_left": "that it was removed from a public channel",
    "group_left": "that it was removed from a private channel",
    "channel_rename": "a public channel's new name",
    "group_rename": "a private channel's new name",
    "channel_archive": "that a public channel was archived",
    "channel_unarchive": "that a public channel is open again",
    "group_archive": "that a private channel was archived",
    "group_unarchive": "that a private channel is open again",
    "channel_deleted": "that a public channel is gone",
    "group_deleted": "that a private channel is gone",
    "channel_id_changed": "that a channel has another id, as when it becomes shared with another company",
    "channel_shared": "that a channel is now shared with another company, whose members' posts are not ours to delete",
    "channel_unshared": "that it is no longer",
    "app_home_opened": "that somebody opens Steward's own page",
    "app_uninstalled": "that Steward was removed from the workspace: everything of it is erased",
    "tokens_revoked": "that a token was taken back",
}
"""What Slack tells of, and why it is wanted."""

SHORTCUTS = (
    ("Why this verdict?", WHY, "Why Steward took this message for what it took it for."),
    ("Move to social channel", MOVE, "Move your post to where casual talk is at home; you are asked first."),
    ("It belongs here", BELONGS, "Say that what was said about this message was not right."),
    ("It's a pitch", PITCH, "Show the moderators an offer that should not be here."),
)
"""The menu of a message: names have at most 24 characters, descriptions 150."""

DESCRIPTION = "Keeps talks where they belong: kindly, and with moderators in charge."
LONG_DESCRIPTION = (
    "Steward reads the channels that your moderators chose and helps each talk find its place. Casual talk is told, or on its author's "
    "wish moved, to where it is at home; offers are shown to moderators, who decide. Steward keeps texts for seven days at most, keeps no "
    "score of anybody, and learns nothing from what you write. What it knows of you, and how to be left in peace: /steward help."
)


def manifest(http: str | None = None, *, admin: bool = False) -> dict[str, object]:
    """The manifest, ready for JSON. `http` is where Slack reaches Steward, without a path; without it Steward reaches Slack (Socket Mode).

    Raises BadInput for an address that Slack would not take.
    """
    outside = _outside(http) if http is not None else None
    address = f"{outside}{EVENTS_PATH}" if outside else None
    scopes = {"bot": [scope.name for scope in SCOPES]}
    if admin:
        scopes["user"] = [scope.name for scope in ADMIN_SCOPES]
    oauth: dict[str, object] = {"scopes": scopes}
    if outside:
        oauth["redirect_urls"] = [f"{outside}{REDIRECT_PATH}"]
    return {
        "display_information": {
            "name": NAME,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
            "background_color": "#2f4f4f",
        },
        "features": _features(address),
        "oauth_config": oauth,
        "settings": _settings(address),
    }


def _outside(given: str) -> str:
    wrong = BadInput(
        f'--http wants where Slack reaches Steward, such as https://steward.example.com, not "{given}"'
    )
    try:
        parts = urlsplit(given)
        whole = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or half an IPv6 address
        raise wrong from None
    if not whole or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise wrong
    return f"https://{parts.netloc}"


def _features(address: str | None) -> dict[str, object]:
    where = {"url": address} if address else {}
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": True,
        },
        "bot_user": {"display_name": NAME, "always_online": True},
        "shortcuts": [
            {"name": name, "type": "message", "callback_id": callback_id, "description": description}
            for name, callback_id, description in SHORTCUTS
        ],
        "slash_commands": [
            {
                "command": f"/{root}",
                "description": about,
                "usage_hint": usage_hint(root),
                "should_escape": True,
                **where,
            }
            for root, about in COMMANDS.items()
        ],
    }


def _settings(address: str | None) -> dict[str, object]:
    where = {"request_url": address} if address else {}
    return {
        "event_subscriptions": {"bot_events": list(EVENTS), **where},
        "interactivity": {"is_enabled": True, **where},
        "org_deploy_enabled": False,
        "socket_mode_enabled": address is None,
        "token_rotation_enabled": False,
    }
