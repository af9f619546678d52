"""Disguises come off; plain writing in any language stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.disguises import undisguise


@pytest.mark.parametrize(
    "disguised, plain",
    [
        ("f r e e  m o n e y now", "free  money now"),
        ("F.R.E.E m-o-n-e-y", "FREE money"),
        ("frее mоnеy", "free money"),
        ("🇫 🇷 🇪 🇪 stuff", "free stuff"),
        ("🅵🆁🅴🅴 🅼🅾🅽🅴🆈", "free money"),
        ("f̶r̶e̶e̶ m̷o̷n̷e̷y̷", "free money"),
        ("see moc.elpmaxe/eerf", "see example.com/eerf"),
        ("go to eerf/tset.worg//:sptth", "go to https://grow.test/free"),
        ("grow dot com is mine", "grow.com is mine"),
        ("grow[.]com, grow (dot) com", "grow.com, grow.com"),
        ("hxxps://x.test", "https://x.test"),
    ],
)
def test_a_disguise_comes_off(disguised: str, plain: str) -> None:
    assert undisguise(disguised) == plain


@pytest.mark.parametrize(
    "text",
    [
        "the U S team and a b test",
        "i am in 🇩🇪 🇫🇷 this week",
        "größe, café, naïve, señor, ação, à bientôt",
        "привет как дела",
        "Приветик, это тест для the team",
        "καλημέρα σε όλους",
        "v1.2.3, e.g. node.js, 10.000,50 €",
        "git commit -m 'a b' && ls -l",
        "dot your i's, com on",
    ],
)
def test_plain_writing_stays(text: str) -> None:
    assert undisguise(text) == text


@given(st.text(alphabet=st.characters(codec="ascii", categories=("L", "Zs")), max_size=80))
def test_words_of_plain_letters_stay_unless_spelt_out(text: str) -> None:
    if max((len(run) for run in _runs_of_single_letters(text)), default=0) < 4:
        assert undisguise(text).split() == text.split() or " dot " in text.lower()


def _runs_of_single_letters(text: str) -> list[list[str]]:
    runs: list[list[str]] = [[]]
    for word in text.split():
        if len(word) == 1:
            runs[-1].append(word)
        else:
            runs.append([])
    return runs
