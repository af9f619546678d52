"""`steward charter init`: questions, answers that cannot be right, and nothing half-written."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.charters import read_charter
from bot.commands.charter_init import command
from moderation.charter import ChannelCharter, Charter, Example
from moderation.labels import Label
from moderation.policy import Policy

ROOT = Path(__file__).parents[2]
FILE = Path("charter.toml")


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def answer(*answers: str, arguments: Sequence[str] = ()) -> Result:
    return CliRunner().invoke(command, arguments, input="".join(f"{each}\n" for each in answers))


FEW = ("Bakers", "Bread as a trade", "", "", "", "")
"""A name, a purpose, and as usual to all the rest."""


def test_a_few_answers_make_a_charter() -> None:
    result = answer(*FEW)
    assert result.exit_code == 0, result.output
    assert read_charter(FILE) == (Charter("Bakers", "Bread as a trade"), Policy())
    assert "steward charter check charter.toml" in result.output


def test_all_answers_are_kept() -> None:
    channels = (
        "#general",
        "Anything about the trade",
        "n",
        "n",
        "random",
        "",
        "",
        "",
        "jobs",
        "Open positions",
        "",
        "",
        "",
    )
    examples = (
        "y",
        "chatter",
        'He said: "what a match"',
        "",
        "y",
        "pitch",
        "Followers, DM me",
        "General",
        "n",
    )
    result = answer("Bakers", "Bread as a trade", "en, de", "playful", *channels, *examples)
    assert result.exit_code == 0, result.output
    assert read_charter(FILE)[0] == Charter(
        name="Bakers",
        purpose="Bread as a trade",
        languages=("en", "de"),
        tone="playful",
        channels=(
            ChannelCharter("general", "Anything about the trade"),
            ChannelCharter("random", social=True),
            ChannelCharter("jobs", "Open positions", promotion_welcome=True),
        ),
        examples=(
            Example(Label.CHATTER, 'He said: "what a match"'),
            Example(Label.PITCH, "Followers, DM me", "general"),
        ),
    )


def test_an_answer_that_cannot_be_right_is_asked_again() -> None:
    result = answer(
        " ", "B" * 201, "Bakers",  # the name
        "p" * 2_001, "Bread",
        "english", "en",
        "rude", "formal",
        "general", "", "n", "n", "General", "#", "",  # channels
        "y", "spam", "pitch", " ", "Buy!", "generl", "general", "n",  # an example
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    for said in (
        '"name" is empty',
        '"name" has 201 characters; at most 200 are allowed',
        '"purpose" has 2,001 characters',
        'did you mean "en"?',
        "'rude' is not one of",
        "the channel is there twice",
        "'spam' is not one of",
        '"text" is empty',
        'did you mean "general"?',
    ):
        assert said in result.output
    charter, _ = read_charter(FILE)
    assert charter.channels == (ChannelCharter("general"),)
    assert charter.examples == (Example(Label.PITCH, "Buy!", "general"),)


def test_what_is_there_is_not_replaced_unless_wanted() -> None:
    FILE.write_text("mine", "utf-8")
    result = answer(*FEW)
    assert str(result.exception) == "charter.toml is there already; --force replaces it"
    assert FILE.read_text("utf-8") == "mine"
    assert answer(*FEW, arguments=["--force"]).exit_code == 0
    assert read_charter(FILE)[0].name == "Bakers"


def test_what_appears_meanwhile_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    FILE.write_text("another's", "utf-8")
    with monkeypatch.context() as patched:
        patched.setattr("pathlib.Path.exists", lambda path: path != FILE and os.path.lexists(path))
        result = answer(*FEW)
    assert str(result.exception) == "charter.toml is there already"
    assert FILE.read_text("utf-8") == "another's"


def test_another_file_can_be_named() -> None:
    assert answer(*FEW, arguments=["bakers.toml"]).exit_code == 0
    assert read_charter(Path("bakers.toml"))[0].name == "Bakers"


def test_answers_that_end_too_soon_leave_nothing() -> None:
    result = answer("Bakers")
    assert result.exit_code == 1
    assert not list(Path().iterdir())


def test_a_folder_that_is_not_there_is_a_sentence() -> None:
    result = answer(*FEW, arguments=["no/such/charter.toml"])
    assert str(result.exception) == "no/such/charter.toml cannot be written: No such file or directory"


# --- at a real terminal ------------------------------------------------------------------------------------------


def _hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A person at a terminal: reads until a question, then types."""

    def __init__(self) -> None:
        self._ours, theirs = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "charter", "init"],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            start_new_session=True,
            preexec_fn=_hear_ctrl_c,  # noqa: PLW1509 - a background job's children ignore Ctrl-C unless told otherwise
        )
        os.close(theirs)
        self.shown = b""

    def read_until(self, words: str) -> None:
        while words.encode() not in self.shown:
            more = os.read(self._ours, 4096)
            assert more, self.shown
            self.shown += more
        self.shown = self.shown.rpartition(words.encode())[2]

    def type(self, words: str) -> None:
        os.write(self._ours, words.encode())

    def press_ctrl_c(self) -> None:
        """Until something is said: one that comes just before the keyboard is listened to is only heard with the next key."""
        self.process.send_signal(signal.SIGINT)
        while not select.select([self._ours], [], [], 1)[0]:
            self.process.send_signal(signal.SIGINT)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.close()


def test_the_questions_are_asked_in_a_terminal(terminal: Terminal) -> None:
    for question, said in (
        ("What is the community called?", "Bäcker"),
        ("What is it for", "Brot als Geschäft"),
        ("Which languages", "deutsch"),
        ("Error: ", "de"),
        ("How should Steward sound?", ""),
        ("Name of a channel", "plauderecke"),
        ("What is #plauderecke for?", ""),
        ("Is casual talk at home there? [Y/n]", ""),
        ("May members present", ""),
        ("Name of a channel", ""),
        ("Add an example", "n"),
    ):
        terminal.read_until(question)
        terminal.type(said + "\n")
    terminal.read_until("Written to charter.toml.")
    assert terminal.process.wait() == 0
    charter, _ = read_charter(FILE)
    assert charter.channels == (ChannelCharter("plauderecke", social=True),)
    assert (charter.name, charter.languages) == ("Bäcker", ("de",))


def test_ctrl_c_at_a_question_leaves_nothing(terminal: Terminal) -> None:
    terminal.read_until("What is the community called?")
    terminal.type("Bakers\n")
    terminal.read_until("What is it for")
    terminal.press_ctrl_c()
    terminal.read_until("steward: stopped before it was done")
    assert terminal.process.wait() == 130
    assert not list(Path().iterdir())
