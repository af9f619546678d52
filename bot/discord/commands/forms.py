"""Forms: what is asked, and what was filled in. Nothing is kept between the two, so a form outlives a restart.

A form's custom id is `+`, what it is, `:` and an argument. No marker and no choice of ours begins with a plus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.discord.commands.answers import Asked

MARK = "+"
SETUP, EDIT, REPORT = "setup", "edit", "report"
LONGEST_TITLE = 45


@dataclass(frozen=True, slots=True)
class Field:
    """A text to be filled in. `label` has at most 45 characters, `why` at most 100; `lines` lets it have several lines."""

    name: str
    label_text: str
    why: str = ""
    now: str = ""
    longest: int = 200
    lines: bool = False
    needed: bool = False

    def label(self) -> discord.ui.Label[Any]:
        """As it stands in a form."""
        style = discord.TextStyle.paragraph if self.lines else discord.TextStyle.short
        text: discord.ui.TextInput[Any] = discord.ui.TextInput(
            style=style,
            custom_id=self.name,
            default=self.now[: self.longest] or None,
            max_length=self.longest,
            required=self.needed,
        )
        return discord.ui.Label(text=self.label_text, description=self.why or None, component=text)


def form(
    what: str, title: str, labels: Sequence[discord.ui.Label[Any]], argument: str = ""
) -> discord.ui.Modal:
    """A form with up to five fields."""
    shown = discord.ui.Modal(title=title[:LONGEST_TITLE], custom_id=f"{MARK}{what}:{argument}")
    for label in labels:
        shown.add_item(label)
    shown.stop()  # what is filled in is told to the client: discord.py need not keep the form
    return shown


def filled_in(interaction: Asked) -> dict[str, str]:
    """What was filled in, by the names of the fields; of a menu the first choice. What was left empty is empty."""
    data: Mapping[str, Any] = dict(interaction.data or {})
    return dict(_fields(data.get("components", [])))


def _fields(components: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for each in components:
        if "component" in each:
            yield from _fields([each["component"]])
        elif "components" in each:
            yield from _fields(each["components"])
        elif "custom_id" in each:
            values = each.get("values") or [each.get("value") or ""]
            yield str(each["custom_id"]), str(values[0])
