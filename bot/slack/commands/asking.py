"""Who asks on Slack, where, and by which way they can be answered. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.history.clean import Row, id_in, row_in, text_in
from bot.slack.workspaces import Workspace

RESPONSE_URL_LIVES = timedelta(minutes=29)
"""Slack says thirty: https://docs.slack.dev/interactivity/handling-user-interaction"""
LONGEST_KEPT = 3_000
"""Characters of a form's private_metadata: https://docs.slack.dev/reference/views/modal-views"""


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody asks. `channel` is empty where it is asked in none (App Home), `trigger` opens a form within three seconds.

    `response_url` answers until `at` plus half an hour; `view` is the id of the form or page in which something was pressed, and
    `in_form` says which of the two.
    """

    workspace: Workspace
    member: str
    at: datetime
    name: str = ""
    channel: str = ""
    response_url: str = ""
    trigger: str = ""
    view: str = ""
    in_form: bool = False

    def answerable(self, now: datetime) -> bool:
        """Whether the response_url still lives."""
        return bool(self.response_url) and now - self.at < RESPONSE_URL_LIVES


def asking(body: Mapping[str, object], workspace: Workspace, now: datetime) -> Asking:
    """Who asks, by what Slack sent: a slash command, a shortcut, a press, or a form that was sent."""
    user, view = row_in(body, "user"), row_in(body, "view")
    channel = id_in(row_in(body, "channel"), "id") or id_in(row_in(body, "container"), "channel_id")
    return Asking(
        workspace,
        id_in(user, "id") or id_in(body, "user_id"),
        now,
        text_in(user, "username", "name") or text_in(body, "user_name"),
        channel or id_in(body, "channel_id"),
        text_in(body, "response_url"),
        text_in(body, "trigger_id"),
        id_in(view, "id"),
        in_form=text_in(view, "type") == "modal",
    )


def kept(asked: Asking, argument: str = "") -> str:
    """What a form carries with it, so that what is filled in is answered where it was asked for, after a restart too."""
    told = {
        "channel": asked.channel,
        "response_url": asked.response_url,
        "at": int(asked.at.timestamp()),
        "argument": argument,
    }
    found = json.dumps(told)
    return found if len(found) <= LONGEST_KEPT else json.dumps({**told, "response_url": ""})


def resumed(view: Row, workspace: Workspace, member: str, now: datetime) -> tuple[Asking, str]:
    """Who asked for a form that was sent, and its argument; what the form does not carry is empty."""
    try:
        told = json.loads(text_in(view, "private_metadata") or "{}")
    except ValueError:
        told = {}
    row: Row = told if isinstance(told, dict) else {}
    seconds = row.get("at")
    at = datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else now
    asked = Asking(
        workspace, member, at, channel=id_in(row, "channel"), response_url=text_in(row, "response_url")
    )
    return asked, text_in(row, "argument")
