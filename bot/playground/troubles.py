"""What can go wrong on a platform, arranged: missing permissions, and failures before or after the deed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from moderation.errors import NotAllowed


@dataclass(slots=True)
class _Fault:
    """A failure to come: at a call of `method` (any if empty) once `skip` such calls are over."""

    method: str
    error: BaseException
    after: bool
    skip: int


class Troubles:
    """The plan of what goes wrong, by method of the port; `calls` counts all calls so far."""

    def __init__(self) -> None:
        self.calls = 0
        self._faults: list[_Fault] = []
        self._forbidden: dict[tuple[str, str], str] = {}

    def forbid(self, channel: str, permission: str, *methods: str) -> None:
        """Let these methods raise NotAllowed with `permission` in a channel (its id), until `allow`."""
        for method in methods:
            self._forbidden[channel, method] = permission

    def allow(self, channel: str, *methods: str) -> None:
        """Give a permission back."""
        for method in methods:
            self._forbidden.pop((channel, method), None)

    def fail_next(
        self, method: str, error: BaseException, *, after: bool = False, skip: int = 0, times: int = 1
    ) -> None:
        """Let the next calls of a method (of any, if empty) fail, past `skip` of them.

        With `after` the deed is done and only the answer is lost, also where that is an error.
        """
        self._faults += [_Fault(method, error, after, skip) for _ in range(times)]

    def clear(self) -> None:
        """Nothing more goes wrong."""
        self._faults.clear()
        self._forbidden.clear()

    @contextmanager
    def call(self, method: str, channel: str) -> Iterator[None]:
        """One call of the port, with what was arranged for it."""
        self.calls += 1
        fault = self._due(method)
        if fault is not None and not fault.after:
            raise fault.error
        permission = self._forbidden.get((channel, method))
        if permission is not None:
            raise NotAllowed(f"The permission to {permission} is missing.", permission)
        try:
            yield
        finally:
            if fault is not None:
                raise fault.error

    def _due(self, method: str) -> _Fault | None:
        """The fault that this call meets; the others come one call nearer."""
        due: _Fault | None = None
        for fault in [fault for fault in self._faults if fault.method in ("", method)]:
            if fault.skip > 0:
                fault.skip -= 1
            elif due is None:
                due = fault
                self._faults.remove(fault)
        return due
