"""What is called a plain sign of an offer."""

import pytest

from moderation.classifier.cues import cues_of


@pytest.mark.parametrize(
    "text, cue",
    [
        ("see grow-fast.example for more", "a link"),
        ("link in bio", "a link"),
        ("my course is 30% off", "an offer"),
        ("dm me for details", "asks for direct messages"),
        ("use code JANE20", "a code"),
        ("follow me back pls", "asks to follow"),
        ("join my team", "recruits"),
        ("love your posts", "flattery"),
    ],
)
def test_plain_signs(text: str, cue: str) -> None:
    assert cue in cues_of(text)


@pytest.mark.parametrize("text", ["which glue do you use?", "e.g. this one", "what do you charge a day?", ""])
def test_talk_about_the_work_has_none(text: str) -> None:
    assert not cues_of(text)


@pytest.mark.parametrize("unit", ["a-", "a", "a.", "www", "code "])
def test_a_long_text_takes_no_longer_than_its_length(unit: str) -> None:
    # A search that begins anew at each letter would take an hour.
    assert not set(cues_of(unit * 100_000)) & {"an offer", "recruits"}
