"""`steward calibrate`: flagged messages of a replay, one after another, one key each."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.arguments import FILE

if TYPE_CHECKING:  # --help lists this command, so what it needs is imported when it runs
    import asyncio

    from bot.calibration import Calibration, Plan, Sheet
    from moderation.decisions import Label

ASKED = 60
"""Messages in about five minutes."""
LONGEST_TEXT, LONGEST_LINE = 1_200, 160
"""Characters of a message, and of a line before it, that are shown before anybody asks for more."""
WIDEST = 100
KEYS = {
    "r": "right",
    "w": "wrong",
    "o": "the other kind",
    "s": "skipped",
    "u": "back",
    "q": "enough",
    "?": "",
}
SHORT = "r right   w wrong   o the other kind   s skip   u undo   q quit   ? help"
PROMPT = "    r w o s u q ?  "
LAST = "\n    That was the last. u goes back to it, any other key ends.  "
HELP = """
    r  right: it is what it was flagged as
    w  wrong: it belongs here
    o  the other kind: casual talk that was flagged as a pitch, or a pitch as casual talk
    s  skip: it counts as wrong until somebody rules on it
    u  undo: back to the message before; what you said of it holds until you say something else
    q  quit: everything is kept, and the next time goes on from here

    The messages were drawn at random, so that your answers say how often Steward is wrong on all that it flags here."""
SKIPPED = "It counts as wrong until somebody rules on it, and is shown first the next time."
STILL_HOLDS = "What you said of it before holds."
RULED_BEFORE = "You have ruled on this one; s leaves it so."


@click.command("calibrate")
@click.argument("folder", metavar="DIR", type=FILE)
@click.option(
    "--promise", metavar="WORDS", help="Another promise than the charter's, in the charter's words."
)
@click.option(
    "--count", type=click.IntRange(min=1), default=ASKED, metavar="N", help="Ask about N messages; 60 unless given."
)  # fmt: skip
@click.option("--label", type=click.Choice(["chatter", "pitch"]), help="Ask about flags of one kind alone.")
def command(folder: Path, promise: str | None, count: int, label: str | None) -> None:
    """Rule on flagged messages of DIR, which steward replay wrote, and hear what may be promised.

    They are drawn at random, and each takes one key (a line each where stdin is no terminal). Every answer is kept at
    once; q or Ctrl-C ends it, and the same command goes on.
    """
    from bot.app import opened_replay
    from bot.calibration import begin, chosen_promise, promise_asked
    from bot.commands.status import standing_lines
    from bot.promise_text import promise_text
    from moderation.decisions import Label

    asked = promise_asked(promise)
    with opened_replay(folder) as (runner, store, kept, now):
        calibration = runner.run(begin(store, kept, now))
        chosen, origin = chosen_promise(asked, calibration.policy)
        kind = Label(label) if label else None
        plan = calibration.plan(count, kind)
        click.echo(f"The promise: {promise_text(chosen, origin)}")
        click.echo(_beginning(calibration, plan, kind))
        if plan.cases:
            _ask_all(runner, calibration, plan)
        click.echo("\n".join(["", *standing_lines(calibration, chosen)]))


def _beginning(calibration: Calibration, plan: Plan, kind: Label | None) -> str:
    """What is about to be asked, or why nothing is."""
    from bot.promise_text import flagged_as
    from bot.report.words import count_of

    named = f" as {flagged_as(kind)}" if kind else ""
    if plan.cases:
        new = len(plan.cases) - plan.waiting
        parts = [f"{plan.waiting:,} drawn before and still open"] if plan.waiting else []
        if new:
            parts.append(f"{new:,} drawn now from {count_of(plan.candidates, 'flagged message')}")
        return f"{count_of(len(plan.cases), 'message')} to rule on: {', '.join(parts)}.\n{SHORT}"
    if calibration.unshowable:
        days = count_of(calibration.policy.retention_days, "day")
        again = "replay the export into another folder to rule on more"
        return f"The texts are forgotten, as promised, {days} after the replay: {again}."
    if any(kind in (None, draw.label) for draw in calibration.draws):
        return f"Every message that was flagged{named} has been ruled on. Thank you."
    return f"Nothing was flagged{named} in this replay, so there is nothing to rule on. That is good news."


def _ask_all(runner: asyncio.Runner, calibration: Calibration, plan: Plan) -> None:
    """Show one message after another until the plan is done or the person has had enough."""
    from bot.calibration import Said

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what is no text is no key
    place, told = 0, False
    try:
        while place < len(plan.cases) or _goes_back():
            place = min(place, len(plan.cases) - 1)
            sheet = runner.run(calibration.show(plan, place))
            click.echo("\n".join(_screen(sheet, place + 1, len(plan.cases))))
            key = _key(sheet)
            click.echo(KEYS[key])
            if key == "q":
                return
            if key == "u":
                place = max(0, place - 1)
                continue
            if key != "s":
                said = {"r": Said.RIGHT, "w": Said.WRONG, "o": Said.OTHER}[key]
                runner.run(calibration.rule(sheet.draw, said))
            elif sheet.ruled or not told:
                click.echo(f"    {STILL_HOLDS if sheet.ruled else SKIPPED}")
                told = told or not sheet.ruled
            place += 1
    except (KeyboardInterrupt, EOFError):
        click.echo()  # all that was said is kept


def _goes_back() -> bool:
    """Whether the last answer is to be changed, too."""
    click.echo(click.style(LAST, dim=True), nl=False)
    back = _typed() == "u"
    click.echo(KEYS["u"] if back else "done")
    return back


def _key(sheet: Sheet) -> str:
    """The next key that means something; help is given on the way."""
    while True:
        click.echo(click.style(PROMPT, dim=True), nl=False)
        typed = _typed()
        if typed == "?":
            click.echo("\n".join([HELP, "", *_in_full(sheet)]))
        elif typed in KEYS:
            return typed
        else:
            click.echo(f"\n    {SHORT}")


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


def _screen(sheet: Sheet, number: int, of: int) -> list[str]:
    """All that is shown of a message; nothing in it can do harm to a terminal."""
    from bot.promise_text import flagged_as
    from bot.report.flips import plain
    from bot.report.words import hashed

    case = sheet.case
    message = case.message
    channel = hashed(plain(message.channel_name or message.key.channel))
    before = [f"{plain(line.author)}: {plain(line.text)}" for line in sheet.before]
    return [
        "",
        click.style(f"{number} of {of}  {channel}", bold=True),
        *(click.style(f"    {_shortened(line, LONGEST_LINE)}", dim=True) for line in before),
        *_paragraphs(f"{message.author.name}: {_shortened(message.text, LONGEST_TEXT)}", "  > "),
        *_paragraphs(f"flagged as {flagged_as(case.label)}, {case.score:.2f}: {case.verdict.why}"),
        *([f"    {RULED_BEFORE}"] if sheet.ruled else []),
    ]


def _in_full(sheet: Sheet) -> list[str]:
    """The whole message and the whole reason."""
    from bot.promise_text import flagged_as
    from bot.report.rows import shares

    case = sheet.case
    likely = ", ".join(f"{label} {share:.2f}" for label, share in shares(case.verdict.probabilities).items())
    return [
        *_paragraphs(case.message.text),
        "",
        *_paragraphs(
            f"flagged as {flagged_as(case.label)} by {case.verdict.model} ({likely}): {case.verdict.why}"
        ),
    ]


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest].rstrip()}…"


def _paragraphs(text: str, margin: str = "    ") -> list[str]:
    """Lines that fit into the terminal, each behind a margin, with what could do harm to it spelled out."""
    from shutil import get_terminal_size
    from textwrap import wrap

    from bot.report.flips import plain

    width = max(20, min(WIDEST, get_terminal_size().columns) - len(margin))
    return [f"{margin}{line}" for part in text.splitlines() for line in wrap(plain(part), width)]
