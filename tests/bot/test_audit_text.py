"""What was missed in plain words: each kind of figure, and limits that never get narrower by being said."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.audit_text import PHRASES, audit_lines, candidates_text, notes
from moderation.audit import Audit, Checked, Estimate, Population, estimate
from moderation.draws import Draw, Occasion
from moderation.labels import Label
from tests.factories import MONDAY, a_message

POPULATION = Population({Label.CHATTER: 30, Label.PITCH: 30}, {"below 2 %": 100})


def checked(number: int, truth: Label | None, held: Label = Label.ON_TOPIC) -> list[Checked]:
    occasion = Occasion.NOT_FLAGGED if held is Label.ON_TOPIC else Occasion.FLAGGED
    stratum = "below 2 %" if occasion is Occasion.NOT_FLAGGED else ""
    return [
        Checked(Draw(a_message(n).key, 0, occasion, held, 0.5, 0.1, 0.1, MONDAY, "m", "c", stratum), truth)
        for n in range(number)
    ]


USUAL = estimate(
    POPULATION,
    [*checked(10, Label.PITCH, Label.PITCH), *checked(9, Label.ON_TOPIC), *checked(1, Label.PITCH)],
)


@pytest.mark.parametrize(
    "told, said",
    [
        (Estimate(0.8, 0.6, 0.9, 0.6, 0.9, 3), "about 80 % (95 % sure: 60 to 90 %)."),
        (Estimate(0.8, 0.6049, 0.9001, 0.6049, 0.9001, 3), "(95 % sure: 60 to 91 %)."),
        (Estimate(0.999, 0.6, 1.0, 0.6, 1.0, 3), "about 99 % (95 % sure: 60 to 100 %)."),
        (Estimate(0.8, 0.6, 0.9, 0.4, 0.95, 3), "60 to 90 %). Whatever the open ones are: 40 to 95 %."),
        (Estimate(None, 0.6, 1.0, 0.6, 1.0, 3), "Steward flags 60 to 100 % (95 % sure)."),
        (Estimate(0.75, 0.75 - 1e-9, 0.75 + 1e-9, 0.75, 0.75, 3), "75 % (counted, not estimated)."),
        (Estimate(None, 0.0, 1.0, 0.0, 1.0, 0), "No pitch that does not belong was found yet"),
    ],
)
def test_each_kind_of_figure(told: Estimate, said: str) -> None:
    lines = audit_lines(replace(USUAL, recall={**USUAL.recall, Label.PITCH: told}), {Label.ON_TOPIC: 9})
    (line,) = (line for line in lines if "pitch" in line.casefold() and not line.startswith(" "))
    assert said in line


def test_what_keeps_figures_from_being_better_is_said_with_its_number() -> None:
    assert notes(0, 0, roles_forgotten=False) == []
    assert notes(1, 2, roles_forgotten=True) == [
        PHRASES["conflicts_one"],
        PHRASES["unshowable_many"].format(count=2),
        PHRASES["roles"],
    ]
    assert candidates_text(1) == "1 message that was not flagged"
    assert candidates_text(1_200) == "1,200 messages that were not flagged"


TRUTHS = st.lists(st.sampled_from([*Label, None]), max_size=8)


@settings(max_examples=25)  # each is some ten thousand draws
@given(TRUTHS, TRUTHS, st.sampled_from([POPULATION, Population({}, POPULATION.not_flagged)]))
def test_every_audit_can_be_said(
    flagged: list[Label | None], others: list[Label | None], population: Population
) -> None:
    drawn = [one for truth in others for one in checked(1, truth)]
    if population.flagged:
        drawn += [one for truth in flagged for one in checked(1, truth, Label.CHATTER)]
    audit: Audit = estimate(population, drawn)
    text = "\n".join(audit_lines(audit, {Label.CHATTER: others.count(Label.CHATTER)}))
    assert text.startswith(PHRASES["heading"])
    assert text.endswith(".")
    assert "{" not in text
    assert "None" not in text


def test_no_phrase_has_a_gap_that_nobody_fills() -> None:
    for phrase in PHRASES.values():
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(phrase))
