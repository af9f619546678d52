"""The form in which an author changes their own moved post. It opens from a button, and a form must be the first answer to a press."""

from __future__ import annotations

from bot.discord.commands.answers import Asked, answer_press, apologise, kindly
from bot.discord.commands.desk import Desk, in_a_server
from bot.discord.commands.forms import MARK, Field, filled_in, form
from bot.office.moves import change_mine, text_of_mine
from bot.wording import word
from moderation.notices import Reply

WHAT, TEXT = "mine", "text"
LONGEST = 4_000
"""Characters that a form takes: https://docs.discord.com/developers/components/reference#text-input"""


def is_form(custom_id: str) -> bool:
    """Whether it is this form that was filled in."""
    return custom_id.startswith(f"{MARK}{WHAT}:")


async def open_form(desk: Desk, interaction: Asked, copy: str) -> None:
    """Show the author of a copy, given by its marker, what it says; everybody else hears why not."""
    async with kindly(interaction):
        if not await in_a_server(interaction):
            return
        asked = desk.request(interaction)
        said, voice = await text_of_mine(desk.office, asked, copy), await desk.office.voice(asked.community)
        if said.reply is not Reply.CHANGED:
            await apologise(interaction, word(said, voice, desk.office.surface(asked.community)))
            return
        field = Field(TEXT, voice.say("change_text"), now=said.text, longest=LONGEST, lines=True)
        await interaction.response.send_modal(form(WHAT, voice.say("change_title"), [field.label()], copy))


async def filled(desk: Desk, interaction: Asked, custom_id: str) -> None:
    """Keep what was filled in."""
    copy, text = custom_id.removeprefix(f"{MARK}{WHAT}:"), filled_in(interaction).get(TEXT, "").strip()
    async with kindly(interaction):
        await interaction.response.defer()
        said = await change_mine(desk.office, desk.request(interaction), copy, text)
        await answer_press(interaction, said)
