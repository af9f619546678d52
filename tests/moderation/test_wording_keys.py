"""moderation/wording_keys.py and the table [wording] of a charter file: own lines, with the names that they need."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.charter_file import parse, render
from moderation.errors import CharterError
from moderation.policy import Policy
from moderation.storage.encoding import pack_rules, unpack_rules
from moderation.wording_keys import LINES, problem_of
from tests.factories import a_charter

HEAD = 'name = "Bench"\npurpose = "Joinery"\n'


def wording(lines: str) -> dict[str, str]:
    return dict(parse(f"{HEAD}[wording]\n{lines}", "c.toml")[1].wording)


def problems(lines: str) -> list[str]:
    with pytest.raises(CharterError) as raised:
        wording(lines)
    return str(raised.value).splitlines()


def test_a_line_that_has_what_it_needs_is_taken_as_it_is() -> None:
    assert wording('stretch = "Kettle is on in {channel}!"') == {"stretch": "Kettle is on in {channel}!"}
    assert wording('welcome = "Hello {member}, see {channel}"') == {
        "welcome": "Hello {member}, see {channel}"
    }
    assert wording('press_why = "How come?"') == {"press_why": "How come?"}


@pytest.mark.parametrize(
    "line, problem",
    [
        (
            'stretch = "Over in {chanel} {channel}"',
            '"stretch" has {chanel}, which nothing fills in: only {channel} can stand in it; did you mean "channel"?',
        ),
        ('stretch = "Over there"', '"stretch" must have {channel} in it'),
        ('lone = "Hey"', '"lone" must have {member} and {channel} in it'),
        (
            'press_why = "Why {member}?"',
            '"press_why" has {member}, which nothing fills in: no name in braces can stand in it',
        ),
        (f'press_why = "{"y" * 41}"', '"press_why" has 41 characters; at most 40 are allowed'),
        ('noted = ""', '"noted" is empty'),
        ('noted = "one\\ntwo"', '"noted" must be on one line'),
        ("noted = 7", '"noted" must be text in quotes, not a whole number'),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(line: str, problem: str) -> None:
    assert problems(line) == [f"c.toml: in [wording], {problem}"]


def test_a_line_that_does_not_exist_is_refused_with_the_nearest() -> None:
    assert problems('streach = "x"') == ['c.toml: [wording] has no key "streach"; did you mean "stretch"?']


def test_own_words_change_nothing_about_the_evidence() -> None:
    charter, _ = parse(HEAD, "c.toml")
    other, _ = parse(f'{HEAD}[wording]\nnoted = "Thanks."', "c.toml")
    assert charter.version == other.version


def test_own_words_come_back_from_a_file_and_from_storage() -> None:
    policy = Policy(wording=(("stretch", 'The "kettle" \\ in {channel}'), ("press_why", "Ooh?")))
    for read in (parse(render(a_charter(), policy), "c.toml"), unpack_rules(pack_rules(a_charter(), policy))):
        assert read[1].wording == policy.wording
    assert "[wording]" not in render(a_charter(), replace(policy, wording=()))


@given(st.sampled_from(sorted(LINES)), st.text(max_size=60))
def test_a_line_without_a_problem_has_all_its_names_and_no_other(key: str, text: str) -> None:
    line = LINES[key]
    full = text.replace("{", "").replace("}", "") + "".join(f"{{{name}}}" for name in line.needed)
    assert problem_of(key, full) == ""
    if line.needed:
        assert problem_of(key, text.replace("{", "")) != ""


# --- holding ------------------------------------------------------------------------------------------------------


def policy_of(lines: str) -> Policy:
    return parse(f"{HEAD}[policy]\n{lines}", "c.toml")[1]


PROMISE = 'promise = "at most 5 wrong nudges in 100, 95 % sure"\n'


def test_pitches_are_held_only_under_a_promise_and_with_time_to_bring_them_back() -> None:
    assert policy_of(f"{PROMISE}hold_pitches = true").hold_pitches
    assert not policy_of(PROMISE).hold_pitches
    for lines, why in (
        ("hold_pitches = true", 'needs a "promise"'),
        (f"{PROMISE}hold_pitches = true\nretention_days = 1", 'needs "retention_days" of 2 or more'),
    ):
        with pytest.raises(CharterError, match=why):
            policy_of(lines)
    policy = policy_of(f"{PROMISE}hold_pitches = true")
    assert parse(render(a_charter(), policy), "c.toml")[1] == policy
