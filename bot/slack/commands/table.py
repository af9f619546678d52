"""All that can be asked with /relevance and /steward: one table for what is understood, for the help, and for the documents. Pure.

The names are those of Discord. Slack gives a command as one line of text; `bot.slack.commands.parsing` reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.office.figures import LONGEST
from bot.office.logbook import MOST
from bot.office.rules import MOVE_WORDS
from bot.office.status import LONGEST_PAUSE
from moderation.labels import Label
from moderation.policy import Mode


class Kind(Enum):
    """What an option is: how it is read, and what is shown where it is asked for."""

    TEXT = "words"
    CHANNEL = "#channel"
    PEOPLE = "@people"
    MEMBER = "@member"
    MESSAGE = "link"
    NUMBER = "number"
    YES_NO = "yes|no"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be given with a command. `of` are the words of a choice, `least` and `most` bound a number.

    A `positional` option needs no name before it: positional ones are given in their order.
    """

    name: str
    kind: Kind
    about: str
    positional: bool = False
    needed: bool = False
    of: tuple[str, ...] = ()
    least: float = 1
    most: float = 0

    @property
    def shape(self) -> str:
        """What is to be written in its place."""
        return "|".join(self.of) if self.kind is Kind.CHOICE else self.kind.value

    @property
    def usage(self) -> str:
        """How it is given, in brackets where it need not be."""
        shown = self.shape if self.positional else f"{self.name}:{self.shape}"
        return shown if self.needed else f"[{shown}]"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be asked. `path` is what is typed, beginning with the root; `form` says that it opens one."""

    path: str
    about: str
    options: tuple[Option, ...] = ()
    form: bool = False

    @property
    def root(self) -> str:
        """`relevance` or `steward`."""
        return self.path.partition(" ")[0]

    @property
    def usage(self) -> str:
        """How it is typed: `/relevance stats [number]`."""
        return " ".join([f"/{self.path}", *(option.usage for option in self.options)])


COMMANDS = {
    "relevance": "Keep talks where they belong: for moderators.",
    "steward": "What Steward does here, what it knows of you, and how to be left in peace.",
}
"""The two commands that Slack knows, and what it says of them."""

MODES = tuple(mode.value for mode in Mode)
LABELS = {"belongs": Label.ON_TOPIC.value, "casual": Label.CHATTER.value, "pitch": Label.PITCH.value}
"""What people write, and what the charter calls it."""
NOBODY = "none"
"""Takes back who else moderates."""

_MESSAGE = Option("message", Kind.MESSAGE, "The link of the message.", positional=True, needed=True)
_CONFIRM = Option("confirm", Kind.TEXT, f'For mode move without a promise: "{MOVE_WORDS}".')
_MODE = Option("mode", Kind.CHOICE, "How far Steward goes. It begins with observe.", of=MODES)
_PROMISE = Option(
    "promise", Kind.TEXT, "At most how many wrong nudges in 100, and how sure; or off. Both in your words."
)
_DAYS = Option("days", Kind.NUMBER, "How many days, today among them.", positional=True, most=LONGEST)
_CHANNEL = Option("channel", Kind.CHANNEL, "The channel.", positional=True, needed=True)

TABLE = (
    Command(
        "relevance setup",
        "Begin, or change the first things; without options a form opens.",
        (
            Option("purpose", Kind.TEXT, "What this community is for."),
            Option("social", Kind.CHANNEL, "Where casual talk is at home."),
            Option("moderators", Kind.CHANNEL, "Where moderators are shown what is found."),
            _MODE,
            _PROMISE,
            Option(
                "who",
                Kind.PEOPLE,
                "Who moderates besides admins and whoever is in the moderators' private channel: people, user groups; or none.",
            ),
            _CONFIRM,
        ),
        form=True,
    ),
    Command("relevance charter show", "The charter in plain words, and as a file."),
    Command(
        "relevance charter edit",
        "Change name, purpose, language or tone, or give a whole charter file; a form opens.",
        form=True,
    ),
    Command(
        "relevance charter channel",
        "Say what a channel is for.",
        (
            _CHANNEL,
            Option("purpose", Kind.TEXT, "What it is for, in a sentence."),
            Option("social", Kind.YES_NO, "Whether casual talk is at home there."),
            Option("offers", Kind.YES_NO, "Whether members may offer things there."),
        ),
    ),
    Command(
        "relevance charter example",
        "Show me with an example what you mean.",
        (
            Option(
                "label",
                Kind.CHOICE,
                "What such a message is.",
                positional=True,
                needed=True,
                of=tuple(LABELS),
            ),
            Option(
                "text",
                Kind.TEXT,
                "A message that you write yourself; members' own are not for this.",
                positional=True,
                needed=True,
            ),
            Option("channel", Kind.CHANNEL, "For one channel only."),
        ),
    ),
    Command("relevance channel watch", "Read a channel from now on.", (_CHANNEL,)),
    Command("relevance channel unwatch", "Read a channel no more.", (_CHANNEL,)),
    Command(
        "relevance mode",
        "How far Steward goes: observe, nudge, offer to move, move.",
        (Option("mode", Kind.CHOICE, "How far.", positional=True, needed=True, of=MODES), _CONFIRM),
    ),
    Command(
        "relevance promise",
        "Promise at most how many wrong nudges; silent until it is kept.",
        (
            Option("promise", Kind.TEXT, _PROMISE.about, positional=True, needed=True),
            _CONFIRM,
        ),
    ),
    Command(
        "relevance diff",
        "What another charter file would change; nothing is published. A form opens for the file.",
        form=True,
    ),
    Command("relevance status", "How things stand: mode, promise, and what waits for whom."),
    Command("relevance stats", "A few figures of the last days.", (_DAYS,)),
    Command(
        "relevance digest",
        "The digest with its chart: of the latest whole week, or of the last days.",
        (_DAYS,),
    ),
    Command(
        "relevance log",
        "What Steward did lately.",
        (Option("number", Kind.NUMBER, "How many things.", positional=True, most=MOST),),
    ),
    Command("relevance review", "Pitches that wait for your ruling, by author."),
    Command(
        "relevance calibrate", "Rule on drawn messages that were flagged: that is how a promise is kept."
    ),
    Command("relevance audit", "Rule on drawn messages that were not flagged: what was missed?"),
    Command(
        "relevance move",
        "Move a post to the social channel; you see first what would move.",
        (_MESSAGE, Option("talk", Kind.YES_NO, "The whole talk that it belongs to.")),
    ),
    Command(
        "relevance undo",
        "Bring back what was moved in the last 7 days.",
        (
            Option(
                "message",
                Kind.MESSAGE,
                "The link of a moved post or its copy; without one you choose.",
                positional=True,
            ),
        ),
    ),
    Command(
        "relevance pause",
        "Say nothing to members for some hours.",
        (
            Option(
                "hours",
                Kind.NUMBER,
                "For how many hours; a week is 168.",
                positional=True,
                least=0.5,
                most=LONGEST_PAUSE,
            ),
        ),
    ),
    Command("relevance resume", "End a pause."),
    Command("steward help", "What Steward does, and what you can ask of it."),
    Command("steward why", "Why Steward took your post for what it took it for.", (_MESSAGE,)),
    Command("steward my-data", "All that is stored about you, as a file."),
    Command("steward forget-me", "Erase everything about you."),
    Command("steward nudges on", "Let Steward speak to you again."),
    Command("steward nudges off", "Be left in peace."),
    Command("steward nudges direct", "Be spoken to by direct message, not in the channel."),
    Command(
        "steward report",
        "Tell of a pitch that came to you as a private message; a form opens.",
        (Option("sender", Kind.MEMBER, "Who sent it, if you want to say.", positional=True),),
        form=True,
    ),
)


def below(root: str) -> tuple[Command, ...]:
    """All commands of `/root`."""
    return tuple(command for command in TABLE if command.root == root)


def usage_hint(root: str) -> str:
    """What Slack shows behind the command while somebody types it: the first words, each once."""
    return " | ".join(dict.fromkeys(command.path.split(" ")[1] for command in below(root)))


def help_text(root: str) -> str:
    """All commands of `/root`, a line each."""
    return "\n".join(f"• {command.usage}: {command.about}" for command in below(root))
