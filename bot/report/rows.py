"""decisions.jsonl and summary.json as plain dictionaries; every key is explained in docs/replay.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime

from moderation.actions import Action
from moderation.charter import Charter
from moderation.decisions import Decision, Probabilities
from moderation.labels import Label
from moderation.messages import Message
from moderation.policy import Policy
from moderation.rehearsal import Combination, Would
from moderation.stats import Counts, Report
from moderation.stats.collect import kind_of

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report says about its own making. `since` and `until` are the limits asked for, `took` is in seconds."""

    export: str
    model: str
    since: datetime | None = None
    until: datetime | None = None
    channels: tuple[str, ...] = ()
    took: float | None = None
    notes: Sequence[str] = ()


def decision_row(message: Message, decision: Decision) -> Row:
    """One line of decisions.jsonl. What was not judged has `skipped`, and null for label and probabilities."""
    verdict = decision.verdict
    return {
        "platform": message.key.platform.value,
        "channel_id": message.key.channel,
        "channel": message.channel_name,
        "message_id": message.key.message,
        "author_id": message.author.id,
        "timestamp": timestamp(message.posted_at),
        "label": verdict.label.value if verdict else None,
        "probabilities": shares(verdict.probabilities) if verdict else None,
        "abstained": verdict.abstained if verdict else None,
        "outcome": decision.outcome.value,
        "stretch": decision.stretch,
        "actions": [action_row(action) for action in decision.actions],
        "why": "; ".join(dict.fromkeys(decision.reasons))
        or f"not judged: {decision.skipped or 'no reason given'}",
        "skipped": decision.skipped,
    }


def action_row(action: Action) -> Row:
    """An action as data: its kind, its fields (tuples as lists), and the marker that names it for ever."""
    values = {field.name: getattr(action, field.name) for field in fields(action)}
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    return {"kind": kind_of(action), **plain, "marker": action.marker}


def summary(
    report: Report,
    rehearsal: Mapping[Combination, Would],
    charter: Charter,
    policy: Policy,
    facts: Facts,
) -> Row:
    """summary.json: the figures of the report, without any text that members wrote."""
    return {
        "export": facts.export,
        "community": charter.name,
        "charter": {"version": charter.version, "draft": charter.draft},
        "policy": _policy(policy),
        "model": facts.model,
        "asked": {
            "since": timestamp(facts.since) if facts.since else None,
            "until": timestamp(facts.until) if facts.until else None,
            "channels": list(facts.channels),
        },
        "first": timestamp(report.first_at) if report.first_at else None,
        "last": timestamp(report.last_at) if report.last_at else None,
        "seconds": round(facts.took, 2) if facts.took is not None else None,
        "notes": list(facts.notes),
        **_figures(report),
        "would": [_would(combination, would) for combination, would in rehearsal.items()],
    }


def timestamp(at: datetime) -> str:
    """ISO 8601 in UTC with Z; parts of a second only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shares(probabilities: Probabilities) -> dict[str, float]:
    """The three probabilities, rounded to four places."""
    return {label.value: round(probabilities.of(label), 4) for label in Label}


def _policy(policy: Policy) -> Row:
    return {
        "mode": policy.mode.value,
        "strictness": policy.strictness.value,
        "time_zone": policy.time_zone,
        "lone_limit": policy.lone_limit,
        "caps": asdict(policy.caps),
    }


def _figures(report: Report) -> Row:
    return {
        "totals": _counts(report.totals),
        "days": [{"day": day.isoformat(), **_counts(counts)} for day, counts in report.by_day.items()],
        "channels": [
            {"id": channel.id, "name": channel.name, **_counts(channel.counts)}
            for channel in report.by_channel
        ],
        "skipped": dict(report.skipped),
        "people": report.people,
        "stretches": {
            "count": report.stretches,
            "posts": report.stretch_posts,
            "closed_by_themselves": report.closed_by_themselves,
            "endings": {closing.value: number for closing, number in report.closings.items()},
            "longest": [_stretch(report, place) for place in range(len(report.shown_stretches))],
        },
        "pitches": {
            "count": report.pitches,
            "drive_bys": report.drive_bys,
            "surest": [_pitch(report, place) for place in range(len(report.shown_pitches))],
        },
        "lone_posts": report.lone_posts,
        "greetings": report.greetings,
        "drift_hours": [list(row) for row in report.drift_hours],
        "dialogue": {
            "turns": report.dialogue.turns,
            "answered": report.dialogue.answered,
            "share": _rounded(report.dialogue.share),
        },
        "actions": dict(report.actions),
    }


def _counts(counts: Counts) -> Row:
    return {**asdict(counts), "judged": counts.judged, "relevance": _rounded(counts.relevance)}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _stretch(report: Report, place: int) -> Row:
    stretch = report.shown_stretches[place]
    return {
        "id": stretch.id,
        "channel_id": stretch.channel,
        "channel": stretch.channel_name,
        "thread": stretch.thread,
        "start": timestamp(stretch.started_at),
        "end": timestamp(stretch.ended_at),
        "posts": stretch.posts,
        "people": stretch.people,
        "ending": stretch.closing.value,
        "closed_by_itself": stretch.closed_by_itself,
        "action": kind_of(stretch.action) if stretch.action else None,
    }


def _pitch(report: Report, place: int) -> Row:
    pitch = report.shown_pitches[place]
    return {
        "channel_id": pitch.key.channel,
        "message_id": pitch.key.message,
        "timestamp": timestamp(pitch.at),
        "channels": list(pitch.channels),
        "posts": pitch.posts,
        "drive_by": pitch.drive_by,
        "exchanges": pitch.exchanges,
        "probabilities": shares(pitch.probabilities),
        "reasons": list(pitch.reasons),
    }


def _would(combination: Combination, would: Would) -> Row:
    mode, strictness = combination
    return {"mode": mode.value, "strictness": strictness.value, **asdict(would)}
