"""`steward charter init`: a charter from a few questions.

Each answer is put into the charter so far, which is written and read by the very functions that every charter passes;
what they say is wrong with it is said at once, and the question is asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.commands.arguments import FILE

if TYPE_CHECKING:  # read only when a charter is written
    from moderation.charter import Charter

NEXT = "Members see nothing yet: the mode is observe. Check it with `steward charter check {}`."


@click.command("init")
@click.argument("file", type=FILE, default=Path("charter.toml"))
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def command(file: Path, force: bool) -> None:
    """Write a charter to FILE (charter.toml) from a few questions. Ctrl-C leaves nothing behind."""
    run(file, force=force)


def run(file: Path, *, force: bool) -> None:
    """Ask, then write. Raises BadInput where FILE is there already or cannot be written."""
    from bot.whole_file import written_whole
    from moderation.charter_file import render
    from moderation.errors import BadInput
    from moderation.policy import Policy

    if file.exists() and not force:
        raise BadInput(f"{file} is there already; --force replaces it")
    text = render(interview(), Policy())
    with written_whole(file, overwrite=force) as written:
        written.write(text.encode())
    click.echo(f"\nWritten to {file}. {NEXT.format(file)}")


def interview() -> Charter:
    """Ask for all that a charter needs. Raises click.Abort when the person stops."""
    from moderation.charter import Charter
    from moderation.charter_file import TONES

    charter = Charter(name="-", purpose="-")
    charter = _ask("What is the community called?", charter, lambda c, said: replace(c, name=said))
    charter = _ask("What is it for, in a sentence or two?", charter, lambda c, said: replace(c, purpose=said))
    charter = _ask(
        "Which languages are spoken? Two-letter codes, such as en, de",
        charter,
        lambda c, said: replace(c, languages=tuple(said.replace(",", " ").split())),
        default="en",
    )
    tone = click.prompt("How should Steward sound?", type=click.Choice(TONES), default=TONES[0])
    return _examples(_channels(replace(charter, tone=tone)))


def _channels(charter: Charter) -> Charter:
    click.echo("\nNow the channels that Steward shall read. Without any, it reads all that it can see.")
    while True:
        more = _ask("Name of a channel (nothing to go on)", charter, _with_channel, default="")
        if more == charter:
            return charter
        charter = _about_channel(more)


def _with_channel(charter: Charter, said: str) -> Charter:
    from moderation.charter import ChannelCharter

    name = said.strip().lstrip("#")
    return replace(charter, channels=(*charter.channels, ChannelCharter(name))) if said.strip() else charter


def _about_channel(charter: Charter) -> Charter:
    """Ask about the channel that was named last."""
    from moderation.charter_draft import is_social_by, welcomes_promotion_by

    charter = _ask(f"  What is #{charter.channels[-1].name} for?", charter, _with_purpose, default="")
    channel = charter.channels[-1]
    social = click.confirm(
        "  Is casual talk at home there?", default=is_social_by(channel.name, channel.purpose)
    )
    promotion = click.confirm(
        "  May members present what they offer there?",
        default=welcomes_promotion_by(channel.name, channel.purpose),
    )
    channel = replace(channel, social=social, promotion_welcome=promotion)
    return replace(charter, channels=(*charter.channels[:-1], channel))


def _with_purpose(charter: Charter, said: str) -> Charter:
    channel = replace(charter.channels[-1], purpose=said.strip())
    return replace(charter, channels=(*charter.channels[:-1], channel))


def _examples(charter: Charter) -> Charter:
    click.echo("\nExamples show what you mean, in your own words. They can also be added later.")
    while click.confirm("Add an example of a message?", default=False):
        charter = _one_example(charter)
    return charter


def _one_example(charter: Charter) -> Charter:
    from moderation.charter import Example
    from moderation.labels import Label

    label = Label(click.prompt("  What is it?", type=click.Choice([each.value for each in Label])))

    def with_text(charter: Charter, said: str) -> Charter:
        return replace(charter, examples=(*charter.examples, Example(label, said)))

    charter = _ask("  The message", charter, with_text)
    return _ask("  Only in one channel? Its name, or nothing", charter, _in_channel, default="")


def _in_channel(charter: Charter, said: str) -> Charter:
    example = replace(charter.examples[-1], channel=said.strip() or None)
    return replace(charter, examples=(*charter.examples[:-1], example))


def _ask(
    question: str, charter: Charter, put: Callable[[Charter, str], Charter], default: str | None = None
) -> Charter:
    """Ask until the charter with the answer in it is right; return that charter."""

    def tried(said: str) -> Charter:
        from moderation.charter_file import parse, render
        from moderation.errors import CharterError
        from moderation.policy import Policy

        try:
            return parse(render(put(charter, said), Policy()), "charter")[0]
        except CharterError as error:
            first = str(error).splitlines()[0].removeprefix("charter: ")
            raise click.UsageError(first) from None

    answer: Charter = click.prompt(question, default=default, show_default=bool(default), value_proc=tried)
    return answer
