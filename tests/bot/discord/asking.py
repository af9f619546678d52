"""People of the town who use commands, menus, buttons and forms, and what they alone are shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from tests.bot.discord.town import Town
from tests.fakes.discord import message_payloads
from tests.fakes.discord.entities import Channel, Interaction, parts
from tests.fakes.discord.entities import Message as Post
from tests.fakes.discord.errors import Json

AT_WORK = ("CommandTree-invoker", "discord.py: on_interaction")
"""Tasks in which discord.py lets a command or a press be answered."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody was shown after they asked, in order; and the form that was opened, if any."""

    asked: Interaction
    posts: tuple[Post, ...]

    @property
    def text(self) -> str:
        """All that was said, of embeds their descriptions."""
        said = []
        for post in self.posts:
            said += [post.content, *(embed.get("description", "") for embed in post.embeds)]
        return "\n".join(filter(None, said))

    @property
    def labels(self) -> list[str]:
        """What stands on the buttons."""
        return [part["label"] for post in self.posts for part in parts(post.components) if "label" in part]

    @property
    def files(self) -> dict[str, bytes]:
        """Files by name."""
        return {each.name: each.content for post in self.posts for each in post.attachments}

    @property
    def form(self) -> Json:
        """The form that was opened."""
        assert self.asked.modal is not None
        return self.asked.modal

    @property
    def fields(self) -> dict[str, Json]:
        """The fields of the form by their ids."""
        return {each["custom_id"]: each for each in parts(self.form["components"]) if "custom_id" in each}


async def ask(
    town: Town,
    who: str,
    command: str,
    options: Mapping[str, object] | None = None,
    *,
    channel: str = "workshop",
    allowed_by_admin: bool = False,
) -> Shown:
    """A command, and all that is shown in answer to it."""
    place = town.channels[channel]
    return await shown(
        town,
        await town.server.people.command(
            town.people[who], place, command, options, allowed_by_admin=allowed_by_admin
        ),
    )


async def menu(town: Town, who: str, name: str, post: Post) -> Shown:
    """A choice in the menu of a message."""
    return await shown(town, await town.server.people.message_menu(town.people[who], name, post))


async def press(town: Town, who: str, answer: Shown, label: str) -> Shown:
    """A press on a button of an answer, by what stands on it or what that begins with."""
    for post in answer.posts:
        for part in parts(post.components):
            if str(part.get("label", "")).startswith(label):
                return await shown(
                    town, await town.server.people.press(town.people[who], post, part["custom_id"])
                )
    raise AssertionError(f"no button {label!r} among {answer.labels}")


async def submit(town: Town, answer: Shown, values: Mapping[str, str]) -> Shown:
    """The form that an answer opened, filled in."""
    return await shown(town, await town.server.people.submit(answer.asked, values))


async def offers(
    town: Town, who: str, command: str, option: str, typed: str = "", channel: str = "workshop"
) -> list[str]:
    """The names of what is offered while somebody types."""
    people, place = town.server.people, town.channels[channel]
    return [
        each["name"] for each in await people.autocomplete(town.people[who], place, command, option, typed)
    ]


async def shown(town: Town, asked: Interaction) -> Shown:
    """All that follows from what somebody did, once nothing more comes. It is for them alone."""
    await town.server.until(lambda: not _at_work(), 20)
    pressed = asked.original is asked.message
    first = [asked.original] if asked.original is not None and not pressed else []
    posts = [*first, *asked.follow_ups]
    assert all(post.only_for == asked.user.id for post in posts)
    assert not any(post.mentions or post.mention_everyone for post in posts)
    return Shown(asked, tuple(posts))


def a_file(town: Town, name: str, content: bytes, channel: Channel) -> Json:
    """A file that hangs on a command."""
    kept = town.server.world.keep_file(name, content)
    return message_payloads.attachment(town.server.world, kept, channel.id, ephemeral=True)


def _at_work() -> bool:
    return any(task.get_name().startswith(AT_WORK) for task in asyncio.all_tasks())
