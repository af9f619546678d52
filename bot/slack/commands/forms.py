"""Forms: what is asked, and what was filled in. Nothing is kept between the two but what the form carries, so a form outlives a restart.

https://docs.slack.dev/reference/block-kit/blocks/input-block and https://docs.slack.dev/reference/views/modal-views. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.history.clean import Row, row_in, rows_in, text_in
from bot.slack.commands.blocks import MARK, View, plain
from bot.slack.commands.phrases import phrase
from bot.slack.fitting import Block

SETUP, EDIT, REPORT, DIFF = "setup", "edit", "report", "diff"
LONGEST_INPUT = 3_000
"""Characters of a text in a form, whatever the office would take."""
LONGEST_TITLE = 24
LONGEST_OPTION = 75
CHARTER_FILES = ("toml", "txt")


@dataclass(frozen=True, slots=True)
class Field:
    """Something to be filled in. `label` and `why` stand above and below it."""

    name: str
    label: str
    why: str = ""
    needed: bool = False

    def text(self, now: str = "", longest: int = LONGEST_INPUT, *, lines: bool = False) -> Block:
        """A text; `lines` lets it have several lines."""
        most = min(longest, LONGEST_INPUT)
        element: Block = {"type": "plain_text_input", "multiline": lines, "max_length": most}
        return self._block({**element, "initial_value": now[:most]} if now else element)

    def channel(self, now: str | None) -> Block:
        """One channel, public or private; `now` is the id of the one in force."""
        chosen = {"initial_conversation": now} if now else {}
        return self._block({"type": "conversations_select", "filter": _CHANNELS, **chosen})

    def channels(self, now: Sequence[str]) -> Block:
        """Several channels, by id."""
        chosen = {"initial_conversations": list(now)} if now else {}
        return self._block({"type": "multi_conversations_select", "filter": _CHANNELS, **chosen})

    def choice(self, options: Mapping[str, str], now: str) -> Block:
        """One of some words, each with what it means."""
        shown = {word: _option(word, about) for word, about in options.items()}
        chosen = {"initial_option": shown[now]} if now in shown else {}
        return self._block({"type": "static_select", "options": list(shown.values()), **chosen})

    def tick(self, word: str, about: str, *, ticked: bool) -> Block:
        """One thing to be ticked or not."""
        option: Block = {"text": plain(about[:LONGEST_OPTION]), "value": word}
        chosen = {"initial_options": [option]} if ticked else {}
        return self._block({"type": "checkboxes", "options": [option], **chosen})

    def file(self, endings: Iterable[str]) -> Block:
        """One file."""
        return self._block({"type": "file_input", "filetypes": list(endings), "max_files": 1})

    def _block(self, element: Block) -> Block:
        found: Block = {
            "type": "input",
            "block_id": self.name,
            "label": plain(self.label),
            "optional": not self.needed,
            "element": {**element, "action_id": self.name},
        }
        return {**found, "hint": plain(self.why)} if self.why else found


_CHANNELS = {"include": ["public", "private"], "exclude_bot_users": True}


def _option(word: str, about: str) -> Block:
    found: Block = {"text": plain(word), "value": word}
    return {**found, "description": plain(about[:LONGEST_OPTION])} if about else found


def form(what: str, title: str, blocks: Sequence[Block], carried: str, language: str) -> View:
    """A form, with what it carries (see `bot.slack.commands.asking.kept`)."""
    return {
        "type": "modal",
        "callback_id": f"{MARK}{what}",
        "private_metadata": carried,
        "title": plain(title[:LONGEST_TITLE]),
        "submit": plain(phrase("send", language)),
        "close": plain(phrase("cancel", language)),
        "blocks": list(blocks),
    }


def filled_in(view: Row) -> dict[str, tuple[str, ...]]:
    """What was filled in, by the names of the fields: texts, words, ids; of a file its address. What was left empty is empty."""
    values = row_in(row_in(view, "state"), "values")
    found: dict[str, tuple[str, ...]] = {}
    for actions in values.values():
        for name, state in (actions if isinstance(actions, dict) else {}).items():
            if isinstance(state, dict):
                found[str(name)] = tuple(_values(state))
    return found


def _values(state: Row) -> Iterable[str]:
    one = text_in(state, "value", "selected_conversation") or text_in(
        row_in(state, "selected_option"), "value"
    )
    if one:
        return [one]
    many = state.get("selected_conversations")
    if isinstance(many, list):
        return map(str, many)
    ticked = [text_in(option, "value") for option in rows_in(state, "selected_options")]
    return [
        *ticked,
        *(text_in(file, "url_private_download", "url_private") for file in rows_in(state, "files")),
    ]


def first(given: Mapping[str, tuple[str, ...]], name: str) -> str:
    """What was filled into a field, without blanks around it; empty where nothing was."""
    values = given.get(name, ())
    return values[0].strip() if values else ""
