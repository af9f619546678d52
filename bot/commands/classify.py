"""`steward classify`: judge JSON lines from a file or a pipe."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from bot.commands.arguments import CHARTER, FILE, MODEL

if TYPE_CHECKING:  # --help lists this command, so what judging needs is imported when it judges
    from bot.classify.stream import Tally
    from moderation.charter import Charter
    from moderation.ports import Classifier

PIPE = Path("-")
SOME_BAD = 1


@click.command("classify")
@click.argument("input_", metavar="[IN]", type=FILE, default=PIPE)
@CHARTER
@MODEL
@click.option("--out", type=FILE, default=PIPE, metavar="OUT", help="Where to write; stdout unless given.")
@click.pass_context
def command(
    context: click.Context, input_: Path, charter: Path | None, model: Path | None, out: Path
) -> None:
    """Judge JSON lines from IN (or stdin): on topic, chatter or pitch.

    A line in is {"id", "text"} and, if you like, "charter", "channel_purpose", "context" and "author"; a line out is
    {"id", "label", "probabilities", "abstained", "why"}. A bad line is reported and skipped; the exit code is then 1.
    """
    context.exit(run(input_, charter, model, out))


def run(input_: Path, charter_path: Path | None, model: Path | None, out: Path) -> int:
    """Judge all lines; returns the exit code. Raises BadInput where nothing could be done.

    What is quick to refuse is refused before the model is loaded.
    """
    from bot.charters import read_charter

    charter = read_charter(charter_path)[0] if charter_path else None
    with _reading(input_) as read, _writing(out) as file:
        return _judge_all(read, charter, _load(model), file)


def _load(model: Path | None) -> Classifier:
    from bot.app import load_classifier
    from bot.settings import chosen_model

    return load_classifier(model or chosen_model())


def _judge_all(
    read: Callable[[int], bytes | None], charter: Charter | None, classifier: Classifier, file: BinaryIO
) -> int:
    import asyncio

    from moderation.errors import BadInput

    tally = asyncio.run(_stream(read, charter, classifier, file))
    if tally.bad and not tally.judged:
        raise BadInput("no line could be judged: nothing was written")
    return SOME_BAD if tally.bad else 0


async def _stream(
    read: Callable[[int], bytes | None], charter: Charter | None, classifier: Classifier, file: BinaryIO
) -> Tally:
    import asyncio

    from bot.classify.lines import LineFeed
    from bot.classify.stream import classify_lines

    async def write(answers: bytes) -> None:
        await asyncio.to_thread(_put, file, answers)

    lines = LineFeed(read)
    try:
        return await classify_lines(lines, classifier, charter, write, _complain)
    finally:
        lines.close()


def _put(file: BinaryIO, answers: bytes) -> None:
    """Write all of it; with PYTHONUNBUFFERED stdout may take only a part at a time."""
    from moderation.errors import BadInput

    rest = memoryview(answers)
    try:
        while rest:
            rest = rest[file.write(rest) :]
        file.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise BadInput(f"the output cannot be written: {error.strerror}") from error


def _complain(sentence: str) -> None:
    click.echo(f"steward: {sentence}", err=True)


@contextmanager
def _reading(path: Path) -> Iterator[Callable[[int], bytes | None]]:
    """Unbuffered reading, which gives what is there instead of waiting for a full buffer."""
    from moderation.errors import BadInput

    if path == PIPE:
        yield _reading_stdin()
        return
    try:
        file = path.open("rb", buffering=0)
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    with file:
        yield file.read


def _reading_stdin() -> Callable[[int], bytes | None]:
    from moderation.errors import BadInput

    stream: BinaryIO | None = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise BadInput("there is no input: stdin is closed")
    if sys.stdin.isatty():
        _complain("reading JSON lines from the terminal; end with Ctrl-D")
    unbuffered: BinaryIO = getattr(stream, "raw", stream)
    return unbuffered.read


@contextmanager
def _writing(path: Path) -> Iterator[BinaryIO]:
    from bot.whole_file import written_whole
    from moderation.errors import BadInput

    if path != PIPE:
        with written_whole(path) as file:
            yield file
        return
    stream: BinaryIO | None = getattr(sys.stdout, "buffer", None)
    if stream is None:
        raise BadInput("there is nowhere to write: stdout is closed")
    yield stream
