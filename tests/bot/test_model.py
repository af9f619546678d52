"""`steward model`: the card is shown, and a folder that is not whole is refused in a sentence."""

import shutil
from pathlib import Path

import pytest

from bot import cli
from moderation.classifier.folder import SHIPPED


def test_the_shipped_model_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["model", "check"]) == 0
    assert "is whole and judges" in capsys.readouterr().out


def test_the_card_tells_data_figures_and_limits(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["model", "card"]) == 0
    card = capsys.readouterr().out
    for heading in ("## Data", "## Figures", "## Limits"):
        assert heading in card


def test_a_damaged_model_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "model"))
    (folder / "judge.onnx").write_bytes(b"not a network")
    assert cli.run(["model", "check", "--model", str(folder)]) == 2
    assert "judge.onnx is damaged or was changed" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["check", "card"])
def test_a_folder_that_is_no_model_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    assert cli.run(["model", command, "--model", str(tmp_path)]) == 2
    assert str(tmp_path) in capsys.readouterr().err
