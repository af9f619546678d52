"""What this server takes although Slack's OpenAPI file (Web API 1.7.0) does not know it yet: the one list, with sources.

A source is a page of docs.slack.dev, or slack_sdk 3.47.0 (`web/async_client.py`) where the page was not at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

PAGES = "https://docs.slack.dev/reference/methods/"
SDK = "slack_sdk 3.47.0, web/async_client.py"

METHODS: Mapping[str, str] = {
    "apps.connections.open": PAGES + "apps.connections.open",
    "files.getUploadURLExternal": PAGES + "files.getUploadURLExternal",
    "files.completeUploadExternal": PAGES + "files.completeUploadExternal",
}

ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "bots.info": {"team_id": SDK},
    "chat.postEphemeral": {"markdown_text": SDK},
    "chat.postMessage": {
        "markdown_text": PAGES + "chat.postMessage",
        "metadata": PAGES + "chat.postMessage",
    },
    "chat.update": {
        "file_ids": SDK,
        "markdown_text": PAGES + "chat.update",
        "metadata": SDK,
        "reply_broadcast": SDK,
    },
    "conversations.history": {"include_all_metadata": PAGES + "conversations.history"},
    "conversations.list": {"team_id": SDK},
    "conversations.replies": {"include_all_metadata": PAGES + "conversations.replies"},
    "oauth.v2.access": {"grant_type": SDK, "refresh_token": SDK},
    "team.info": {"domain": SDK},
    "usergroups.list": {"team_id": SDK},
    "usergroups.users.list": {"team_id": SDK},
    "users.conversations": {"team_id": SDK},
    "users.list": {"team_id": SDK},
    "views.open": {"interactivity_pointer": PAGES + "views.open"},
    "views.push": {"interactivity_pointer": PAGES + "views.push"},
}


def described(description: Mapping[str, object], method: str) -> frozenset[str] | None:
    """The arguments of a method in Slack's OpenAPI file; None where it has no such method."""
    paths = description["paths"]
    assert isinstance(paths, Mapping)
    found = paths.get(f"/{method}")
    if found is None:
        return None
    return frozenset(each["name"] for operation in found.values() for each in operation.get("parameters", ()))


def deviations(description: Mapping[str, object], method: str, arguments: Iterable[str]) -> list[str]:
    """What is neither in the file nor in the lists above: the method itself, or some of the arguments."""
    known = described(description, method)
    if known is None:
        return [] if method in METHODS else [f"{method}: no such method"]
    newer = ARGUMENTS.get(method, {})
    unknown = sorted(set(arguments) - known - set(newer))
    return [f"{method}: no argument {each}" for each in unknown]
