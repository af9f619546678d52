"""Who is who in a workspace: asked of Slack once for each person, and again after some hours.

Events name people by id alone. An event must be acknowledged within three seconds, so nobody waits long for a name: without it, the
id stands for it, and the next message asks again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from time import monotonic

from bot.history.clean import Row, id_in, row_in, text_in
from bot.history.slack_messages import author_from
from bot.slack.failures import plain_failures
from bot.slack.workspaces import Workspace
from moderation.errors import PlatformError
from moderation.messages import Author

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds that a message waits for a name at most."""
GOOD_FOR = 6 * 3_600.0
"""Seconds after which somebody may have another name."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as Slack shows them. Who is `foreign` belongs to another organisation (Slack Connect)."""

    author: Author
    picture: str = ""
    admin: bool = False
    foreign: bool = False


def person_from(user: Row, workspace: Workspace) -> Person:
    """The person in a row of users.info."""
    profile = row_in(user, "profile")
    return Person(
        author_from(user),
        text_in(profile, "image_192", "image_72", "image_48"),
        admin=any(user.get(flag) is True for flag in ("is_admin", "is_owner", "is_primary_owner")),
        foreign=_is_foreign(user, workspace),
    )


def _is_foreign(user: Row, workspace: Workspace) -> bool:
    if user.get("is_stranger") is True:
        return True
    team, organisation = id_in(user, "team_id"), id_in(row_in(user, "enterprise_user"), "enterprise_id")
    same_organisation = bool(workspace.enterprise) and workspace.enterprise in (team, organisation)
    return bool(team) and team != workspace.community.id and not same_organisation


class People:
    """Everybody who was asked for."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[float, Person]] = {}
        self._asking: dict[tuple[str, str], asyncio.Task[Person]] = {}

    async def of(self, workspace: Workspace, member: str) -> Person:
        """Raises PlatformError, Gone for nobody's id."""
        key = (workspace.community.id, member)
        at, person = self._known.get(key, (0.0, None))
        if person is not None and monotonic() - at <= GOOD_FOR:
            return person
        if key not in self._asking:  # a burst of somebody's messages asks once
            self._asking[key] = asyncio.create_task(self.now(workspace, member))
            self._asking[key].add_done_callback(lambda asked: self._asked(key, asked))
        return await asyncio.shield(self._asking[key])

    def _asked(self, key: tuple[str, str], asked: asyncio.Task[Person]) -> None:
        """Whoever waited may be gone by now; what was answered is known, what went wrong was theirs to hear."""
        self._asking.pop(key, None)
        if not asked.cancelled():
            asked.exception()

    async def now(self, workspace: Workspace, member: str) -> Person:
        """As `of`, asked anew: for what somebody may do at this moment."""
        with plain_failures("users:read"):
            answer = await workspace.client.users_info(user=member)
        person = person_from(row_in(_row(answer.data), "user"), workspace)
        self._known[workspace.community.id, member] = (monotonic(), person)
        return person

    async def named(self, workspace: Workspace, members: Iterable[str]) -> Mapping[str, Author]:
        """Those of `members` whose names are known by now, or within a second."""
        wanted = list(members)
        with_names = asyncio.gather(*(self._author(workspace, each) for each in wanted))
        try:
            found = await asyncio.wait_for(with_names, PATIENCE)
        except TimeoutError:
            known = (self._known.get((workspace.community.id, each)) for each in wanted)
            found = [each[1].author if each else None for each in known]
        return {member: author for member, author in zip(wanted, found, strict=True) if author is not None}

    async def _author(self, workspace: Workspace, member: str) -> Author | None:
        try:
            return (await self.of(workspace, member)).author
        except PlatformError as error:
            log.info("a name is not known yet", extra={"member": member, "outcome": type(error).__name__})
            return None

    def forget(self, workspace: Workspace) -> None:
        """We were sent away."""
        community = workspace.community.id
        self._known = {key: person for key, person in self._known.items() if key[0] != community}


def _row(data: object) -> Row:
    return data if isinstance(data, dict) else {}
