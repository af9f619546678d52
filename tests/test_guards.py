"""The guards of conftest.py bite: otherwise the other tests would promise too much."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path

import aiosqlite
import pytest
from blockbuster import BlockingError

import moderation
from tests.conftest import OutsideWorldError


def _as_if_in_moderation(source: str) -> Callable[[], object]:
    """A function that looks as if it stood in our package: the loop's guard goes by file names."""
    scope: dict[str, Callable[[], object]] = {}
    folder = moderation.__path__[0]
    exec(compile(source, f"{folder}/made_up.py", "exec"), {"time": time, "Path": Path}, scope)  # noqa: S102 - our text
    return scope["work"]


async def test_our_code_may_not_sleep_on_the_loop() -> None:
    with pytest.raises(BlockingError):
        _as_if_in_moderation("def work(): time.sleep(0.01)")()


async def test_our_code_may_not_read_a_file_on_the_loop() -> None:
    work = _as_if_in_moderation(f"def work(): return Path({__file__!r}).read_bytes()")
    with pytest.raises(BlockingError):
        work()


async def test_our_code_may_block_in_a_thread() -> None:
    await asyncio.to_thread(_as_if_in_moderation("def work(): time.sleep(0.01)"))


async def test_a_database_in_its_own_thread_passes(tmp_path: Path) -> None:
    async with aiosqlite.connect(tmp_path / "some.db") as database, database.execute("SELECT 1") as cursor:
        assert await cursor.fetchone() == (1,)


# 192.0.2.0/24 and .invalid are set aside for documentation: nothing answers there even without the guard.
@pytest.mark.parametrize(
    "leave",
    [
        lambda: socket.create_connection(("192.0.2.1", 443), timeout=1),
        lambda: socket.getaddrinfo("chat.invalid", 443),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 53)),
    ],
)
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the refused socket is never closed
def test_no_test_leaves_this_machine(leave: Callable[[], object], outside_world: list[object]) -> None:
    with pytest.raises(OutsideWorldError):
        leave()
    assert outside_world
    outside_world.clear()


async def test_loopback_is_open() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
        assert await reader.read() == b""
        writer.close()
