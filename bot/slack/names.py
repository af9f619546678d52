"""How Slack writes what has a name: mentions that open on a click, and times in each reader's own zone.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.history.mrkdwn import escape

_CHANNEL = re.compile(r"[CG][A-Z0-9]{6,}", re.ASCII)
_MEMBER = re.compile(r"[UW][A-Z0-9]{4,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SlackNames:
    """`wording.Names` for one workspace. `channels` are ids by name; `quiet` are names of members who are not to be notified, by id."""

    channels: Mapping[str, str] = field(default_factory=dict)
    quiet: Mapping[str, str] = field(default_factory=dict)

    def channel(self, channel: str) -> str:
        """A link to a channel given by id or name; of a name that the workspace does not have `#name`."""
        name = channel.removeprefix("#")
        found = name if _CHANNEL.fullmatch(name) else self.channels.get(name.casefold())
        return f"<#{found}>" if found else f"#{escape(name)}"

    def member(self, member: str) -> str:
        """A mention by id: it shows a name, and notifies whoever can read it; so who is to be left in peace is named only."""
        if member in self.quiet:
            return f"@{escape(self.quiet[member])}"
        return f"<@{member}>" if _MEMBER.fullmatch(member) else f"@{escape(member)}"

    def time(self, moment: datetime) -> str:
        """A moment to the minute. `moment` is aware."""
        otherwise = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}}, {{time}}|{otherwise}>"
