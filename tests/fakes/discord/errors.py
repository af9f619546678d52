"""How Discord says no: an HTTP status, a code of its own and a sentence.

Source: developers/topics/opcodes-and-status-codes (JSON Error Codes), developers/reference (Error Messages).
"""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

MESSAGES = {
    0: "401: Unauthorized",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10011: "Unknown Role",
    10013: "Unknown User",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    10063: "Unknown application command",
    20012: "You are not authorized to perform this action on this application",
    30003: "Maximum number of pins reached for the channel (250)",
    30007: "Maximum number of webhooks reached (15)",
    30010: "Maximum number of reactions reached (20)",
    40003: "You are opening direct messages too fast",
    40005: "Request entity too large",
    40060: "Interaction has already been acknowledged.",
    50001: "Missing Access",
    50003: "Cannot execute action on a DM channel",
    50005: "Cannot edit a message authored by another user",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50008: "Cannot send messages in a non-text channel",
    50013: "Missing Permissions",
    50016: "Provided too few or too many messages to delete. Must provide at least 2 and at most 100 messages.",
    50021: "Cannot execute action on a system message",
    50027: "Invalid Webhook Token",
    50033: "Invalid Recipient(s)",
    50034: "A message provided was too old to bulk delete",
    50035: "Invalid Form Body",
    50083: "Thread is archived",
    50278: "Cannot send messages to this user",
    160002: "You cannot reply without permission to read message history",
    160004: "A thread has already been created for this message",
    160005: "Thread is locked",
    160014: "Cannot forward a message whose content you cannot access",
    220001: "Webhooks posted to forum channels must have a thread_name or thread_id",
    220002: "Webhooks posted to forum channels cannot have both a thread_name and thread_id",
    220003: "Webhooks can only create threads in forum channels",
}


class ApiError(Exception):
    """A refusal that the client gets as JSON; `errors` names the fields at fault, as in 50035."""

    def __init__(self, status: int, code: int, message: str = "", errors: Json | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message or MESSAGES.get(code, "General error")
        self.errors = errors
        self.retry_after: float | None = None  # seconds, of a 429
        self.is_global = False
        super().__init__(f"{status} (error code: {code}): {self.message}")

    def json(self) -> Json:
        found: Json = {"message": self.message, "code": self.code}
        return found | {"errors": self.errors} if self.errors else found


class Faults:
    """Collects what is wrong with a body, field by field, in Discord's shape of nested `_errors`."""

    def __init__(self) -> None:
        self._tree: Json = {}

    def add(self, path: str, code: str, message: str) -> None:
        """`path` with dots and numbers: components.0.components.1.custom_id."""
        at = self._tree
        for part in path.split("."):
            at = at.setdefault(part, {})
        at.setdefault("_errors", []).append({"code": code, "message": message})

    def too_long(self, path: str, value: object, most: int) -> None:
        """Adds a fault where `value` is a text of more than `most` characters."""
        if isinstance(value, str) and len(value) > most:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def length(self, path: str, value: object, least: int, most: int) -> None:
        """Adds a fault where `value` is no text of `least` to `most` characters."""
        if not isinstance(value, str) or not least <= len(value) <= most:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    def raise_if_any(self) -> None:
        """Raises ApiError 50035."""
        if self._tree:
            raise ApiError(400, 50035, errors=self._tree)


def invalid(path: str, code: str, message: str) -> ApiError:
    """50035 for one field."""
    faults = Faults()
    faults.add(path, code, message)
    return ApiError(400, 50035, errors=faults._tree)
