"""What Slack tells becomes our own types. Pure.

Text, kinds, names, threads and what hangs on a message are those of exported history (bot/history/slack_messages.py, which does the
work here too): a replay and the living bot judge the same message. Other than there, an edit has a revision.
https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.history import slack_messages
from bot.history.clean import Row, id_in, row_in, text_in
from bot.history.mrkdwn import mentioned
from bot.history.slack_blocks import attachments_text, blocks_text
from bot.history.slack_messages import Workspace
from bot.history.times import slack_time
from moderation.messages import Channel, Message

HIGHEST_REVISION = 2**31 - 1
_PRIVATE = {"im", "mpim", "app_home"}
_CHANNEL = re.compile(r"<#([A-Z0-9]+)(?:\|[^<>]*)?>", re.ASCII)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message as it is now: new, edited, or with a preview that Slack added."""

    channel: str
    row: Row

    @property
    def message(self) -> str:
        """Its ts."""
        return id_in(self.row, "ts")


@dataclass(frozen=True, slots=True)
class Deleted:
    """A message that is no more; `message` is its ts."""

    channel: str
    message: str


def told(event: Row) -> Posted | Deleted | None:
    """What a `message` event tells; None for what is said in private or shown to one person, and for mere counts of replies."""
    channel, subtype = id_in(event, "channel"), text_in(event, "subtype")
    if not channel or text_in(event, "channel_type") in _PRIVATE or event.get("is_ephemeral") is True:
        return None
    if subtype == "message_replied":
        return None
    if subtype == "message_deleted":
        message = id_in(event, "deleted_ts") or id_in(row_in(event, "previous_message"), "ts")
        return Deleted(channel, message) if message else None
    row = row_in(event, "message") if subtype == "message_changed" else event
    if slack_time(id_in(row, "ts")) is None:
        return None
    return Deleted(channel, id_in(row, "ts")) if is_tombstone(row) else Posted(channel, row)


def is_tombstone(row: Row) -> bool:
    """Whether a message was deleted whose replies stay: Slack leaves a stone in its place."""
    return text_in(row, "subtype") == "tombstone"


def message_from(row: Row, channel: Channel, workspace: Workspace) -> Message:
    """The message in `row` at its present revision. Raises ValueError for one without a time."""
    posted_at = slack_time(id_in(row, "ts"))
    if posted_at is None:
        raise ValueError("A message of Slack's has a ts.")
    found = slack_messages.message_from(row, posted_at, channel, workspace)
    return replace(found, revision=revision_of(row))


def revision_of(row: Row) -> int:
    """0 if never edited, else the tenths of a second from posting to the edit that have begun, at least 1.

    A preview that Slack adds is no edit. Slack tells edits to the second: a second edit within it is the same revision.
    """
    posted_at, edited_at = slack_time(id_in(row, "ts")), slack_time(id_in(row_in(row, "edited"), "ts"))
    if posted_at is None or edited_at is None:
        return 0
    return revision_at(posted_at, edited_at)


def revision_at(posted_at: datetime, edited_at: datetime) -> int:
    """The revision of an edit at `edited_at`."""
    return min(max((edited_at - posted_at) // timedelta(milliseconds=100), 0) + 1, HIGHEST_REVISION)


def people_in(row: Row) -> tuple[str, ...]:
    """Ids of the people whose names a message needs: its author and whom it mentions."""
    author = id_in(row, "user")
    return tuple(dict.fromkeys([*((author,) if author else ()), *mentioned(_source(row))]))


def channels_in(row: Row) -> tuple[str, ...]:
    """Ids of the channels that a message names."""
    return tuple(dict.fromkeys(_CHANNEL.findall(_source(row))))


def _source(row: Row) -> str:
    return text_in(row, "text") or blocks_text(row) or attachments_text(row)
