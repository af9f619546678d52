"""Messages that an export holds twice: files overlap, a thread's reply is shown in the channel too."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from moderation.messages import Message

# 2**25 bits are 4 MB: of 100,000 messages about 150 share a bit by chance, of 3 million one in 23.
_BITS = 2**25


class DoubleIds:
    """Finds ids that may occur twice, in 4 MB for an export of any length (a Bloom filter of one hash)."""

    def __init__(self) -> None:
        self._seen = bytearray(_BITS // 8)
        self._suspects: set[int] = set()

    def note(self, channel: str, message: str) -> None:
        """Remember an id; to be called once for every message before without_doubles."""
        bit = _bit(channel, message)
        if self._seen[bit >> 3] & (1 << (bit & 7)):
            self._suspects.add(bit)
        self._seen[bit >> 3] |= 1 << (bit & 7)

    def suspects(self) -> frozenset[int]:
        """Hashes that occurred more than once."""
        return frozenset(self._suspects)


def without_doubles(messages: Iterable[Message], suspects: frozenset[int]) -> Iterator[Message]:
    """`messages` with unique keys.

    The same id by the same author is one message: the first one stands. The same id by somebody else
    (converters write whole seconds where Slack counts microseconds) is another message: its id gets the
    suffix `~2`, `~3` ...
    """
    authors: dict[tuple[str, str], list[str]] = {}
    for message in messages:
        key = message.key
        if not suspects or _bit(key.channel, key.message) not in suspects:
            yield message
            continue
        earlier = authors.setdefault((key.channel, key.message), [])
        if message.author.id in earlier:
            continue
        earlier.append(message.author.id)
        yield message if len(earlier) == 1 else _renamed(message, len(earlier))


def _renamed(message: Message, number: int) -> Message:
    return replace(message, key=replace(message.key, message=f"{message.key.message}~{number}"))


def _bit(channel: str, message: str) -> int:
    return zlib.crc32(f"{channel}\0{message}".encode()) % _BITS
