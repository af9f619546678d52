"""Whether nudges help, in words: every finding has a sentence, and none says more than is known."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest

from bot.effect_text import PHRASES, effect_lines, effect_text
from moderation.effect import Difference, Effect, Finding, Measure

UNKNOWN = Difference(Measure.ENDED, None, None, -1.0, 1.0, 385)
EARLY = Difference(Measure.ENDED, 0.57, 0.29, -0.11, 0.68, 392)
BETTER = Difference(Measure.ENDED, 0.64, 0.32, 0.21, 0.43, 0)
WORSE = Difference(Measure.ENDED, 0.27, 0.56, -0.4, -0.17, 0)
NONE = Difference(Measure.ENDED, 0.49, 0.51, -0.08, 0.04, 0)
CALMER = Difference(Measure.OFF_TOPIC, 0.3, 0.45, -0.25, -0.05, 0)


def shown(ended: Difference, **changes: object) -> Effect:
    found = Effect(
        days=84,
        over=True,
        channels=4,
        nudged_days=140,
        held_back_days=138,
        ended=ended,
        off_topic=CALMER,
    )
    return replace(found, **changes)  # type: ignore[arg-type]  # the test names fields of Effect


def plain(sentence: str) -> str:
    return sentence.replace("\N{NO-BREAK SPACE}", " ")


FIGURES = "the first drifted talk of a day ended or moved within half an hour on"
CASES = {
    "no experiment": (
        None,
        "Whether nudges help is not being tested: the charter has no [policy.experiment].",
    ),
    "not begun": (
        shown(UNKNOWN, days=0, over=False, nudged_days=0, held_back_days=0),
        "The experiment has no whole day behind it yet, so whether nudges help is not known.",
    ),
    "a quiet community": (
        shown(UNKNOWN, over=False, nudged_days=0, held_back_days=0),
        "No talk was due a nudge on any day of the experiment so far, so whether nudges help is not known.",
    ),
    "quiet to the end": (
        shown(UNKNOWN, nudged_days=0, held_back_days=0),
        "The experiment is over, and no talk was due a nudge on any of its days, so whether nudges help is not known.",
    ),
    "a first look": (
        shown(UNKNOWN, days=7, over=False, nudged_days=3, held_back_days=0),
        "It is too early to say whether nudges help: about 380 more days of each kind are needed.",
    ),
    "too early": (
        shown(EARLY, days=14, over=False, nudged_days=98, held_back_days=98),
        (
            f"It is too early to say whether nudges help: {FIGURES} 57 % of the days with nudges and on 29 % of the days without "
            "(a difference in points of +28; 95 % sure: between −11 and +68), and about 390 more days of each kind are needed, "
            "which takes about 8 weeks at this pace."
        ),
    ),
    "too short": (
        shown(EARLY, days=14, nudged_days=14, held_back_days=14),
        (
            f"The experiment was too short to say whether nudges help: {FIGURES} 57 % of the days with nudges and on 29 % of the days "
            "without (a difference in points of +28; 95 % sure: between −11 and +68), and about 390 more days of each kind are needed."
        ),
    ),
    "they help": (
        shown(BETTER),
        (
            f"Nudges help: {FIGURES} 64 % of the days with nudges and on 32 % of the days without "
            "(a difference in points of +32; 95 % sure: between +21 and +43)."
        ),
    ),
    "they help so far": (
        shown(BETTER, over=False),
        (
            "So far it looks as if nudges help, though a look before a set end may find that by chance: "
            f"{FIGURES} 64 % of the days with nudges and on 32 % of the days without "
            "(a difference in points of +32; 95 % sure: between +21 and +43)."
        ),
    ),
    "they do harm": (
        shown(WORSE),
        (
            f"Nudges do harm: {FIGURES} 27 % of the days with nudges and on 56 % of the days without "
            "(a difference in points of −29; 95 % sure: between −40 and −17)."
        ),
    ),
    "no effect": (
        shown(NONE),
        (
            f"Nudges make no difference that could be told from chance: {FIGURES} 49 % of the days with nudges and on 51 % of the days "
            "without (a difference in points of −2; 95 % sure: between −8 and +4)."
        ),
    ),
}


@pytest.mark.parametrize("found, sentence", CASES.values(), ids=list(CASES))
def test_one_sentence_says_it(found: Effect | None, sentence: str) -> None:
    assert plain(effect_text(found)) == sentence
    assert effect_lines(found)[0] == effect_text(found)


@pytest.mark.parametrize("finding", Finding)
@pytest.mark.parametrize("over", [False, True])
def test_every_finding_has_words(finding: Finding, over: bool) -> None:
    ended = {
        Finding.TOO_EARLY: EARLY,
        Finding.BETTER: BETTER,
        Finding.WORSE: WORSE,
        Finding.NO_DIFFERENCE: NONE,
    }[finding]
    assert ended.finding is finding
    said = effect_lines(shown(ended, over=over, off_topic=replace(ended, measure=Measure.OFF_TOPIC)))
    assert not any(re.search(r"[{}]|None|nan", line) for line in said)
    assert len(said) == 3


def test_the_other_lines_say_on_what_it_rests() -> None:
    lines = [plain(line) for line in effect_lines(shown(BETTER, channels=1, undelivered_days=1))]
    assert lines[1:] == [
        "Counted are the days of a channel on which a talk was due a nudge: 140 with nudges and 138 without, in 1 channel.",
        (
            "In the three hours after, on average 30 % of the posts were off topic on days with nudges and 45 % on days without "
            "(a difference in points of −15; 95 % sure: between −25 and −5): less with nudges."
        ),
        "On 1 of the days with nudges the nudge did not get there; it counts all the same, so the difference is rather too small.",
    ]
    several = effect_lines(shown(BETTER, undelivered_days=3))
    assert several[-1].startswith("On 3 of the days with nudges the nudge did not get there; they count")


@pytest.mark.parametrize(
    "count, weeks", [(5_000, "about a week"), (400, "about 12 weeks"), (20, "more than two years")]
)
def test_the_pace_is_said_in_whole_weeks(count: int, weeks: str) -> None:
    found = shown(EARLY, over=False, nudged_days=count, held_back_days=count)
    assert f"which takes {weeks} at this pace." in effect_text(found)


def test_without_enough_of_one_kind_nothing_is_said_of_what_followed() -> None:
    lines = effect_lines(shown(UNKNOWN, off_topic=replace(UNKNOWN, measure=Measure.OFF_TOPIC)))
    assert len(lines) == 2


def test_no_word_is_about_a_person() -> None:
    words = set(re.findall(r"[a-z]+", " ".join(PHRASES.values()).casefold()))
    assert not words & {"member", "members", "author", "person", "who"}
    assert {field.name for field in fields(Effect)} == {
        "days",
        "over",
        "channels",
        "nudged_days",
        "held_back_days",
        "ended",
        "off_topic",
        "undelivered_days",
    }
