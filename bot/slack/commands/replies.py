"""Answering whoever asked: to them alone, with whatever goes with the answer, and never with silence.

Slack has no files that one person alone sees in a channel, so these go to the asker's direct messages with Steward.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.office.said import Said
from bot.slack.commands.asking import Asking
from bot.slack.commands.blocks import Post, answered, posts
from bot.slack.commands.phrases import phrase
from bot.slack.failures import plain_failures
from bot.slack.private import Private, whisper
from bot.slack.rendering import plain
from bot.slack.workspaces import Workspace
from moderation.errors import PlatformError

log = logging.getLogger(__name__)

RESPONSES = 5
"""Times that a response_url can be used."""
LONGEST_ALT = 1_000
WELL = 200


class Reply(Protocol):
    """A way to answer somebody."""

    async def show(self, said: Said, language: str, now: datetime, *, instead: bool = False) -> None:
        """Show an answer; `instead` puts it in the place of the one on which somebody pressed. Raises PlatformError's kinds."""
        ...


def reply_to(asked: Asking, private: Private) -> Reply:
    """How whoever asked is answered: in the form in which they pressed, else with messages that they alone see."""
    if asked.view and asked.in_form:
        return InForm(asked, private)
    return InMessages(asked, private)


@dataclass(slots=True)
class InMessages:
    """Messages: by the response_url while it lives, then as ephemeral ones in the channel, and last as direct ones."""

    asked: Asking
    private: Private
    used: int = 0

    async def show(self, said: Said, language: str, now: datetime, *, instead: bool = False) -> None:
        found = await _with_files(self.asked, said, language)
        for number, post in enumerate(posts(found)):
            await self._post(post, now, instead=instead and number == 0)

    async def _post(self, post: Post, now: datetime, *, instead: bool) -> None:
        if await self._by_url(post, now, instead=instead) or await self._in_channel(post):
            return
        await _direct(self.asked, self.private, post)

    async def _by_url(self, post: Post, now: datetime, *, instead: bool) -> bool:
        if not self.asked.answerable(now) or self.used >= RESPONSES:
            return False
        self.used += 1
        client = self.asked.workspace.client
        webhook = AsyncWebhookClient(self.asked.response_url, session=client.session, retry_handlers=[])
        with plain_failures():
            answer = await webhook.send_dict(
                {
                    "response_type": "ephemeral",
                    "replace_original": instead,
                    "text": plain(post.text),
                    "blocks": list(post.blocks),
                }
            )
        if answer.status_code != WELL:
            log.info("a response_url is no longer good", extra={"code": answer.status_code})
        return answer.status_code == WELL

    async def _in_channel(self, post: Post) -> bool:
        if not self.asked.channel.startswith(("C", "G")):
            return False
        asked = self.asked
        try:
            await whisper(asked.workspace, asked.channel, asked.member, post.text, post.blocks)
        except PlatformError as error:  # not in this channel, which direct messages do not mind
            log.info("no ephemeral answer there", extra={"outcome": type(error).__name__})
            return False
        return True


@dataclass(slots=True)
class InForm:
    """The form that is open before somebody, or, once they closed it, direct messages."""

    asked: Asking
    private: Private

    async def show(self, said: Said, language: str, now: datetime, *, instead: bool = False) -> None:
        del now, instead  # a form shows one answer at a time
        found = await _with_files(self.asked, said, language)
        try:
            with plain_failures():
                await self.asked.workspace.client.views_update(
                    view_id=self.asked.view, view=answered(found, language)
                )
        except PlatformError as error:
            log.info("a form was closed before its answer", extra={"outcome": type(error).__name__})
            for post in posts(found):
                await _direct(self.asked, self.private, post)


async def _direct(asked: Asking, private: Private, post: Post) -> None:
    await private.direct(asked.workspace, asked.member, post.text, post.blocks)


async def _direct_channel(workspace: Workspace, member: str) -> str:
    with plain_failures("im:write"):
        answer = await workspace.client.conversations_open(users=member)
    data: Any = answer.data
    return str(data["channel"]["id"])


async def _with_files(asked: Asking, said: Said, language: str) -> Said:
    """The answer without its files, which are sent to the asker alone; it says where they are."""
    uploads = list(_uploads(said))
    if not uploads:
        return said
    key = "file"
    try:
        channel = await _direct_channel(asked.workspace, asked.member)
        with plain_failures("files:write"):
            await asked.workspace.client.files_upload_v2(file_uploads=uploads, channel=channel)
    except PlatformError as error:
        log.warning("the files of an answer could not be sent", exc_info=error)
        key = "no_file"
    return Said(f"{said.text}\n\n_{phrase(key, language)}_", said.choices)


def _uploads(said: Said) -> Iterator[dict[str, object]]:
    for file in said.files:
        yield {"filename": file.name, "title": file.name, "content": file.content}
    if said.image is not None:
        yield {
            "filename": said.image.name,
            "title": said.image.name,
            "content": said.image.content,
            "alt_txt": said.image.alt_text[:LONGEST_ALT],
        }
