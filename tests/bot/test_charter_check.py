"""`steward charter check`: what a charter means, in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot import cli

Check = Callable[..., str]

FULL = """
name = "Bakers"
purpose = "Bread as a trade"
language = ["en", "de"]
[[channels]]
name = "general"
[[channels]]
name = "random"
social = true
[[channels]]
name = "market"
promotion_welcome = true
[[channels]]
name = "board"
watched = false
[policy]
mode = "{mode}"
quiet_hours = "22:00-07:00"
"""


SMALL = 'name = "Bakers"\npurpose = "Bread as a trade"\n'


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Check:
    """Check a charter of this text; returns what is said on stdout, or on stderr where it must fail."""
    monkeypatch.chdir(tmp_path)

    def run(text: str, *, code: int = 0) -> str:
        Path("charter.toml").write_text(text, "utf-8")
        assert cli.run(["charter", "check", "charter.toml"]) == code
        said = capsys.readouterr()
        assert not (said.out if code else said.err)
        return said.err if code else said.out

    return run


def test_it_says_what_it_understood(check: Check) -> None:
    assert check(FULL.format(mode="offer")) == (
        "charter.toml is fine. This is what it says:\n"
        "\n"
        "Community   Bakers (English, German; friendly tone)\n"
        "Watched     #general, #random, #market; never read: #board\n"
        "Casual talk #random\n"
        "Promotion   #market\n"
        "Examples    none\n"
        "Strictness  normal: only what is rather sure has consequences\n"
        "Mode        offer\n"
        "Promise     none\n"
        "\n"
        "When three or more casual posts by two or more people have drifted for two minutes, one kind line points to "
        "#random, with a button by which members move their own posts.\n"
        "A pitch stays visible; moderators see it and rule.\n"
        "Nudges a day, at most: 1 to a member, 3 in a channel, 10 in the whole community; none from 22:00 to 07:00 "
        "(UTC).\n"
        "In threads nothing is said: they are only counted.\n"
    )


@pytest.mark.parametrize(
    "mode, words",
    [
        ("observe", "Members see nothing of Steward."),
        ("nudge", "points to #random. Nothing is moved."),
        ("offer", "with a button by which members move their own posts."),
        ("move", "the posts are moved to #random, and every author can bring their own back."),
    ],
)
def test_each_mode_is_said_in_words(check: Check, mode: str, words: str) -> None:
    assert words in check(FULL.format(mode=mode))


def test_a_charter_without_channels_watches_all(check: Check) -> None:
    said = check(SMALL + '[policy]\nmode = "nudge"\nact_in_threads = true\n')
    assert "every channel, since none is listed" in said
    assert "Mark a channel as social" in said
    assert "In threads" not in said


def test_listed_channels_are_the_only_ones(check: Check) -> None:
    assert "Watched     #a; no other channel is read" in check(SMALL + '[[channels]]\nname = "a"\n')


def test_all_that_is_wrong_is_said(check: Check) -> None:
    said = check('nam = "x"\npurpose = "x"\n[policy]\nstricness = "high"\n', code=2)
    assert said == (
        'steward: charter.toml: the file has no key "nam"; did you mean "name"?\n'
        'steward: charter.toml: "name" is missing\n'
        'steward: charter.toml: [policy] has no key "stricness"; did you mean "strictness"?\n'
    )


@pytest.mark.parametrize("name, why", [("none.toml", "No such file or directory"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read_is_a_sentence(
    name: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["charter", "check", name]) == 2
    assert capsys.readouterr().err == f"steward: {name} cannot be read: {why}\n"


def test_a_film_is_no_charter(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["charter", "check", "/dev/zero"]) == 2
    assert capsys.readouterr().err == "steward: /dev/zero is too long for a charter\n"


def test_a_promise_is_said_with_what_it_means(check: Check) -> None:
    said = check(SMALL + '[policy]\nmode = "nudge"\npromise = "at most 5 wrong nudges in 100, 95 % sure"\n')
    assert "Promise     at most 5 wrong nudges in 100, 95 % sure\n" in said
    assert "Until rulings on drawn messages show that the promise is kept, all of this waits" in said


@pytest.mark.parametrize(
    "ends, words",
    [
        ("ends = 2027-02-28\n", "From 2026-12-07 to 2027-02-28, drifted talk"),
        ("", "From 2026-12-07 on, drifted talk"),
    ],
)
def test_an_experiment_is_said_in_a_sentence(check: Check, ends: str, words: str) -> None:
    table = f"[policy.experiment]\nshare = 0.5\nstarts = 2026-12-07\n{ends}"
    said = check(f'{SMALL}[policy]\nmode = "nudge"\n{table}')
    assert f"{words} is left alone on 50% of the days" in said
