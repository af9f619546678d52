"""The papers about one installation: what Discord asks of bots with privileged intents, and a privacy page for members.

Every sentence is about what the code does; where the configuration makes a difference, it is told as it is configured. Whoever changes what
is kept, for how long, or where it goes, changes the sentence here and in docs/privacy.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from moderation.reports import KEPT

LONGEST_DAYS = 7
"""A community without a charter has no retention of its own yet; none can be longer."""
PRIVILEGED = {
    "message_content": "Message Content",
    "members": "Server Members",
    "presences": "Presence",
}
"""discord.py's names of the privileged intents, and the portal's."""
FILL_IN = "**(fill in: {})**"


@dataclass(frozen=True, slots=True)
class Held:
    """One community that is set up, for how many days its texts are kept at most, and whether whole talks are moved there."""

    name: str
    days: int
    moves: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """One configuration. `intents` are discord.py's names of all that the bot asks for.

    `database_server` is None for a file beside the bot; `judge_server` is None where no text goes to any model of the owner's.
    """

    on: date
    intents: tuple[str, ...]
    communities: tuple[Held, ...]
    database_server: str | None
    judge_server: str | None
    judge_model: str | None
    own_model: bool

    @property
    def days(self) -> int:
        """The longest that any text is kept."""
        return max((held.days for held in self.communities), default=LONGEST_DAYS)


def in_markdown(text: str) -> str:
    """A name on one line, with Markdown's signs as themselves."""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return re.sub(r"([\\`*_{}\[\]<>()#+.!|~&-])", r"\\\1", " ".join(shown.split()))


# --- the intent review ---------------------------------------------------------------------------------------------


def intent_review(facts: Facts) -> str:
    """What data, why, how long, and why nothing else serves, for each privileged intent that the bot asks for."""
    asked = [name for name in PRIVILEGED if name in facts.intents]
    others = [PRIVILEGED[name] for name in PRIVILEGED if name not in facts.intents]
    parts = [
        f"# Privileged intents: answers for the review\n\nWritten by `steward review-pack` on {facts.on} from the configuration of this bot.",
        WHAT_IT_DOES,
        *(ABOUT[name](facts) for name in asked),
        f"## Not asked for\n\n{' and '.join(others)}. Steward works without them.",
        WHO.format(
            contact=FILL_IN.format("who runs this bot, and an address"),
            page=FILL_IN.format("the address of privacy.md"),
        ),
    ]
    return "\n\n".join(parts) + "\n"


WHAT_IT_DOES = """## What the bot does

Steward keeps a business community to the point. Its moderators write down what the community and each channel are for. Steward reads the
channels that they chose to be watched, tells casual talk and drive-by pitches from what people came for, offers members to move a drifted talk to
the social channel, and shows pitches to the moderators, who decide. Out of the box it only observes and tells the moderators."""

WHO = """## Who answers for it

{contact}. The privacy page: {page}."""


def _message_content(facts: Facts) -> str:
    return f"""## Message Content

**What data.** The text of messages, the names of their attachments, polls and forwards, in the channels that a community's moderators chose
to be watched, in servers that were set up. In other channels and servers nothing is read or stored.

**Why.** What a message is about can only be told from its words, the channel's purpose and the few lines before it. Three casual
ones in a row make a talk that belongs elsewhere; none of them alone breaks a rule, and nobody presses a button for it. To move a post, its words must be
posted again.

**Where it is judged.** {_where_judged(facts)}

**How long.** {_how_long(facts)} It is encrypted at rest (AES-256-GCM) from the first write. A message that is deleted
on Discord loses its text here at once, as long as the bot is connected.

**Who sees it.** Its author; and the moderators of the same server, where a message was flagged, drawn for an audit or asked about. Whoever runs the bot
holds the key to what is stored. Nobody else.

**What it is never used for.** Nothing is trained on it; nobody is profiled, and no score of a person is kept; it is not sold or shared.

**Can members opt out?** A member ends everything that Steward says to them with one button or `/steward nudges off`, sees what is held with `/steward my-data`,
and erases it with `/steward forget-me`. Messages that they write afterwards in a watched channel are judged again: which channels are watched is the
moderators' choice, and one line in the server says that a machine reads there.

**Why native AutoMod does not serve.** AutoMod compares one message at a time with words, patterns, mention counts and Discord's own lists, and blocks, reports or
times out. It does not know what a community is for: the same sentence belongs in one channel and not in the next. It sees no talk that drifts over
several messages. It cannot offer its authors to move it, or undo that. A word list for pitches hits the members who talk about their work, which is
what a business community is for. Steward runs beside AutoMod and replaces none of it.

**Why commands and menus do not serve.** They need somebody who notices and presses. Steward has such menus too (for a message that it missed), and they
work without this intent; but what they catch is what moderators found by hand."""


ABOUT = {"message_content": _message_content}
"""A privileged intent that is asked for without a text here is a mistake that a test finds."""


# --- the privacy page ----------------------------------------------------------------------------------------------


def privacy_page(facts: Facts) -> str:
    """What is read, kept, for how long, where, and how it is erased: for members."""
    parts = [
        "# Privacy",
        OPENING.format(on=facts.on),
        f"**Who runs it:** {FILL_IN.format('name and address, and who answers questions about your data')}.",
        f"**On which legal ground:** {FILL_IN.format('such as legitimate interest in a community that stays to the point')}.",
        f"## What is read\n\n{WHAT_IS_READ}",
        f"## Where it is judged\n\n{_where_judged(facts)}",
        f"## What is kept, and for how long\n\n{_how_long(facts)}\n\n{_table(facts)}",
        f"Everything is kept {_where_kept(facts)}. Discord's own copy of what you write is Discord's matter.",
        f"## How it is erased\n\n{HOW_ERASED}",
        f"## What is never done\n\n{NEVER} {_moves(facts)}",
    ]
    return "\n\n".join(parts) + "\n"


OPENING = (
    "This server is looked after by Steward, a bot that reads messages. This page was written by `steward review-pack` on {on} from its "
    "actual configuration."
)
WHAT_IS_READ = """Messages in the channels that the moderators chose to be watched, with their replies, threads, attachments' names and polls. Direct messages are not
read, unless you send the bot something by a command. What other bots post is not judged. Steward asks for no list of members and does not see who is online."""

HOW_ERASED = """- **One message:** delete it on Discord. Its text is forgotten at once; if Steward is not running at that moment, when its time is over.
- **Everything about you:** `/steward forget-me`. First look at it with `/steward my-data`. What you write afterwards in a watched channel is read again.
- **Only silence:** `/steward nudges off`, or the button on a nudge.
- **Everything about a server:** its owner removes Steward from it. All that is stored of it is then erased, the charter
  included; if Steward is not running at that moment, ask whoever runs it.
- Posts that were moved stand on Discord under your name, posted by a webhook: delete such a copy with Steward's help or ask a moderator.
- Backups that whoever runs Steward makes of the database are theirs to erase."""

NEVER = """Nobody's messages train a model. Nobody gets a score, and no profile of a person is kept. Nothing is sold or shared. Logs hold ids,
counts and names of ours, never the text of a message. No pitch is removed before a moderator has ruled, and its author can appeal for seven days."""


def _table(facts: Facts) -> str:
    rows = [
        "| what | how long | how |",
        "| --- | --- | --- |",
        f"| text, names, mentions and file names of messages, and reasons that quote them | at most {_count(facts.days)} | encrypted (AES-256-GCM) |",
        "| that there was a message: ids of message, channel and author, time, label with probabilities, what was decided | until erased | ids and figures |",
        f"| what you report to the moderators: text and sender of a pitch | at most {_count(KEPT.days)} | encrypted |",
        "| who answered whom, and when | until erased | ids and times |",
        "| what moderators and authors ruled; who wants no nudges, or wants them as direct messages | until erased | ids |",
        "| what was moved: ids of the post and of its copy | until erased | ids |",
        "| the charter with the examples that moderators wrote | until the server is erased | encrypted |",
    ]
    return "\n".join(rows)


def _how_long(facts: Facts) -> str:
    """Retention as each community has it. Texts go within the hour, by a task of the running bot."""
    within = "It is then dropped within the hour, or, if Steward is not running, when it runs again."
    if not facts.communities:
        return f"Text is kept at most {LONGEST_DAYS} days (no community is set up yet). {within}"
    return f"Text is kept at most {_per_community(facts.communities)}. {within}"


def _per_community(communities: Sequence[Held]) -> str:
    if len({held.days for held in communities}) == 1:
        return _count(communities[0].days)
    return ", ".join(f"{_count(held.days)} in {in_markdown(held.name)}" for held in communities)


def _count(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _where_judged(facts: Facts) -> str:
    model = "a model of the owner's choice" if facts.own_model else "the model that ships with Steward"
    here = f"By {model}, on the machine that runs Steward."
    if facts.judge_server is None:
        return f"{here} No text is sent to anybody for it."
    return (
        f"{here} **Messages about which it is not sure leave Steward:** their text, up to six messages before them from anybody, and the charter go to "
        f"the language model {in_markdown(facts.judge_model or '')} at {in_markdown(facts.judge_server)}, without authors, ids and times. What happens to them "
        "there is up to whoever runs that server, and deleting a message here does not reach it: "
        + FILL_IN.format("who runs that server, and what it keeps")
        + "."
    )


def _moves(facts: Facts) -> str:
    moving = [in_markdown(held.name) for held in facts.communities if held.moves]
    rule = "Nobody's words are moved without their wish"
    if not moving:
        return f"{rule}."
    return f"{rule}, except in {', '.join(moving)}, where a drifted talk is moved as a whole and every author can take their own back."


def _where_kept(facts: Facts) -> str:
    if facts.database_server is None:
        return "in a file on the machine that runs Steward"
    return f"in a PostgreSQL database on {in_markdown(facts.database_server)}"
