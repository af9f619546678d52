"""`steward status`: the standings without a question, and the mode in which Steward would really act."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moderation.decisions import Ruled
from moderation.policy import Mode, Policy
from moderation.ports import Community, Store, Stored
from moderation.promise import Promise
from moderation.storage.decisions import SqlDecisions
from tests.bot.calibrations import CASUAL, kept_rulings, publish, replayed, steward, with_store

PROMISED = Policy(mode=Mode.OFFER, promise=str(Promise()))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return replayed(tmp_path_factory.mktemp("status"), PROMISED)


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> str:
    return str(shutil.copytree(original, tmp_path / "replay"))


def test_before_anything_was_ruled(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert steward("status", folder) == 0
    out = capsys.readouterr().out
    assert "Ledger Lane" in out
    assert "at most 5 wrong nudges in 100, 95 % sure (the charter's)" in out
    assert "mode      observe. The charter asks for offer, but until there is evidence" in out
    assert "Moderators disagree about none" in out
    assert out.count("0 drawn, 0 ruled, 0 wrong, 0 open") == 2
    assert "It takes about" in out


def test_it_says_what_calibration_said_and_changes_nothing(
    folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    steward("calibrate", folder, "--count", "10", keys="rrrwrrsrrr")
    said = capsys.readouterr().out
    standings = said[said.rindex("\nCasual talk") :]
    rulings = kept_rulings(Path(folder))
    assert steward("status", folder) == 0
    assert capsys.readouterr().out.endswith(standings)
    assert kept_rulings(Path(folder)) == rulings


def test_with_evidence_it_acts_in_the_charter_s_mode(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    steward("calibrate", folder, "--label", "chatter", "--count", str(CASUAL), keys="r" * CASUAL)
    steward("status", folder)
    assert "mode      offer, where it is at least 75 % sure of casual talk." in capsys.readouterr().out


def test_another_promise_does_not_change_the_mode(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    steward("calibrate", folder, "--label", "chatter", "--count", "30", keys="r" * 30)
    capsys.readouterr()
    assert steward("status", folder, "--promise", "at most 30 wrong nudges in 100, 90 % sure") == 0
    out = capsys.readouterr().out
    assert "may act" in out
    assert "mode      observe. The charter asks for offer" in out


def test_the_history_is_read_once(
    folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    steward("calibrate", folder, "--count", "2", keys="rr")
    steward("audit", folder, "--count", "2", keys="bb")
    capsys.readouterr()
    plain, read = SqlDecisions.all, []

    def counted(
        self: SqlDecisions, community: Community, since: datetime | None = None
    ) -> AsyncIterator[Stored]:
        read.append(community)
        return plain(self, community, since)

    monkeypatch.setattr(SqlDecisions, "all", counted)
    assert steward("status", folder) == 0
    out = capsys.readouterr().out
    assert "2 drawn, 2 ruled" in out
    assert "What was missed" in out
    assert len(read) == 1


@pytest.mark.parametrize(
    "policy, said",
    [
        (Policy(mode=Mode.MOVE), "mode      move, at once and on the moderators' own word"),
        (Policy(mode=Mode.OBSERVE), "mode      observe, as the charter says"),
        (replace(PROMISED, mode=Mode.OBSERVE), "mode      observe, as the charter says"),
    ],
)
def test_without_a_promise_or_without_a_wish_to_act(
    folder: str, capsys: pytest.CaptureFixture[str], policy: Policy, said: str
) -> None:
    publish(Path(folder), policy)
    assert steward("status", folder) == 0
    assert said in capsys.readouterr().out


def test_moderators_who_disagree_are_counted(folder: str, capsys: pytest.CaptureFixture[str]) -> None:
    steward("calibrate", folder, "--label", "chatter", "--count", "2", keys="rr")
    first = kept_rulings(Path(folder))[0]

    async def contradict(store: Store, community: Community) -> None:
        async with store.work() as work:
            other = replace(first, what=Ruled.FINE, by="ann", at=datetime.now(UTC))
            await work.rulings.add(community, other)
            await work.commit()

    with_store(Path(folder), contradict)
    capsys.readouterr()
    steward("status", folder)
    out = capsys.readouterr().out
    assert "Moderators disagree about 1 drawn message" in out
    assert "Casual talk: 2 drawn, 2 ruled, 1 wrong, 0 open" in out


def test_what_cannot_be_read_is_refused_in_a_sentence(
    folder: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert steward("status", str(tmp_path / "nowhere")) == 2
    assert steward("status", str(tmp_path)) == 2
    assert steward("status", folder, "--promise", "the moon") == 2
    publish(Path(folder), replace(PROMISED, promise="the moon"))
    assert steward("status", folder) == 2
    err = capsys.readouterr().err
    assert err.count("steward: ") == 4
    assert "the replay's charter: 'the moon' is no promise" in err
