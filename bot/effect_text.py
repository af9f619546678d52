"""Whether nudges help, in plain words, the same wherever moderators read it.

`effect_text` is the one sentence; `effect_lines` are it and what it rests on. Nothing in them is about a person.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from bot.figures import percent, signed
from moderation.effect import Difference, Effect, Finding

PHRASES: Mapping[str, str] = {
    # Where nothing is known yet.
    "none": "Whether nudges help is not being tested: the charter has no [policy.experiment].",
    "not_begun": "The experiment has no whole day behind it yet, so whether nudges help is not known.",
    "nothing_due": "No talk was due a nudge on any day of the experiment so far, so whether nudges help is not known.",
    "nothing_due_over": "The experiment is over, and no talk was due a nudge on any of its days, so whether nudges help is not known.",
    # What is found.
    "too_early": "It is too early to say whether nudges help",
    "too_early_over": "The experiment was too short to say whether nudges help",
    "better": "So far it looks as if nudges help, though a look before a set end may find that by chance",
    "better_over": "Nudges help",
    "worse": "So far it looks as if nudges do harm, though a look before a set end may find that by chance",
    "worse_over": "Nudges do harm",
    "no_difference": "So far nudges make no difference that could be told from chance",
    "no_difference_over": "Nudges make no difference that could be told from chance",
    # On what it rests.
    "ended": "{finding}: the first drifted talk of a day ended or moved within half an hour on {nudged} of the days with nudges and on {held_back} of the days without ({difference}).",
    "ended_missing": "{finding}: {needed}.",
    "ended_needed": "{finding}: the first drifted talk of a day ended or moved within half an hour on {nudged} of the days with nudges and on {held_back} of the days without ({difference}), and {needed}.",
    "difference": "a difference in points of {points}; 95 % sure: between {low} and {high}",
    "needed": "about {days} more days of each kind are needed{weeks}",
    "weeks_one": ", which takes about a week at this pace",
    "weeks_many": ", which takes about {count} weeks at this pace",
    "weeks_years": ", which takes more than two years at this pace",
    "days": "Counted are the days of a channel on which a talk was due a nudge: {nudged} with nudges and {held_back} without, in {channels}.",
    "channels_one": "1 channel",
    "channels_many": "{count} channels",
    "afterwards": "In the three hours after, on average {nudged} of the posts were off topic on days with nudges and {held_back} on days without ({difference}): {finding}.",
    "afterwards_too_early": "too early to say more",
    "afterwards_better": "less with nudges",
    "afterwards_worse": "more with nudges",
    "afterwards_no_difference": "no difference that could be told from chance",
    "undelivered_one": "On 1 of the days with nudges the nudge did not get there; it counts all the same, so the difference is rather too small.",
    "undelivered_many": "On {count} of the days with nudges the nudge did not get there; they count all the same, so the difference is rather too small.",
}  # fmt: skip
TWO_YEARS = 104
"""Weeks."""


def effect_text(found: Effect | None) -> str:
    """The one sentence about an experiment; None stands for a community without one."""
    if found is None:
        return PHRASES["none"]
    if not found.nudged_days + found.held_back_days:
        if found.over:
            return PHRASES["nothing_due_over"]
        return PHRASES["nothing_due" if found.days else "not_begun"]
    finding = PHRASES[found.ended.finding + ("_over" if found.over else "")]
    if found.ended.nudged is None:
        return _say("ended_missing", finding=finding, needed=_needed(found))
    if found.ended.finding is Finding.TOO_EARLY:
        return _say("ended_needed", finding=finding, needed=_needed(found), **_figures(found.ended))
    return _say("ended", finding=finding, **_figures(found.ended))


def effect_lines(found: Effect | None) -> list[str]:
    """The one sentence, and where there is something to count, what it rests on and what followed in the channel."""
    lines = [effect_text(found)]
    if found is None or not found.nudged_days + found.held_back_days:
        return lines
    channels = _counted("channels", found.channels)
    lines.append(_say("days", nudged=found.nudged_days, held_back=found.held_back_days, channels=channels))
    if found.off_topic.nudged is not None:
        finding = PHRASES[f"afterwards_{found.off_topic.finding}"]
        lines.append(_say("afterwards", finding=finding, **_figures(found.off_topic)))
    if found.undelivered_days:
        lines.append(_counted("undelivered", found.undelivered_days))
    return lines


def _figures(difference: Difference) -> dict[str, str]:
    between = _say(
        "difference",
        points=signed(difference.difference or 0.0),
        low=signed(difference.low),
        high=signed(difference.high),
    )
    return {
        "nudged": percent(difference.nudged),
        "held_back": percent(difference.held_back),
        "difference": between,
    }


def _needed(found: Effect) -> str:
    """How many more days, and how long that takes; without a pace once the experiment is over."""
    weeks = None if found.over else found.weeks_needed
    pace = ""
    if weeks is not None:
        pace = PHRASES["weeks_years"] if weeks > TWO_YEARS else _counted("weeks", math.ceil(weeks))
    needed = found.ended.needed
    return _say("needed", days=f"{round(needed, -1) if needed > 99 else needed:,}", weeks=pace)


def _counted(key: str, count: int) -> str:
    return PHRASES[f"{key}_one"] if count == 1 else _say(f"{key}_many", count=count)


def _say(key: str, **values: object) -> str:
    return PHRASES[key].format(**values)
