"""Guards around every test: no blocking of the event loop, no network, examples that can be repeated."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable, Iterator

import pytest
import pytest_asyncio
from blockbuster import blockbuster_ctx
from hypothesis import HealthCheck, settings

# A shared machine pauses when it likes: a deadline would fail tests that are right.
settings.register_profile("quick", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=50, deadline=None, derandomize=True, print_blob=True)
settings.register_profile(
    "thorough", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def no_blocking(request: pytest.FixtureRequest) -> Iterator[None]:
    """Raise BlockingError where our code reads a file, sleeps or waits on the event loop.

    Only calls that come from our packages count, so that a test itself may read its expectations. What runs in a
    thread (aiosqlite's connection, a model's session, asyncio.to_thread) has no running loop and passes.
    """
    if not pytest_asyncio.is_async_test(request.node):
        yield
        return
    with blockbuster_ctx(scanned_modules=["bot", "moderation"]):
        yield


class OutsideWorldError(RuntimeError):
    """A test tried to leave this machine. No OSError: code that survives a lost network must not survive this."""


def _is_here(address: object) -> bool:
    """Whether a socket address, or a host to be looked up, is this machine; a path names a Unix socket."""
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(address, tuple) and isinstance(host, str) and ("/" in host or host.startswith("\0")):
        return True
    if host in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def outside_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Refuse every connection and look-up beyond loopback; yields what was refused, which fails the test."""
    refused: list[object] = []

    def guarded(original: Callable[..., object], position: int) -> Callable[..., object]:
        def guard(*args: object, **named: object) -> object:
            address = args[position] if len(args) > position else named.get("host")
            if not _is_here(address):
                refused.append(address)
                raise OutsideWorldError(f"A test wanted to reach {address!r}.")
            return original(*args, **named)

        return guard

    # sendto's address is its last argument: sendto(data, address) or sendto(data, flags, address).
    for name, position in (("connect", 1), ("connect_ex", 1), ("sendto", -1)):
        monkeypatch.setattr(socket.socket, name, guarded(getattr(socket.socket, name), position))
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
        monkeypatch.setattr(socket, name, guarded(getattr(socket, name), 0))
    yield refused
    if refused:
        pytest.fail(f"The test wanted to leave this machine: {refused}")
