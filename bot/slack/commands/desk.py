"""Where Slack's questions come in: who asks what where, the office's answer, and our own side of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.office.office import Office
from bot.office.said import Actor, Request, Said
from bot.slack.commands.asking import Asking
from bot.slack.commands.blocks import View, waiting
from bot.slack.commands.phrases import phrase
from bot.slack.commands.replies import Reply, reply_to
from bot.slack.failures import plain_failures
from bot.slack.moderators import is_moderator
from bot.slack.platform import SlackPlatform
from bot.slack.rendering import defused
from bot.slack.workspaces import Workspace
from moderation.errors import BadInput, NotAllowed, PlatformError, StewardError
from moderation.messages import Message

log = logging.getLogger(__name__)

Ask = Callable[[Office, Request], Awaitable[Said]]
"""A command of the office, with all that it needs besides."""
MakeForm = Callable[[Request], Awaitable[View | Said]]
"""What a form shows; or what is said in its place."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The tools of all commands. `receive` takes in a message that was posted before."""

    office: Office
    platform: SlackPlatform
    receive: Callable[[Message], Awaitable[None]]
    now: Callable[[], datetime]
    at_work: set[asyncio.Task[None]] = field(default_factory=set)

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something after Slack was answered, which it wants to be within three seconds."""
        task = asyncio.create_task(work, name="slack: answer")
        self.at_work.add(task)
        task.add_done_callback(self.at_work.discard)

    async def request(self, asked: Asking) -> Request:
        """Who asks, and where; whether they moderate is asked of Slack at this moment. Raises PlatformError."""
        community = asked.workspace.community
        moderator = await is_moderator(self.platform, community, asked.member)
        actor = Actor(asked.member, asked.name, moderator=moderator)
        return Request(community, actor, self.now(), asked.channel)

    async def language(self, workspace: Workspace) -> str:
        """In which language a community is spoken to; English where that cannot be said."""
        try:
            return (await self.office.voice(workspace.community)).language
        except Exception:
            log.exception("the language is not known")
            return "en"

    # --- answers --------------------------------------------------------------------------------------------------

    async def answer(self, asked: Asking, ask: Ask, *, instead: bool = False) -> None:
        """Put a question to the office, and show its answer."""
        reply = reply_to(asked, self.platform.private)
        async with self.kindly(asked, reply):
            await self.show(reply, asked, await ask(self.office, await self.request(asked)), instead=instead)

    async def show(self, reply: Reply, asked: Asking, said: Said, *, instead: bool = False) -> None:
        """Show one answer of several."""
        await reply.show(said, await self.language(asked.workspace), self.now(), instead=instead)

    @asynccontextmanager
    async def kindly(self, asked: Asking, reply: Reply) -> AsyncIterator[None]:
        """Whatever goes wrong is written to the log and answered with a sentence."""
        try:
            yield
        except BadInput as error:
            await self._apologise(reply, asked, defused(str(error)))
        except StewardError as error:
            log.warning("a command could not be answered", exc_info=error)
            await self._apologise(reply, asked, sentence(error, await self.language(asked.workspace)))
        except Exception:
            log.exception("a command failed")
            await self._apologise(reply, asked, phrase("failed", await self.language(asked.workspace)))

    async def _apologise(self, reply: Reply, asked: Asking, text: str) -> None:
        try:
            await self.show(reply, asked, Said(text))
        except StewardError as error:
            log.warning("not even an apology arrived", exc_info=error)

    async def refusal(self, asked: Request) -> Said:
        """What somebody is told who asks for what moderators may."""
        return Said((await self.office.voice(asked.community)).say("moderators_command"))

    # --- forms ----------------------------------------------------------------------------------------------------

    async def open(self, asked: Asking, make: MakeForm) -> None:
        """Open a form: first an empty one, for Slack gives three seconds, then what `make` makes of it."""
        async with self.kindly(asked, reply_to(asked, self.platform.private)):
            await self._fill(await self._opened(asked), make)

    async def _opened(self, asked: Asking) -> Asking:
        """Whoever asked, with an empty form before them. Raises PlatformError where they had to wait too long for it."""
        view = waiting(await self.language(asked.workspace))
        try:
            with plain_failures():
                opened = await asked.workspace.client.views_open(trigger_id=asked.trigger, view=view)
        except NotAllowed as error:  # no permission is needed for it: the trigger is too old
            raise PlatformError(str(error)) from error
        return replace(asked, view=_view_of(opened.data), in_form=True)

    async def _fill(self, form: Asking, make: MakeForm) -> None:
        """Whatever goes wrong is said in the form, which nobody can do without."""
        reply = reply_to(form, self.platform.private)
        async with self.kindly(form, reply):
            made = await make(await self.request(form))
            if isinstance(made, Said):
                await self.show(reply, form, made)
                return
            with plain_failures():
                await form.workspace.client.views_update(view_id=form.view, view=made)


def _view_of(data: object) -> str:
    view = data.get("view") if isinstance(data, dict) else None
    return str(view["id"]) if isinstance(view, dict) else ""


def sentence(error: StewardError, language: str) -> str:
    """What somebody can do about an error: what is missing by its exact name, else to try again."""
    if isinstance(error, NotAllowed) and error.permission:
        return phrase("permission", language, permission=error.permission)
    return phrase("failed", language)
