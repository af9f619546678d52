"""A file is written whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from bot.whole_file import written_whole
from moderation.errors import BadInput


def test_the_file_is_there_only_in_the_end(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with written_whole(target) as file:
        file.write(b"all of it")
        assert not target.exists()
    assert target.read_bytes() == b"all of it"
    assert list(tmp_path.iterdir()) == [target]


def _write_half(target: Path) -> None:
    with written_whole(target) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_a_block_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"of yesterday")
    with pytest.raises(KeyboardInterrupt):
        _write_half(target)
    assert target.read_bytes() == b"of yesterday"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), ValueError("a bug"), BrokenPipeError()])
def test_what_the_block_raises_passes_as_it_is(tmp_path: Path, error: Exception) -> None:
    with pytest.raises(type(error)) as caught, written_whole(tmp_path / "a.txt"):
        raise error
    assert caught.value is error
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_kept_where_it_shall_be(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"mine")
    with pytest.raises(BadInput, match=r"a\.txt is there already$"), written_whole(target, overwrite=False):
        pytest.fail("the block must not run")


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    with written_whole(tmp_path / "a.txt"):
        pass
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("name", ["no/such/a.txt", ".", "x" * 300, "nul\0l"])
def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be written: "), written_whole(tmp_path / name):
        pytest.fail("the block must not run")


def test_a_full_disk_at_the_last_moment_is_a_sentence() -> None:
    full = r"^/dev/full cannot be written: No space left on device$"
    with pytest.raises(BadInput, match=full), written_whole(Path("/dev/full")) as file:
        file.write(b"x")
