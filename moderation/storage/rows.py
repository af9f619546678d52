"""Domain values as rows and back. Rows never leave this package.

`MESSAGE` and `DECISION` are the columns to select, in the order in which `message_of` and `decision_of` read them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from moderation.decisions import Decision, Outcome, Probabilities, Verdict
from moderation.messages import Attachment, Author, Kind, Message, MessageKey, Platform
from moderation.storage.cleaning import clean_id
from moderation.storage.crypto import Vault
from moderation.storage.encoding import dumps, pack_actions, unpack_actions
from moderation.storage.tables import decisions, messages

KEY = ("platform", "community", "channel", "message")

MESSAGE = tuple(
    messages.c[name]
    for name in (*KEY, "revision", "author", "is_bot", "kind", "posted_at", "thread", "reply_to", "payload")
)
DECISION = tuple(
    decisions.c[name]
    for name in (
        *(
            *KEY,
            "revision",
            "author",
            "posted_at",
            "thread",
            "outcome",
            "on_topic",
            "chatter",
            "pitch",
            "model",
        ),
        *(
            "abstained",
            "actions",
            "charter_version",
            "decided_at",
            "stretch",
            "skipped",
            "held_back",
            "notes",
        ),
    )
)

Values = dict[str, object]


def key_values(key: MessageKey) -> Values:
    """The four columns that name a message."""
    return {
        "platform": key.platform.value,
        "community": key.community,
        "channel": key.channel,
        "message": key.message,
    }


def place_of(table: str, key: MessageKey, *more: object) -> str:
    """What a sealed value is bound to. Ids hold no NUL once they are cleaned, so no two places read the same."""
    parts = (table, key.platform.value, key.community, key.channel, key.message)
    return "\0".join([*map(clean_id, parts), *map(str, more)])


def message_values(message: Message, keep_text_until: datetime, vault: Vault) -> Values:
    """The row of a message that nobody has judged yet."""
    return {
        **key_values(message.key),
        "revision": message.revision,
        "author": message.author.id,
        "is_bot": message.author.is_bot,
        "kind": message.kind.value,
        "posted_at": message.posted_at,
        "thread": message.thread or "",
        "reply_to": message.reply_to,
        "deleted": False,
        "waiting": True,
        "keep_text_until": keep_text_until,
        "payload": seal_payload(message, vault),
    }


def seal_payload(message: Message, vault: Vault) -> bytes:
    """Everything personal of a message but its author's id, sealed together."""
    payload: Values = {"text": message.text, "name": message.author.name, "channel": message.channel_name}
    if message.author.roles:
        payload["roles"] = message.author.roles
    if message.mentions:
        payload["mentions"] = message.mentions
    if message.attachments:
        payload["attachments"] = [(one.name, one.kind, one.url) for one in message.attachments]
    return vault.seal(dumps(payload), place_of("messages", message.key))


def message_of(row: Sequence[Any], vault: Vault) -> Message:
    """The message of a row of `MESSAGE`; without its payload it has no text and no names."""
    (
        platform,
        community,
        channel,
        name,
        revision,
        author,
        is_bot,
        kind,
        posted_at,
        thread,
        reply_to,
        sealed,
    ) = row
    key = MessageKey(Platform(platform), community, channel, name)
    payload = json.loads(vault.open(sealed, place_of("messages", key))) if sealed is not None else {}
    return Message(
        key=key,
        author=Author(author, payload.get("name", ""), is_bot, tuple(payload.get("roles", ()))),
        text=payload.get("text", ""),
        posted_at=posted_at,
        channel_name=payload.get("channel", ""),
        revision=revision,
        kind=Kind(kind),
        thread=thread or None,
        reply_to=reply_to,
        mentions=tuple(payload.get("mentions", ())),
        attachments=tuple(Attachment(*one) for one in payload.get("attachments", ())),
    )


def bare_message(decision: Decision) -> Message:
    """What a decision alone still knows of its message."""
    return Message(
        key=decision.key,
        author=Author(decision.author, ""),
        text="",
        posted_at=decision.posted_at,
        revision=decision.revision,
        thread=decision.thread,
    )


def decision_values(decision: Decision, vault: Vault) -> Values:
    """The row of a decision."""
    verdict = decision.verdict
    likely = verdict.probabilities if verdict else None
    return {
        **key_values(decision.key),
        "revision": decision.revision,
        "author": decision.author,
        "posted_at": decision.posted_at,
        "thread": decision.thread or "",
        "outcome": decision.outcome.value,
        "on_topic": likely.on_topic if likely else None,
        "chatter": likely.chatter if likely else None,
        "pitch": likely.pitch if likely else None,
        "model": verdict.model if verdict else None,
        "abstained": verdict.abstained if verdict else False,
        "actions": pack_actions(decision.actions),
        "charter_version": decision.charter_version,
        "decided_at": decision.decided_at,
        "stretch": decision.stretch,
        "skipped": decision.skipped,
        "held_back": decision.held_back,
        "notes": _seal_notes(decision, vault),
    }


def _seal_notes(decision: Decision, vault: Vault) -> bytes | None:
    why = decision.verdict.why if decision.verdict else ""
    if not why and not decision.reasons:
        return None
    return vault.seal(dumps([why, decision.reasons]), _notes_place(decision.key, decision.revision))


def _notes_place(key: MessageKey, revision: int) -> str:
    return place_of("decisions", key, revision)


def decision_of(row: Sequence[Any], vault: Vault) -> Decision:
    """The decision of a row of `DECISION`; without its notes `why` and `reasons` are empty."""
    platform, community, channel, name, revision, author, posted_at, thread, outcome, *likely = row[:12]
    model, abstained, actions, charter_version, decided_at, stretch, skipped, held_back, sealed = row[12:]
    key = MessageKey(Platform(platform), community, channel, name)
    why, reasons = (
        json.loads(vault.open(sealed, _notes_place(key, revision))) if sealed is not None else ("", ())
    )
    return Decision(
        key=key,
        revision=revision,
        author=author,
        posted_at=posted_at,
        thread=thread or None,
        outcome=Outcome(outcome),
        verdict=None if model is None else Verdict(Probabilities(*likely), why, model, abstained),
        reasons=tuple(reasons),
        actions=unpack_actions(actions),
        charter_version=charter_version,
        decided_at=decided_at,
        stretch=stretch,
        skipped=skipped,
        held_back=held_back,
    )
