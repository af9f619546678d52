"""Fast calibration through its front door: what is asked, what is kept, and what is said in the end."""

from __future__ import annotations

import os
import pty
import re
import shutil
import sys
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import app, cli
from bot.calibration import Calibration, Flagged
from bot.commands.asking import RULED_BEFORE, STILL_HOLDS
from bot.commands.calibrate import SKIPPED
from moderation.decisions import Ruled
from moderation.labels import Label
from moderation.policy import Policy
from moderation.ports import Community, Store
from moderation.retention import forget_texts
from tests.bot.calibrations import (
    CASUAL,
    CHARTER,
    PITCHES,
    kept_draws,
    kept_rulings,
    publish,
    replayed,
    steward,
    with_store,
)
from tests.factories import CHATTER, MONDAY, a_message
from tests.fakes.memory_store import MemoryStore

ALL = CASUAL + PITCHES


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return replayed(tmp_path_factory.mktemp("calibrate"))


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> str:
    return str(shutil.copytree(original, tmp_path / "replay"))


@pytest.fixture(autouse=True)
def no_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calibration is fast since nothing is judged again."""

    def refuse(_model: object = None) -> None:
        pytest.fail("a classifier was loaded")

    monkeypatch.setattr(app, "load_classifier", refuse)


def shown(out: str) -> list[str]:
    """The messages that were shown, in order."""
    return re.findall(r"^  > \w+: (.*)$", out, re.MULTILINE)


def drawn_texts(folder: str) -> list[str]:
    return [draw.key.message for draw in kept_draws(Path(folder))]


def test_a_screen_says_all_that_a_ruling_needs(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert steward("calibrate", folder, "--count", "60", "--label", "pitch", keys="rq") == 0
    out = capsys.readouterr().out
    assert f"{PITCHES} messages to rule on: {PITCHES} drawn now from {PITCHES} flagged messages." in out
    assert f"1 of {PITCHES}  #general" in out
    assert re.search(
        r"    \w+: the cat did it again, part \d+\n  > joe: dm me for a discount, number \d\n"
        r'    flagged as a pitch, 0.96: it offers something: "discount"',
        out,
    )


def test_all_that_is_flagged_where_it_is_not_at_home_is_asked_once(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert steward("calibrate", folder, "--count", "500", keys="r" * 500) == 0
    texts = shown(capsys.readouterr().out)
    wanted = {f"the cat did it again, part {n}" for n in range(CASUAL)}
    assert sorted(texts) == sorted(wanted | {f"dm me for a discount, number {n}" for n in range(PITCHES)})
    assert steward("calibrate", folder) == 0
    assert "Every message that was flagged has been ruled on. Thank you." in capsys.readouterr().out


def test_a_ruling_says_what_the_message_is_and_how_it_was_drawn(folder: str) -> None:
    steward("calibrate", folder, "--label", "chatter", keys="rwoq")
    steward("calibrate", folder, "--label", "pitch", keys="rwo")
    rulings = kept_rulings(Path(folder))
    assert [ruling.what for ruling in rulings] == [
        Ruled.CHATTER,
        Ruled.FINE,
        Ruled.PITCH,
        Ruled.PITCH,
        Ruled.FINE,
        Ruled.CHATTER,
    ]
    draws = kept_draws(Path(folder))
    subjects = [draw.subject for draw in draws if draw.subject in {ruling.subject for ruling in rulings}]
    assert [ruling.subject for ruling in rulings] == subjects
    for ruling in rulings:
        assert (ruling.by, ruling.moderator, ruling.drawn) == ("terminal", True, True)
        assert (ruling.model, ruling.charter_version) == ("keyword-1", CHARTER.version)


def test_quitting_in_front_of_a_message_does_not_hide_it(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert steward("calibrate", folder, keys="q") == 0
    out = capsys.readouterr().out
    (awkward,) = shown(out)
    assert len(kept_draws(Path(folder))) == 1
    assert not kept_rulings(Path(folder))
    assert "1 drawn, 0 ruled, 0 wrong, 1 open" in out
    steward("calibrate", folder, "--count", "3", keys="wrr")
    out = capsys.readouterr().out
    assert shown(out)[0] == awkward
    assert f"3 messages to rule on: 1 drawn before and still open, 2 drawn now from {ALL - 1} flagged" in out


def test_who_goes_on_later_goes_on_in_the_same_order(folder: str, tmp_path: Path) -> None:
    other = str(shutil.copytree(folder, tmp_path / "other"))
    for keys in ("rrr", "rsq", "wwwww"):
        steward("calibrate", folder, "--count", str(len(keys)), keys=keys)
    steward("calibrate", other, "--count", "10", keys="r" * 10)
    assert drawn_texts(folder) == drawn_texts(other)[: len(drawn_texts(folder))]


def test_another_replay_has_another_order(folder: str, tmp_path: Path) -> None:
    other = str(replayed(tmp_path))
    for each in (folder, other):
        steward("calibrate", each, "--count", "8", keys="r" * 8)
    assert drawn_texts(folder) != drawn_texts(other)


def test_every_message_is_equally_likely_to_be_among_the_first() -> None:
    flagged = {
        message.key: Flagged(message, CHATTER, "1") for message in (a_message(number) for number in range(20))
    }
    counted: Counter[str] = Counter()
    for seed in range(1_000):
        calibration = Calibration(
            store=MemoryStore(),
            community=Community(a_message().key.platform, "T1"),
            charter=CHARTER,
            policy=Policy(),
            flagged=flagged,
            unshowable=0,
            draws=[],
            rulings=[],
            seed=str(seed),
            clock=lambda: MONDAY,
        )
        counted.update(case.message.key.message for case in calibration.plan(5).cases)
    assert len(counted) == 20
    # 250 each on average, with a standard deviation of 14.
    assert 190 < min(counted.values()) < max(counted.values()) < 310


@pytest.mark.parametrize("count, probability", [(22, 0.25), (500, 1.0)])
def test_the_probability_of_being_drawn_is_kept(folder: str, count: int, probability: float) -> None:
    steward("calibrate", folder, "--count", str(count), keys="rq")
    draws = kept_draws(Path(folder))
    assert {(draw.probability, draw.least) for draw in draws} == {(probability, probability)}
    assert [draw.score for draw in draws] == [pytest.approx(0.96)] * 2


def test_what_is_skipped_is_said_once_and_stays_open(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    steward("calibrate", folder, "--label", "chatter", "--count", "3", keys="ssr")
    out = capsys.readouterr().out
    assert out.count(SKIPPED) == 1
    assert "Casual talk: 3 drawn, 1 ruled, 0 wrong, 2 open" in out
    steward("calibrate", folder, "--label", "chatter", "--count", "2", keys="rr")
    assert shown(out)[:2] == shown(capsys.readouterr().out)


def test_the_last_answer_can_be_changed(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    steward("calibrate", folder, "--label", "chatter", "--count", "2", keys="ruwwurq")
    out = capsys.readouterr().out
    assert STILL_HOLDS not in out
    assert out.count(RULED_BEFORE) == 2
    assert "Casual talk: 2 drawn, 2 ruled, 1 wrong, 0 open" in out
    assert len(kept_rulings(Path(folder))) == 4


def test_going_back_alone_changes_nothing(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    steward("calibrate", folder, "--label", "chatter", "--count", "2", keys="uwusq")
    out = capsys.readouterr().out
    assert STILL_HOLDS in out
    assert "Casual talk: 2 drawn, 1 ruled, 1 wrong, 1 open" in out


def test_help_and_unknown_keys_are_no_answers(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert steward("calibrate", folder, "--count", "1", keys="?x?") == 0
    out = capsys.readouterr().out
    assert out.count("drawn at random") == 2
    assert "chatter 0.96" in out or "pitch 0.96" in out
    assert not kept_rulings(Path(folder))


def test_enough_right_ones_and_it_may_act(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    steward("calibrate", folder, "--count", str(ALL), keys="r" * ALL)
    out = capsys.readouterr().out
    assert "at most 5 wrong nudges in 100, 95 % sure (the usual one, since the charter makes none)" in out
    assert f"Casual talk: {CASUAL} drawn, {CASUAL} ruled, 0 wrong, 0 open" in out
    assert "Steward may act at any strictness: where it is at least 60 % sure" in out
    assert "Pitches: 6 drawn" in out
    assert "This history has no more of them: replay a longer one." in out


def test_another_promise_can_be_asked_for(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = "at most 20 wrong nudges in 100, 90 % sure"
    assert steward("calibrate", folder, "--promise", words, "--count", "30", keys="r" * 30) == 0
    out = capsys.readouterr().out
    assert f"The promise: {words} (asked for now)" in out
    assert "may act" in out


def test_many_wrong_ones_and_the_strongest_promise_is_said(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    steward("calibrate", folder, "--label", "chatter", keys="rrrrw" * 12)
    out = capsys.readouterr().out
    assert "12 of 60 flagged wrongly), the promise cannot be reached" in out
    assert re.search(r"The strongest that these rulings support is “at most [\d.]+ wrong nudges in 100", out)


@pytest.mark.parametrize(
    "words, said",
    [("never wrong", "is no promise"), ("off", "leaves nothing to work out"), ("", "is no promise")],
)
def test_words_that_promise_nothing_are_refused(
    folder: str, capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    assert steward("calibrate", folder, "--promise", words) == 2
    assert said in capsys.readouterr().err


def test_a_place_that_is_no_finished_replay_is_refused(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert steward("calibrate", str(tmp_path / "nowhere")) == 2
    assert "is no folder" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert steward("calibrate", str(tmp_path / "empty")) == 2
    assert "has no replay.db" in capsys.readouterr().err
    (Path(folder) / "decisions.jsonl").unlink()
    assert steward("calibrate", folder) == 2
    assert "is not finished" in capsys.readouterr().err


def test_where_nothing_was_flagged_it_says_so_kindly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet = replayed(tmp_path, None, "how do you book an invoice?")
    assert steward("calibrate", str(quiet)) == 0
    out = capsys.readouterr().out
    assert "Nothing was flagged in this replay" in out
    assert "0 drawn, 0 ruled, 0 wrong, 0 open" in out
    assert steward("calibrate", str(quiet), "--label", "pitch") == 0
    assert "Nothing was flagged as a pitch in this replay" in capsys.readouterr().out


def test_nobody_is_asked_about_a_person_who_is_exempt(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(Path(folder), Policy(moderators=("U1",)))
    steward("calibrate", folder, "--count", "10", keys="s" * 10)
    out = capsys.readouterr().out
    assert "  > joe: " in out
    assert "  > mara: " not in out


def test_forgotten_texts_are_not_shown_and_what_was_ruled_still_counts(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    steward("calibrate", folder, "--label", "chatter", "--count", "3", keys="rrs")

    async def forgotten(store: Store, _community: Community) -> None:
        await forget_texts(store, datetime.now(UTC) + timedelta(days=8))

    with_store(Path(folder), forgotten)
    capsys.readouterr()
    assert steward("calibrate", folder, keys="r") == 0
    out = capsys.readouterr().out
    assert "The texts are forgotten, as promised, 7 days after the replay" in out
    assert "Casual talk: 3 drawn, 2 ruled, 0 wrong, 1 open" in out
    assert "1 drawn message without a ruling can no longer be shown" in out


def test_a_message_can_do_no_harm_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = replayed(tmp_path, None, "lol \x1b[2J\x1b]0;mine\x07 \u202etxt", "haha " + "cat " * 900)
    capsys.readouterr()
    assert steward("calibrate", str(evil), keys="??rr") == 0
    out = capsys.readouterr().out
    assert all(letter.isprintable() or letter == "\n" for letter in out)
    assert "…" in out
    assert max(map(len, out.splitlines())) < 400


def test_keys_of_a_terminal_need_no_enter_and_control_c_loses_nothing(
    folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, count in ((b"r", "1"), (b"\x03", "5")):
        master, slave = pty.openpty()
        done = threading.Event()

        def type_on(master: int = master, key: bytes = key, done: threading.Event = done) -> None:
            while not done.wait(0.05):  # what is typed before a key is asked for is dropped
                os.write(master, key)

        typist = threading.Thread(target=type_on)
        with os.fdopen(slave) as terminal:
            monkeypatch.setattr(sys, "stdin", terminal)
            typist.start()
            try:
                assert cli.run(["calibrate", folder, "--label", "chatter", "--count", count]) == 0
            finally:
                done.set()
                typist.join()
                os.close(master)
    assert "Casual talk: 2 drawn, 1 ruled, 0 wrong, 1 open" in capsys.readouterr().out
    assert [ruling.what for ruling in kept_rulings(Path(folder))] == [Ruled.CHATTER]
    assert {draw.label for draw in kept_draws(Path(folder))} == {Label.CHATTER}
