"""Charter files on disk: read with every problem in a sentence, and written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from moderation.charter import Charter
from moderation.charter_file import LONGEST_FILE, parse_bytes
from moderation.errors import CharterError
from moderation.policy import Policy


def read_charter(path: Path) -> tuple[Charter, Policy]:
    """Read a charter file. Raises CharterError for a file that cannot be read, too."""
    try:
        with path.open("rb") as file:
            # One byte more than can be right: /dev/zero, or a film, is refused and not read.
            data = file.read(4 * LONGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a path with a null character
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise CharterError(f"{path} cannot be read: {why}") from None
    if len(data) > 4 * LONGEST_FILE:
        raise CharterError(f"{path} is too long for a charter")
    return parse_bytes(data, str(path))
