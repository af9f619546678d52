"""Readers of exported history: what was posted on Slack or Discord, as messages in order of time."""

from bot.history.archive import DEFAULT_MAX_BYTES
from bot.history.export import Export, open_export

__all__ = ["DEFAULT_MAX_BYTES", "Export", "open_export"]
