"""How it is said what was missed, in plain words, the same wherever moderators read it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from bot.figures import whole_percent
from moderation.audit import Audit, Estimate
from moderation.draws import Occasion
from moderation.labels import Label

PHRASES: Mapping[str, str] = {
    # The keys.
    "word_b": "belongs",
    "word_c": "casual talk",
    "word_p": "pitch",
    "key_b": "it belongs here: it serves the purpose, or is at home in this channel",
    "key_c": "casual talk that does not belong here",
    "key_p": "a pitch that does not belong here",
    "key_s": "skip: it stays open, and the figures say what that may change",
    "skipped": "It stays open, and is shown first the next time.",
    "closing": "    What Steward made of a message is not shown, so that your answer is your own. The messages were drawn at random among those\n    that it did not flag, more often where it was less sure; the figures allow for that.",
    # What is asked.
    "purpose": "What was missed: messages that were not flagged. Do they belong?",
    "candidates_one": "1 message that was not flagged",
    "candidates_many": "{count} messages that were not flagged",
    "all_ruled": "Every message that was not flagged and can be shown has been ruled on. Thank you.",
    "nothing": "No message of this replay was judged and not flagged, so there is nothing to ask about.",
    # On what the figures rest.
    "heading": "What was missed",
    "not_flagged": "Not flagged: {drawn} of {size} drawn, {ruled} ruled, {open} open.",
    "flagged": "Flagged: {drawn} of {size} drawn, {ruled} ruled, {open} open.",
    "missed": "Rulings on these: belongs {belong}, casual talk {chatter}, pitch {pitch}.",
    "nobody": "Nobody has ruled on what was not flagged, so nothing is known yet about what was missed.",
    "conflicts_one": "Moderators disagree about 1 of these: until they agree it stays open.",
    "conflicts_many": "Moderators disagree about {count} of these: until they agree they stay open.",
    "unshowable_one": "1 drawn message without a ruling can no longer be shown and stays open.",
    "unshowable_many": "{count} drawn messages without a ruling can no longer be shown and stay open.",
    "roles": "The texts are forgotten, and with them who is exempt by a role: all are counted as if nobody were.",
    # The figures.
    "recall_chatter": "Of the casual talk that does not belong, Steward flags {share}.",
    "recall_pitch": "Of the pitches that do not belong, Steward flags {share}.",
    "recall_both": "Of both together, Steward flags {share}.",
    "relevance": "Of all messages, {share} belong where they are.",
    "wrong_flags": "Of the flags, {share} are wrong.",
    "about": "about {value} % ({certainty} % sure: {low} to {high} %)",
    "exact": "{value} % (counted, not estimated)",
    "limits": "{low} to {high} % ({certainty} % sure)",
    "open": "Whatever the open ones are: {low} to {high} %.",
    # What is not known.
    "unknown_chatter": "No casual talk that does not belong was found yet: how much of it is flagged is not known (0 to 100 %).",
    "unknown_pitch": "No pitch that does not belong was found yet: how many of them are flagged is not known (0 to 100 %).",
    "unknown_both": "Nothing that does not belong was found yet: how much of it is flagged is not known (0 to 100 %).",
    "no_flags": "Nothing was flagged, so no flag was wrong.",
    "flags_unruled": "How many of the flags are wrong is not known yet (0 to 100 %).",
    "needs_flagged": "No ruling on flagged ones counts yet: steward calibrate asks about them. Until then each of them may be right or wrong.",
}  # fmt: skip
_KINDS = (Label.CHATTER, Label.PITCH)
_EXACT = 1e-6
"""A narrower interval is a count."""


def candidates_text(count: int) -> str:
    """What new messages are drawn from."""
    return _counted("candidates", count)


def audit_lines(audit: Audit, missed: Mapping[Label, int]) -> list[str]:
    """What the rulings say, a sentence or two in each line.

    `missed` counts what the ruled messages are that were not flagged.
    """
    lines = [PHRASES["heading"], *(f"  {line}" for line in _rests_on(audit, missed))]
    if not audit.ruled.get(Occasion.NOT_FLAGGED):
        return [*lines, PHRASES["nobody"], _wrong_flags(audit)]
    lines += [_recall(str(label), audit.recall[label], audit) for label in _KINDS]
    lines += [
        _recall("both", audit.recall_of_both, audit),
        _rate("relevance", audit.relevance, audit),
        _wrong_flags(audit),
    ]
    return lines


def notes(conflicts: int, unshowable: int, roles_forgotten: bool) -> list[str]:
    """What keeps drawn messages open or makes the counts less exact, a sentence each."""
    counted = (("conflicts", conflicts), ("unshowable", unshowable))
    said = [_counted(key, count) for key, count in counted if count]
    return [*said, PHRASES["roles"]] if roles_forgotten else said


def _rests_on(audit: Audit, missed: Mapping[Label, int]) -> list[str]:
    population = audit.population
    lines = [
        _say(
            occasion.value,
            drawn=f"{audit.drawn.get(occasion, 0):,}",
            size=f"{size:,}",
            ruled=f"{audit.ruled.get(occasion, 0):,}",
            open=f"{audit.drawn.get(occasion, 0) - audit.ruled.get(occasion, 0):,}",
        )
        for occasion, size in (
            (Occasion.NOT_FLAGGED, sum(population.not_flagged.values())),
            (Occasion.FLAGGED, sum(population.flagged.values())),
        )
    ]
    if audit.ruled.get(Occasion.NOT_FLAGGED):
        belong, chatter, pitch = (missed.get(label, 0) for label in (Label.ON_TOPIC, *_KINDS))
        lines.insert(1, _say("missed", belong=belong, chatter=chatter, pitch=pitch))
    if sum(population.flagged.values()) and not audit.ruled.get(Occasion.FLAGGED):
        lines.append(PHRASES["needs_flagged"])
    return lines


def _recall(kind: str, estimate: Estimate, audit: Audit) -> str:
    if not estimate.found:
        return PHRASES[f"unknown_{kind}"]
    return _rate(f"recall_{kind}", estimate, audit)


def _wrong_flags(audit: Audit) -> str:
    if not sum(audit.population.flagged.values()):
        return PHRASES["no_flags"]
    if not audit.wrong_flags.found:
        return PHRASES["flags_unruled"]
    return _rate("wrong_flags", audit.wrong_flags, audit)


def _rate(key: str, estimate: Estimate, audit: Audit) -> str:
    """A rate with its interval, and with the worst case where that says more."""
    usual, worst = _span(estimate.low, estimate.high), _span(estimate.lowest, estimate.highest)
    sentence = _say(key, share=_share(estimate, audit.certainty))
    if worst == usual:
        return sentence
    return f"{sentence} {_say('open', low=worst[0], high=worst[1])}"


def _share(estimate: Estimate, certainty: float) -> str:
    low, high = _span(estimate.low, estimate.high)
    values = {"certainty": f"{100 * certainty:g}", "low": low, "high": high}
    if estimate.value is None:
        return _say("limits", **values)
    if estimate.high - estimate.low < _EXACT:
        return _say("exact", value=whole_percent(estimate.value))
    return _say("about", value=whole_percent(estimate.value), **values)


def _span(low: float, high: float) -> tuple[int, int]:
    """Limits in whole percent, rounded outwards: an interval never gets narrower by being said."""
    return max(0, math.floor(100 * (low + _EXACT))), min(100, math.ceil(100 * (high - _EXACT)))


def _counted(key: str, count: int) -> str:
    return PHRASES[f"{key}_one"] if count == 1 else _say(f"{key}_many", count=f"{count:,}")


def _say(key: str, **values: object) -> str:
    return PHRASES[key].format(**values)
