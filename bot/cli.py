"""The front door: `steward COMMAND`. What goes wrong leaves it as a sentence and an exit code.

0 done, 1 done in part, 2 nothing could be done, 70 a bug of ours, 130 stopped by Ctrl-C, 141 the reader of our output
went away. A command is imported when it is asked for, so that `steward --help` answers at once.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import NoReturn

import click

from moderation.errors import StewardError

NOTHING_DONE = 2
BUG = 70
STOPPED = 130
READER_LEFT = 141

_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG, errno.EIO, errno.EMFILE}
)
"""What the machine refuses is no bug: a full disk, a missing permission."""


class LazyGroup(click.Group):
    """A group whose commands are modules, by name, imported when needed."""

    def __init__(self, name: str, commands: Mapping[str, str | click.Command], description: str) -> None:
        super().__init__(name, help=description)
        self._lazy = commands

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        found = self._lazy.get(cmd_name)
        command = import_module(found).command if isinstance(found, str) else found
        return command if isinstance(command, click.Command) else None

    def invoke(self, ctx: click.Context) -> object:
        """As click does, except that a reader who left is told apart from a bad line: click would say 1 to both."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return READER_LEFT


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if not asked or context.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"steward {version('community-steward')}")
    except PackageNotFoundError:
        click.echo("steward, not installed: run from its source")
    context.exit()


charter = LazyGroup(
    "charter",
    {
        "apply": "bot.commands.charter_apply",
        "check": "bot.commands.charter_check",
        "init": "bot.commands.charter_init",
    },
    "Write a charter, check one, or put one in force.",
)
model = LazyGroup(
    "model",
    {"card": "bot.commands.model_card", "check": "bot.commands.model_check"},
    "Show the model's card, or check that it is whole.",
)
slack = LazyGroup(
    "slack",
    {"manifest": "bot.commands.slack_manifest"},
    "What Slack needs to know.",
)
steward = LazyGroup(
    "steward",
    {
        "demo": "bot.commands.demo",
        "run": "bot.commands.run",
        "doctor": "bot.commands.doctor",
        "invite": "bot.commands.invite",
        "slack": slack,
        "review-pack": "bot.commands.review_pack",
        "replay": "bot.commands.replay",
        "diff": "bot.commands.diff",
        "digest": "bot.commands.digest",
        "calibrate": "bot.commands.calibrate",
        "audit": "bot.commands.audit",
        "status": "bot.commands.status",
        "classify": "bot.commands.classify",
        "charter": charter,
        "model": model,
        "migrate": "bot.commands.migrate",
    },
    "Keeps a business community relevant: kindly, on your own machine, and with moderators in charge.",
)
steward.params.append(
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_version,
        help="Show the version.",
    )
)


def main() -> NoReturn:
    """Run the command line of this process and leave with its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # a terminal without some letter is no reason to fail
    code = run(sys.argv[1:])
    if code == READER_LEFT:
        # Python flushes at exit and would complain once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    gc.freeze()  # it all goes with the process: to search it once more would take longer than some commands
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code. Nothing is raised; what went wrong is said on stderr."""
    try:
        code = steward.main(arguments, prog_name="steward", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return NOTHING_DONE
    except (click.Abort, KeyboardInterrupt):
        say("stopped before it was done")
        return STOPPED
    except BrokenPipeError:
        return READER_LEFT
    except StewardError as error:
        say(str(error))
        return NOTHING_DONE
    except Exception as error:  # noqa: BLE001 - the last line of defence; a person sees a sentence
        return _refused_or_bug(error)
    return code if isinstance(code, int) else 0


def say(sentences: str) -> None:
    """Print sentences on stderr, one on each line; control characters in names from files stay harmless."""
    for sentence in sentences.splitlines():
        shown = "".join(
            c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in sentence
        )
        click.echo(f"steward: {shown}", err=True)


def _refused_or_bug(error: Exception) -> int:
    if os.environ.get("STEWARD_DEBUG") == "1":
        traceback.print_exception(error)
    elif isinstance(error, OSError) and error.errno in _MACHINE:
        place = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        say(f"{place}{error.strerror}")
        return NOTHING_DONE
    else:
        say(f"this is a bug in Steward ({type(error).__name__}); {_kept(error)}")
    return BUG


def _kept(error: Exception) -> str:
    """Write the traceback where only this user can read it, since an error may quote a message; say where it is."""
    import tempfile

    try:
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            errors="backslashreplace",
            prefix="steward-bug-",
            suffix=".txt",
            delete=False,
        ) as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return "the details could not be written anywhere; STEWARD_DEBUG=1 shows them"
    return f"please report it with the details in {file.name}"
