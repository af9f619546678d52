"""Drawn messages on the terminal, one after another, one key each: what calibrate and audit share."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:  # --help lists the commands, so what they need is imported when they run
    import asyncio

    from bot.ruling_desk import Sheet
    from moderation.policy import Policy

ASKED = 60
"""Messages in about five minutes."""
LONGEST_TEXT, LONGEST_LINE = 1_200, 160
"""Characters of a message, and of a line before it, that are shown before anybody asks for more."""
WIDEST = 100
EVERYWHERE = {"s": "skip", "u": "undo", "q": "quit", "?": "help"}
ECHOES = {"s": "skipped", "u": "back", "q": "enough"}
LAST = "\n    That was the last. u goes back to it, any other key ends.  "
BACK = "undo: back to the message before; what you said of it holds until you say something else"
QUIT = "quit: everything is kept, and the next time goes on from here"
STILL_HOLDS = "What you said of it before holds."
RULED_BEFORE = "You have ruled on this one; s leaves it so."


@dataclass(frozen=True, slots=True)
class Keys:
    """What may be answered: each key's word, what it means at length, what a skip does; `closing` ends the help."""

    words: Mapping[str, str]
    meanings: Mapping[str, str]
    skip: str
    skipped: str
    closing: str

    @property
    def short(self) -> str:
        """All keys in one line."""
        return "   ".join(f"{key} {word}" for key, word in {**self.words, **EVERYWHERE}.items())

    @property
    def prompt(self) -> str:
        """The keys alone."""
        return f"    {' '.join({**self.words, **EVERYWHERE})}  "

    @property
    def help(self) -> str:
        """A line for each key, and how the messages came here."""
        said = {**self.meanings, "s": self.skip, "u": BACK, "q": QUIT}
        return "\n".join(["", *(f"    {key}  {meaning}" for key, meaning in said.items()), "", self.closing])


@dataclass(frozen=True, slots=True)
class Questions:
    """`number` messages to show, and what to do with an answer, a key of `keys.words`.

    `seen_as` and `in_full` are paragraphs below a message, and below its whole text.
    """

    number: int
    keys: Keys
    show: Callable[[int], Coroutine[None, None, Sheet]]
    rule: Callable[[Sheet, str], Coroutine[None, None, None]]
    seen_as: Callable[[Sheet], str] = lambda _: ""
    in_full: Callable[[Sheet], str] = lambda _: ""


def beginning(waiting: int, new: int, drawn_from: str, keys: Keys) -> str:
    """How many messages are about to be asked about, and what came of the draw; `drawn_from` says what new ones are drawn from."""
    from bot.report.words import count_of

    parts = [f"{waiting:,} drawn before and still open"] if waiting else []
    if new:
        parts.append(f"{new:,} drawn now from {drawn_from}")
    return f"{count_of(waiting + new, 'message')} to rule on: {', '.join(parts)}.\n{keys.short}"


def forgotten(policy: Policy) -> str:
    """Why a replay with forgotten texts has nothing to show."""
    from bot.report.words import count_of

    days = count_of(policy.retention_days, "day")
    again = "replay the export into another folder to rule on more"
    return f"The texts are forgotten, as promised, {days} after the replay: {again}."


def ask_all(runner: asyncio.Runner, questions: Questions) -> None:
    """Show one message after another until all are done or the person has had enough."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what is no text is no key
    keys = questions.keys
    place, told = 0, False
    try:
        while place < questions.number or _goes_back():
            place = min(place, questions.number - 1)
            sheet = runner.run(questions.show(place))
            click.echo("\n".join(_screen(sheet, place + 1, questions)))
            key = _key(sheet, questions)
            click.echo(ECHOES.get(key) or keys.words[key])
            if key == "q":
                return
            if key == "u":
                place = max(0, place - 1)
                continue
            if key != "s":
                runner.run(questions.rule(sheet, key))
            elif sheet.ruled or not told:
                click.echo(f"    {STILL_HOLDS if sheet.ruled else keys.skipped}")
                told = told or not sheet.ruled
            place += 1
    except (KeyboardInterrupt, EOFError):
        click.echo()  # all that was said is kept


def _goes_back() -> bool:
    """Whether the last answer is to be changed, too."""
    click.echo(click.style(LAST, dim=True), nl=False)
    back = _typed() == "u"
    click.echo(ECHOES["u"] if back else "done")
    return back


def _key(sheet: Sheet, questions: Questions) -> str:
    """The next key that means something; help is given on the way."""
    keys = questions.keys
    while True:
        click.echo(click.style(keys.prompt, dim=True), nl=False)
        typed = _typed()
        if typed == "?":
            whole = [*_paragraphs(sheet.message.text), "", *_paragraphs(questions.in_full(sheet))]
            click.echo("\n".join([keys.help, "", *whole]))
        elif typed in keys.words or typed in ECHOES:
            return typed
        else:
            click.echo(f"\n    {keys.short}")


def _typed() -> str:
    """A key, or a line where nobody sits at a terminal. Raises KeyboardInterrupt and EOFError."""
    if sys.stdin is None:
        raise EOFError
    if not sys.stdin.isatty():
        line = sys.stdin.readline(LONGEST_LINE)
        if not line:
            raise EOFError
        return line.strip().casefold()
    typed = click.getchar()
    # A key that is held down comes several times in one reading.
    return typed[0].casefold() if len(set(typed)) == 1 else typed


def _screen(sheet: Sheet, number: int, questions: Questions) -> list[str]:
    """All that is shown of a message; nothing in it can do harm to a terminal."""
    from bot.report.flips import plain
    from bot.report.words import hashed

    message = sheet.message
    channel = hashed(plain(message.channel_name or message.key.channel))
    before = [f"{plain(line.author)}: {plain(line.text)}" for line in sheet.before]
    return [
        "",
        click.style(f"{number} of {questions.number}  {channel}", bold=True),
        *(click.style(f"    {_shortened(line, LONGEST_LINE)}", dim=True) for line in before),
        *_paragraphs(f"{message.author.name}: {_shortened(message.text, LONGEST_TEXT)}", "  > "),
        *_paragraphs(questions.seen_as(sheet)),
        *([f"    {RULED_BEFORE}"] if sheet.ruled else []),
    ]


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest].rstrip()}…"


def _paragraphs(text: str, margin: str = "    ") -> Sequence[str]:
    """Lines that fit into the terminal, each behind a margin, with what could do harm to it spelled out."""
    from shutil import get_terminal_size
    from textwrap import wrap

    from bot.report.flips import plain

    width = max(20, min(WIDEST, get_terminal_size().columns) - len(margin))
    return [f"{margin}{line}" for part in text.splitlines() for line in wrap(plain(part), width)]
