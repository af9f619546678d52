"""A model folder is verified before it judges; what is wrong is said in a sentence."""

import json
import shutil
from pathlib import Path

import pytest

from moderation.classifier.folder import MANIFEST, SHIPPED, open_folder
from moderation.errors import ModelError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model that a test may spoil."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "model"))


def test_the_shipped_model_is_whole_and_small() -> None:
    manifest = open_folder(SHIPPED)
    assert {"text.onnx", "judge.onnx", "tokenizer.json", "config.json"} <= {
        name for name, _ in manifest.files
    }
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 60_000_000


def test_nothing_in_it_is_a_pickle() -> None:
    kinds = {path.suffix for path in SHIPPED.iterdir()}
    assert kinds <= {".json", ".onnx", ".txt", ".md"}


def test_a_changed_file_is_refused(folder: Path) -> None:
    with (folder / "text.onnx").open("r+b") as stream:
        stream.seek(1000)
        stream.write(b"\x00\x01\x02")
    with pytest.raises(ModelError, match=r"text\.onnx is damaged or was changed"):
        open_folder(folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    (folder / "judge.onnx").unlink()
    with pytest.raises(ModelError, match=r"judge\.onnx cannot be read"):
        open_folder(folder)


def test_a_folder_without_a_manifest_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no Steward model"):
        open_folder(tmp_path)


@pytest.mark.parametrize(
    "manifest, sentence",
    [
        ("{", "cannot be read"),
        ("[]", "of another format"),
        ('{"format": 99}', "of another format"),
        ('{"format": 3}', "lacks or garbles"),
        ('{"format": 3, "files": 3}', "lacks or garbles"),
    ],
)
def test_a_broken_manifest_is_refused(folder: Path, manifest: str, sentence: str) -> None:
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    with pytest.raises(ModelError, match=sentence):
        open_folder(folder)


def test_a_manifest_that_names_files_elsewhere_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"]["../secret"] = "0" * 64
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelError, match="outside its folder"):
        open_folder(folder)


@pytest.mark.parametrize("told", [{"settles_from": 0.4}, {"context_lines": 0}])
def test_a_manifest_that_promises_what_no_model_of_ours_does_is_refused(
    folder: Path, told: dict[str, float]
) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | told
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelError, match="it is not a model of ours"):
        open_folder(folder)
