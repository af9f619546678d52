"""What every command of the office needs: the store, the line, and who may ask what.

A moderator is whom the platform calls one, or whom the policy names; it is asked again at every command and every press.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from bot.office.drafts import Drafts
from bot.office.said import Request, Said, Surface
from bot.wording import Voice
from moderation.charter import Charter
from moderation.errors import BadInput
from moderation.pipeline import Pipeline
from moderation.policy import Policy
from moderation.ports import Classifier, Community, Store

NOT_SET_UP = "Steward is not set up here yet. Begin with /relevance setup: it only watches until you tell it to do more."

P = ParamSpec("P")
Command = Callable[P, Coroutine[Any, Any, Said]]
Rules = tuple[Charter, Policy]


@dataclass(slots=True)
class Office:
    """The tools of one process. `deliver_soon` is called when something was put into the outbox."""

    store: Store
    pipeline: Pipeline
    classifier: Classifier
    surface: Callable[[Community], Surface]
    deliver_soon: Callable[[], object]
    drafts: Drafts = field(default_factory=Drafts)

    async def known_rules(self, community: Community) -> Rules | None:
        """Charter and policy in force, None before set-up."""
        async with self.store.work() as work:
            return await work.communities.current(community)

    async def rules(self, community: Community) -> Rules:
        """Charter and policy in force. Raises BadInput before set-up."""
        found = await self.known_rules(community)
        if found is None:
            raise BadInput(NOT_SET_UP)
        return found

    async def voice(self, community: Community) -> Voice:
        """In which words members are spoken to; friendly English before set-up."""
        found = await self.known_rules(community)
        return Voice.of(*found) if found else Voice()

    async def publish(self, asked: Request, charter: Charter, policy: Policy) -> None:
        """Put rules in force, and let what the evidence says of them be known."""
        await self.pipeline.publish(asked.community, charter, policy, asked.now)
        await self.pipeline.keep_promise(asked.community, asked.now)
        self.deliver_soon()

    async def is_moderator(self, asked: Request) -> bool:
        """Whether whoever asks is a moderator at this moment."""
        if asked.actor.moderator:
            return True
        found = await self.known_rules(asked.community)
        return found is not None and asked.actor.id in found[1].moderators


def for_moderators(
    command: Command[Concatenate[Office, Request, P]],
) -> Command[Concatenate[Office, Request, P]]:
    """Let only moderators in, and say in a sentence what is wrong with what they gave."""

    @wraps(command)
    async def checked(office: Office, asked: Request, /, *args: P.args, **kwargs: P.kwargs) -> Said:
        if not await office.is_moderator(asked):
            return Said((await office.voice(asked.community)).say("moderators_command"))
        try:
            return await command(office, asked, *args, **kwargs)
        except BadInput as error:
            return Said(office.surface(asked.community).quote(str(error)))

    return checked


def for_everyone(
    command: Command[Concatenate[Office, Request, P]],
) -> Command[Concatenate[Office, Request, P]]:
    """Say in a sentence what is wrong with what was given."""

    @wraps(command)
    async def checked(office: Office, asked: Request, /, *args: P.args, **kwargs: P.kwargs) -> Said:
        try:
            return await command(office, asked, *args, **kwargs)
        except BadInput as error:
            return Said(office.surface(asked.community).quote(str(error)))

    return checked
