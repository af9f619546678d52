"""Which lines a community may put in its own words, and what each must have in it. What the lines say is not judged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from moderation.toml_table import listed, meant

_NAME = re.compile(r"\{([^{}]*)\}")
LONGEST_LINE, LONGEST_LABEL = 300, 40
"""Characters: a nudge is one line, and a button of Discord's shows little more than forty."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: names in braces that it must have and that it may have, how long it may be, and what it is for."""

    about: str
    needed: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    longest: int = LONGEST_LINE


_PLACE, _WHO = ("channel",), ("member",)
LINES: Mapping[str, Line] = {
    "stretch_offer": Line("to a talk, with the offer to move", _PLACE),
    "stretch": Line("to a talk", _PLACE),
    "stretch_nowhere": Line("to a talk, where no channel is social"),
    "lone": Line("to the author of lone casual posts", (*_WHO, *_PLACE)),
    "lone_nowhere": Line("the same, where no channel is social", _WHO),
    "welcome": Line("to a newcomer who said hello", _WHO, _PLACE),
    "welcome_nowhere": Line("the same, where no channel is social", _WHO),
    "flood": Line("to somebody with many posts that nobody answers", _WHO),
    "note": Line("to somebody for whom a private note waits", _WHO),
    "header": Line("above what was moved", _PLACE),
    "pointer": Line("where it was moved from", _PLACE),
    "pointer_stays": Line("the same, where the posts stay", _PLACE),
    "given_up": Line("where a move did not work out", _PLACE),
    "moving": Line("to whoever lets their posts be moved", _PLACE),
    "noted": Line("to whoever says that it belongs here"),
    "no_more": Line("to whoever wants no more nudges"),
    "held": Line("to the author of a pitch that is held", _PLACE),
    "released": Line("to its author when it is back", _PLACE),
    "promoted": Line("to the author of an offer that moderators moved", _PLACE),
    "press_move_mine": Line("button", longest=LONGEST_LABEL),
    "press_belongs_here": Line("button", longest=LONGEST_LABEL),
    "press_why": Line("button", longest=LONGEST_LABEL),
    "press_no_more": Line("button", longest=LONGEST_LABEL),
    "press_undo": Line("button", longest=LONGEST_LABEL),
    "press_show": Line("button", longest=LONGEST_LABEL),
}
"""By the name that the phrase has."""


def problem_of(key: str, text: str) -> str:
    """What is wrong with the names in braces of a line, as the end of a sentence; empty where nothing is."""
    line, found = LINES[key], _NAME.findall(text)
    names = (*line.needed, *line.allowed)
    for name in found:
        if name not in names:
            may = f"only {_braced(names)} can stand in it" if names else "no name in braces can stand in it"
            return f"has {{{name}}}, which nothing fills in: {may}{meant(name, names)}"
    missing = [name for name in line.needed if name not in found]
    return f"must have {_braced(missing)} in it" if missing else ""


def _braced(names: tuple[str, ...] | list[str]) -> str:
    return listed([f"{{{name}}}" for name in names], "and")
