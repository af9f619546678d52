"""What moderators read of a pitch, in English: its card, with how it stands in the first line, and what is done about it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.voice import Names
from moderation.actions import PitchCard, RemovePitch, RestorePitch
from moderation.agreement import disagree
from moderation.decisions import Ruled, Ruling
from moderation.notices import BacklogShown, PitchShown
from moderation.pitch_actions import (
    ClaimPitch,
    HoldPitch,
    PromotePitch,
    ReleasePitch,
    ShowBacklog,
    TellNews,
)
from moderation.pitch_states import PitchState, Stage, ruled_against

NO_TEXT = "(its text is no longer stored)"
RULED = {
    Ruled.REMOVE: "to be removed",
    Ruled.PROMOTE: "to be moved to where offers are welcome",
    Ruled.FINE: "fine as it is",
    Ruled.NOT_NOW: "not now",
    Ruled.BELONGS_HERE: "belongs here",
    Ruled.CHATTER: "casual talk",
    Ruled.PITCH: "a pitch",
}
AboutPitch = (
    RemovePitch | RestorePitch | ClaimPitch | PromotePitch | HoldPitch | ReleasePitch | TellNews | ShowBacklog
)
"""What is done about a pitch beside showing it."""


def listed(lines: Sequence[str]) -> str:
    """Lines with a dot before each."""
    return "\n".join(f"• {line}" for line in lines)


def pitch_in_words(shown: PitchShown, names: Names) -> str:
    """A card: who and where, the text, how sure, why, what is known of both, and what was ruled."""
    card = shown.card
    who = names.member(card.member) + (f" ({shown.author_name})" if shown.author_name else "")
    parts = [
        _state(shown.state, names),
        f"Looks like a pitch by {who} in {place_of(card.pitch, names)}",
        shown.text or NO_TEXT,
        _how_sure(shown),
        listed([reason for reason in shown.reasons if reason]),
        _known(card),
        _elsewhere(card, names),
        *all_ruled(shown.rulings, names, shown),
    ]
    return "\n".join(part for part in parts if part)


def _state(state: PitchState, names: Names) -> str:
    """The first line of a card: how the pitch stands."""
    held = f" Its post is held until {names.time(state.held_until)} at most." if state.held_until else ""
    back = f" Brought back ({names.time(state.back_at)})." if state.back_at else ""
    ruling, ruled = state.ruling, ""
    if ruling is not None:
        ruled = f"by {names.member(ruling.by)} ({names.time(ruling.at)}): {RULED[ruling.what]}."
    match state.stage:
        case Stage.CLAIMED:
            who = " and ".join(names.member(by) for by in state.by)
            until = f" (until {names.time(state.until)})" if state.until else ""
            return f"Being looked at by {who}{until}.{held}{back}"
        case Stage.RULED:
            return f"Ruled {ruled}"
        case Stage.AGAIN:
            return f"Open again: not all of it was dealt with.{held}{back} Ruled before {ruled}"
        case Stage.APPEALED:
            return f"Appealed: its author asks you to look again. Ruled before {ruled}"
        case Stage.BROUGHT_BACK:
            return f"{back.strip()} Ruled {ruled}" if ruled else back.strip()
        case _:
            return f"Open.{held}{back}"


def backlog_in_words(shown: BacklogShown) -> str:
    """One line for a flood of pitches."""
    if shown.waiting == 0:
        return "The pitches of a flood that waited here have all been ruled on. Thank you."
    more = "1 more pitch waits" if shown.waiting == 1 else f"{shown.waiting:,} more pitches wait"
    return f"{more} for a ruling, without a card of their own: /relevance review"


def all_ruled(rulings: Sequence[Ruling], names: Names, card: PitchShown | None = None) -> list[str]:
    """What each moderator said, on a card also while who else was looking at it; and whether they disagree by now."""
    said = [f"{_ruled(ruling, names)}{_while_claimed(ruling, card, names)}" for ruling in rulings]
    if disagree(rulings):
        said.append("You see this differently. Until you agree, it counts as taken wrongly.")
    return said


def place_of(name: str, names: Names) -> str:
    """The channel of a `channel/message` name."""
    return names.channel(name.partition("/")[0])


def _how_sure(shown: PitchShown) -> str:
    if shown.probabilities is None:
        return ""
    shares = shown.probabilities
    return f"pitch {shares.pitch:.0%}, casual {shares.chatter:.0%}, on topic {shares.on_topic:.0%}"


def _known(card: PitchCard) -> str:
    if card.exchanges == 0:
        return "No exchange with anyone here yet."
    return f"{card.exchanges} exchange{'s' if card.exchanges > 1 else ''} with others here."


def _elsewhere(card: PitchCard, names: Names) -> str:
    """Where else the same text stands; each channel once."""
    others = [name for name in dict.fromkeys((*card.copies, card.message)) if name != card.pitch]
    if not others:
        return ""
    places = dict.fromkeys(place_of(name, names) for name in others)
    return f"The same text {len(others)} more time{'s' if len(others) > 1 else ''}: {', '.join(places)}"


def _ruled(ruling: Ruling, names: Names) -> str:
    return f"{names.member(ruling.by)}: {RULED[ruling.what]} ({names.time(ruling.at)})"


def _while_claimed(ruling: Ruling, card: PitchShown | None, names: Names) -> str:
    looking = ruled_against(ruling, card.rulings, card.claims) if card is not None else ()
    return f", while {' and '.join(names.member(by) for by in looking)} looked at it" if looking else ""


def about_pitch(action: AboutPitch, names: Names) -> str:
    """What is done about a pitch, on one line for the log."""
    match action:
        case RestorePitch():
            return (
                f"Bringing back a post of {names.member(action.member)}, as {names.member(action.by)} ruled."
            )
        case RemovePitch():
            return f"Removing {len(action.messages)} posts, as {names.member(action.by)} ruled."
        case ClaimPitch():
            return f"{names.member(action.by)} looks at the pitch in {place_of(action.pitch, names)}."
        case PromotePitch():
            where = names.channel(action.to_channel)
            return f"Moving an offer by {names.member(action.member)} to {where}, as {names.member(action.by)} ruled."
        case HoldPitch():
            return f"Holding a pitch by {names.member(action.member)} until moderators rule."
        case ReleasePitch():
            return f"Bringing back a held pitch by {names.member(action.member)}."
        case TellNews():
            return f"Telling {names.member(action.member)} what became of their post."
        case ShowBacklog():
            return "Saying how many pitches wait without a card."
