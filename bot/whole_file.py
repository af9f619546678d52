"""Writing a file whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from stat import S_IMODE, S_ISREG
from typing import BinaryIO

from moderation.errors import BadInput


@contextmanager
def written_whole(path: Path, *, overwrite: bool = True) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` when the block ends well, and vanishes when it does not.

    What is no regular file (a pipe, /dev/null) is written to directly. Raises BadInput where the place cannot be
    written, and where `path` is there and `overwrite` is not wanted; what the block raises passes as it is.
    """
    with _told(path):
        target = path.resolve()
        mode = target.stat().st_mode if target.exists() else None
        if mode is not None and not overwrite:
            raise BadInput(f"{path} is there already")
        direct = mode is not None and not S_ISREG(mode)
        part = target if direct else target.with_name(f".{target.name[:100]}.{token_hex(4)}.part")
        file = part.open("wb" if direct else "xb")
    try:
        yield file
        with _told(path):
            _settle(file, part, target, mode)
    except BaseException:
        with suppress(OSError):  # a full disk refuses the last bytes once more
            file.close()
        if not direct:
            part.unlink(missing_ok=True)
        raise


def _settle(file: BinaryIO, part: Path, target: Path, mode: int | None) -> None:
    """Put the finished file in its place, in one step, since both are in one folder."""
    if part == target:
        file.close()
        return
    file.flush()
    os.fsync(file.fileno())
    if mode is not None:
        part.chmod(S_IMODE(mode))
    file.close()
    part.replace(target)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What the machine refuses, as a sentence. ValueError is a path with a null character in it."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}") from error
