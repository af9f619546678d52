"""What somebody typed behind /relevance or /steward becomes a command with its options. Pure.

`setup purpose:"Owners of workshops" social:#lounge`: words, and options as `name:value`. A value with several words stands in double
quotes; free text needs none, it goes on until the next option. Slack writes `<#C1|lounge>` for a channel, `<@U1|ann>` for a person,
`<!subteam^S1|@helpers>` for a user group and `<https://…>` for a link:
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from bot.slack.commands.table import NOBODY, TABLE, Command, Kind, Option, below
from moderation.errors import BadInput

Value = str | bool | float | tuple[str, ...]

_OPENING, _CLOSING = '"“„«', '"”“»'
"""Telephones write other quotes than keyboards."""
_NAME = re.compile(r"(?P<name>[A-Za-z][A-Za-z-]*)[:=：]")
_TOKEN = re.compile(r"<(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_WORD = re.compile(r"(?:<[^<>]*>|\S)+")
_LINK = re.compile(
    r"https?://[\w.-]+/archives/(?P<channel>[CGD][A-Z0-9]{2,})/p(?P<seconds>\d{10})(?P<rest>\d{6})(?:\?\S*)?",
    re.ASCII,
)
_TS = re.compile(r"\d{10}\.\d{6}", re.ASCII)
_CHANNEL_ID = re.compile(r"[CG][A-Z0-9]{7,}", re.ASCII)
_PERSON_ID = re.compile(r"[UW][A-Z0-9]{7,}", re.ASCII)
_GROUP_ID = re.compile(r"S[A-Z0-9]{7,}", re.ASCII)
_YES = frozenset("yes y true on 1".split())
_NO = frozenset("no n false off 0".split())


@dataclass(frozen=True, slots=True)
class Asked:
    """A command and what was given with it, by the names of its options; what was not given is not there.

    A channel is an id or a name, a message `channel/ts` (the channel empty for one of here), a number a float, people a tuple of ids.
    """

    command: Command
    given: Mapping[str, Value] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """What was given for an option of words, None where nothing was."""
        found = self.given.get(name)
        return found if isinstance(found, str) else None

    def yes(self, name: str) -> bool | None:
        """What was said to an option of yes or no, None where nothing was."""
        found = self.given.get(name)
        return found if isinstance(found, bool) else None

    def number(self, name: str) -> float | None:
        """The number that was given, None where none was."""
        found = self.given.get(name)
        return found if isinstance(found, float) else None


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word of the text from `start` to `end`: `value` without quotes; `name` where it begins an option."""

    value: str
    start: int
    end: int
    quoted: bool = False
    name: str = ""


def parsed(root: str, text: str) -> Asked:
    """What was typed behind `/root`. Raises BadInput with a sentence that says how to write it."""
    words = text.split()
    command = _command(root, words)
    rest = _after(text, len(command.path.split(" ")) - 1)
    return Asked(command, _given(command, rest))


def _command(root: str, words: Sequence[str]) -> Command:
    typed = [word.casefold() for word in words]
    known = {tuple(command.path.split(" ")[1:]): command for command in TABLE if command.root == root}
    for path, command in known.items():
        if tuple(typed[: len(path)]) == path:
            return command
    more = [" ".join(path) for path in known if typed and path[0] == typed[0]]
    if more:
        raise BadInput(f"/{root} {typed[0]} what? Write {_or([f'/{root} {path}' for path in more])}.")
    if not typed:
        raise BadInput(f"What shall I do? Write {_or(_first_words(root))} behind /{root}.")
    near = get_close_matches(typed[0], _first_words(root), 1)
    hint = f" Did you mean /{root} {near[0]}?" if near else ""
    raise BadInput(f"There is no /{root} {words[0]}.{hint} /steward help shows all that there is.")


def _first_words(root: str) -> list[str]:
    return list(dict.fromkeys(command.path.split(" ")[1] for command in below(root)))


def _after(text: str, words: int) -> str:
    """`text` without its first words."""
    for _ in range(words):
        text = re.sub(r"^\s*\S+", "", text)
    return text


# --- pieces ----------------------------------------------------------------------------------------------------------


def _pieces(text: str, names: frozenset[str]) -> Iterator[_Piece]:
    """Words and quoted texts, each with the name before it, if it is one of `names`."""
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        named = _NAME.match(text, at)
        name = named["name"].casefold() if named else ""
        if named is None or name not in names:
            name, value_at = "", at
        else:
            value_at = named.end()
        piece = _piece(text, value_at, name)
        yield piece
        at = max(piece.end, at + 1)


def _piece(text: str, at: int, name: str) -> _Piece:
    """The value that begins at `at`; an empty one where a blank follows. A quote that nobody closes goes on until the end."""
    if at < len(text) and text[at] in _OPENING:
        end = next((each for each in range(at + 1, len(text)) if _closes(text, at, each)), len(text))
        return _Piece(text[at + 1 : end], at, min(end + 1, len(text)), quoted=True, name=name)
    word = _WORD.match(text, at)
    end = word.end() if word else at
    return _Piece(text[at:end], at, end, name=name)


def _closes(text: str, opened: int, at: int) -> bool:
    """Whether the quote at `opened` ends at `at`: with a closing quote before a blank or the end."""
    closing = _CLOSING if text[opened] != '"' else '"'
    return text[at] in closing and (at + 1 == len(text) or text[at + 1].isspace())


# --- options ---------------------------------------------------------------------------------------------------------


def _given(command: Command, text: str) -> dict[str, Value]:
    options = {option.name: option for option in command.options}
    free = [option for option in command.options if option.positional]
    found: dict[str, str] = {}
    pieces = list(_pieces(text, frozenset(options)))
    while pieces:
        piece = pieces.pop(0)
        option = options[piece.name] if piece.name else next((o for o in free if o.name not in found), None)
        if option is None:
            raise BadInput(
                f'I do not understand "{plain(piece.value)}" there. Write {command.usage}, texts with blanks in double quotes.'
            )
        if option.name in found:
            raise BadInput(f"{option.name} is there twice: give it once.")
        if not piece.value and not piece.quoted and pieces and not pieces[0].name:
            piece = pieces.pop(0)  # a blank behind the colon
        last = piece
        while option.kind in (Kind.TEXT, Kind.PEOPLE) and pieces and not pieces[0].name:
            last = pieces.pop(0)
        found[option.name] = piece.value if last is piece else text[piece.start : last.end]
    for option in command.options:
        if option.needed and option.name not in found:
            raise BadInput(f"{_capital(option.name)} is missing: {option.about} Write {command.usage}")
    return {name: _value(options[name], written) for name, written in found.items()}


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _value(option: Option, written: str) -> Value:
    """What was written for an option, read as what it is. Raises BadInput."""
    if option.kind is Kind.TEXT:
        return plain(written).strip()
    if option.kind is Kind.PEOPLE:
        return _people(option, written)
    word = written.strip()
    match option.kind:
        case Kind.YES_NO:
            return _yes_no(option, word)
        case Kind.NUMBER:
            return _number(option, word)
        case Kind.CHOICE:
            return _choice(option, word)
        case Kind.CHANNEL:
            return channel_in(word)
        case Kind.MESSAGE:
            return message_in(word)
        case _:
            return _person(option, word)


def plain(text: str) -> str:
    """Slack's text as people see it: a link is its address, a name the name, `&amp;` an ampersand."""
    shown = _TOKEN.sub(_shown, text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _shown(token: re.Match[str]) -> str:
    target, label = token["target"], token["label"]
    if target[:1] in ("#", "@"):
        return f"{target[0]}{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    return target.removeprefix("mailto:")


def channel_in(written: str) -> str:
    """The id of a channel that Slack marked, else the name without a hash. Raises BadInput for an empty one."""
    token = _TOKEN.fullmatch(written)
    if token is not None and token["target"].startswith("#"):
        return token["target"][1:]
    name = plain(written).strip().lstrip("#").strip()
    if not name:
        raise BadInput("Give a channel, such as #general.")
    return name if _CHANNEL_ID.fullmatch(name) else name.casefold()


def message_in(written: str) -> str:
    """`channel/ts` of a message's link, or `/ts` of one in this channel. Raises BadInput for anything else."""
    given = plain(written).strip()
    link = _LINK.fullmatch(given)
    if link is not None:
        return f"{link['channel']}/{link['seconds']}.{link['rest']}"
    if _TS.fullmatch(given):
        return f"/{given}"
    raise BadInput("Give the link of a message: open its menu (the three dots), Copy link.")


def _yes_no(option: Option, word: str) -> bool:
    said = word.casefold()
    if said in _YES | _NO:
        return said in _YES
    raise BadInput(f'{option.name} is yes or no, not "{word}".')


def _number(option: Option, word: str) -> float:
    try:
        number = float(word.replace(",", "."))
    except ValueError:
        number = float("nan")
    whole = option.least == int(option.least)
    if not option.least <= number <= option.most or (whole and number != int(number)):
        raise BadInput(f'{option.name} is a number from {option.least:g} to {option.most:g}, not "{word}".')
    return number


def _choice(option: Option, word: str) -> str:
    said = word.casefold()
    if said not in option.of:
        raise BadInput(f'{option.name} is {_or(option.of)}, not "{word}".')
    return said


def _person(option: Option, word: str) -> str:
    found = _ids(word)
    if len(found) == 1 and _PERSON_ID.fullmatch(found[0]):
        return found[0]
    raise BadInput(f'{option.name} is a person, such as @ann, not "{plain(word)}".')


def _people(option: Option, written: str) -> tuple[str, ...]:
    """Ids of people and user groups, each once; none for the word `none`."""
    if written.strip().casefold() == NOBODY:
        return ()
    found = _ids(written)
    if not found:
        raise BadInput(f"{option.name} is people and user groups, such as @ann @helpers; or {NOBODY}.")
    return tuple(dict.fromkeys(found))


def _ids(written: str) -> list[str]:
    """Ids of people and user groups in a text; nothing where there is anything else in it."""
    found = []
    for word in written.replace(",", " ").split():
        token = _TOKEN.fullmatch(word)
        name = token["target"].lstrip("@").removeprefix("!subteam^") if token else word
        if not any(kind.fullmatch(name) for kind in (_PERSON_ID, _GROUP_ID)):
            return []
        found.append(name)
    return found


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
