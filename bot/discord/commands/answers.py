"""Answering a command, a press or a form: to the asker alone, with whatever hangs on the answer, and never with silence."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import aiohttp
import discord

from bot.discord.commands.phrases import phrase
from bot.discord.fitting import ALL_EMBEDS, fitted
from bot.discord.rendering import IN_A_ROW, ROWS, defused
from bot.discord.splitting import parts
from bot.office.said import Choice, Said
from moderation.errors import BadInput, NotAllowed, StewardError

log = logging.getLogger(__name__)

Asked = discord.Interaction[Any]

CHOSEN = "="
"""Before the token of a choice in a custom id: no marker of ours begins with it (see `bot.discord.rendering`)."""
LONGEST_LABEL = 80
LONGEST_DESCRIPTION = 1_024
NOBODY = discord.AllowedMentions.none()
MISSING = discord.utils.MISSING


async def begin(interaction: Asked) -> None:
    """Say that we are at it, which Discord wants to hear within three seconds; the answer may take 15 minutes."""
    await interaction.response.defer(ephemeral=True, thinking=True)


async def answer(interaction: Asked, said: Said) -> None:
    """Show an answer to whoever asked, after `begin`; every further one stands below. Links show no previews.

    What is too long for one message is told in several; files and buttons come with the last.
    """
    *before, last = parts(said.text, ALL_EMBEDS)
    for text in before:
        await _send(interaction, Said(text))
    await _send(interaction, replace(said, text=last))


async def _send(interaction: Asked, said: Said) -> None:
    content, embeds = fitted(said.text)
    await interaction.followup.send(
        content if content is not None else MISSING,
        embeds=embeds,
        files=list(_files(said)),
        view=view(said.choices) if said.choices else MISSING,
        ephemeral=True,
        # Of a text that is too long for the content, the embeds are the text.
        suppress_embeds=not embeds,
        allowed_mentions=NOBODY,
    )


async def answer_press(interaction: Asked, said: Said) -> None:
    """Show what follows from a press on a private answer, which then has done its work: its buttons go."""
    if interaction.message is not None and interaction.message.flags.ephemeral:
        await interaction.edit_original_response(view=None)
    await answer(interaction, said)


@asynccontextmanager
async def kindly(interaction: Asked) -> AsyncIterator[None]:
    """Whatever goes wrong is written to the log and answered with a sentence."""
    try:
        yield
    except BadInput as error:
        await apologise(interaction, defused(str(error)))
    except StewardError as error:
        log.warning("a command could not be answered", exc_info=error)
        await apologise(interaction, sentence(error, interaction.locale))
    except Exception:
        log.exception("a command failed")
        await apologise(interaction, phrase("failed", interaction.locale))


def sentence(error: StewardError, locale: discord.Locale) -> str:
    """What somebody can do about an error: the permission that is missing by its exact name, else to try again."""
    if isinstance(error, NotAllowed) and error.permission:
        return phrase("permission", locale, permission=error.permission)
    return phrase("failed", locale)


async def apologise(interaction: Asked, text: str) -> None:
    """Say a sentence to whoever asked, answered already or not; where even that is not possible, nobody waits any more."""
    with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True, allowed_mentions=NOBODY)
        else:
            await interaction.response.send_message(text, ephemeral=True, allowed_mentions=NOBODY)


def view(choices: tuple[Choice, ...]) -> discord.ui.View:
    """The buttons under an answer, as many as Discord shows."""
    return buttons([(choice.label, f"{CHOSEN}{choice.token}") for choice in choices[: IN_A_ROW * ROWS]])


def buttons(labels: list[tuple[str, str]]) -> discord.ui.View:
    """Buttons by label and custom id. They are alive after a restart, so discord.py need not keep them."""
    shown = discord.ui.View(timeout=None)
    for label, custom_id in labels:
        short = label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"
        shown.add_item(discord.ui.Button(label=short, custom_id=custom_id))
    shown.stop()
    return shown


def _files(said: Said) -> Iterator[discord.File]:
    for file in said.files:
        yield discord.File(io.BytesIO(file.content), file.name)
    if said.image is not None:
        description = said.image.alt_text[:LONGEST_DESCRIPTION]
        yield discord.File(io.BytesIO(said.image.content), said.image.name, description=description)
