"""Forms for the charter: its head, or a whole file."""

from __future__ import annotations

from collections.abc import Mapping

from bot.office import charters
from bot.office.charters import Edit
from bot.office.office import NOT_SET_UP, Office
from bot.office.said import Request, Said
from bot.slack.commands.asking import Asking, kept
from bot.slack.commands.blocks import View
from bot.slack.commands.desk import Desk
from bot.slack.commands.forms import CHARTER_FILES, DIFF, EDIT, Field, first, form
from bot.slack.commands.given import file_from
from bot.slack.fitting import Block
from bot.wording import LANGUAGES, TONES
from moderation.charter import Charter
from moderation.charter_file import LONGEST_NAME, LONGEST_TEXT
from moderation.errors import BadInput

Given = Mapping[str, tuple[str, ...]]
FILE = Field("file", "Or a whole charter file (charter.toml) in place of the charter")
PASTE = Field("paste", "Or its text")


async def open_edit(desk: Desk, asked: Asking) -> None:
    """Show the charter's head, to be changed."""

    async def make(request: Request) -> View | Said:
        if not await desk.office.is_moderator(request):
            return await desk.refusal(request)
        rules = await desk.office.known_rules(request.community)
        if rules is None:
            return Said(NOT_SET_UP)
        return form(
            EDIT, "Edit the charter", _head(rules[0]), kept(asked), await desk.language(asked.workspace)
        )

    await desk.open(asked, make)


async def edited(desk: Desk, asked: Asking, given: Given) -> None:
    """Propose what was changed in the form, or the file that was given with it."""

    async def ask(office: Office, request: Request) -> Said:
        address = first(given, "file")
        if address:
            toml = await file_from(asked.workspace, address)
            return await charters.charter_text(office, request, toml, first(given, "confirm"))
        charter, _ = await office.rules(request.community)
        return await charters.charter_edit(office, request, changed(charter, given))

    await desk.answer(asked, ask)


async def open_diff(desk: Desk, asked: Asking) -> None:
    """Ask for another charter file."""

    async def make(request: Request) -> View | Said:
        if not await desk.office.is_moderator(request):
            return await desk.refusal(request)
        file = Field("file", "Another charter file (charter.toml)", "Nothing of it is published.")
        blocks = [file.file(CHARTER_FILES), PASTE.text(lines=True)]
        return form(DIFF, "Compare a charter", blocks, kept(asked), await desk.language(asked.workspace))

    await desk.open(asked, make)


async def compared(desk: Desk, asked: Asking, given: Given) -> None:
    """Show what the charter would change that was given with the form."""

    async def ask(office: Office, request: Request) -> Said:
        if not await office.is_moderator(request):
            return await desk.refusal(request)
        address, pasted = first(given, "file"), first(given, "paste")
        if not address and not pasted:
            raise BadInput("Give a charter file, or paste its text.")
        toml = await file_from(asked.workspace, address) if address else pasted.encode(errors="replace")
        return await charters.diff(office, request, toml)

    await desk.answer(asked, ask)


def changed(charter: Charter, given: Given) -> Edit:
    """What differs from the charter; what was left empty stays. Further languages of the charter stay with its first."""
    now = {
        "name": charter.name,
        "purpose": charter.purpose,
        "language": charter.languages[0],
        "tone": charter.tone,
    }
    wished = {name: first(given, name) for name in now}
    return Edit(**{name: value for name, value in wished.items() if value and value != now[name].strip()})


def _head(charter: Charter) -> list[Block]:
    spoken = dict.fromkeys((charter.languages[0], *LANGUAGES), "")
    return [
        Field("name", "Name").text(charter.name, LONGEST_NAME),
        Field(
            "purpose",
            "What is this community for?",
            "One to three sentences: who you are, and what you talk about here.",
        ).text(charter.purpose, LONGEST_TEXT, lines=True),
        Field("language", "Language", "In which members are spoken to.").choice(spoken, charter.languages[0]),
        Field("tone", "Tone").choice(dict.fromkeys(TONES, ""), charter.tone),
        FILE.file(CHARTER_FILES),
        Field("confirm", "For a file with mode move and no promise", 'Type "move whole talks" here.').text(
            "", 200
        ),
    ]
