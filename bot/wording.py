"""From what is done to what is said: pure functions from actions and notices to text.

Members hear the community's language and tone; moderators read English, as do the reasons. What is said accuses
nobody, because being asked to move kills talks (field.md, zulip#6427). Text that people wrote is only ever filled
in, never read as a pattern; making it harmless (mentions, markup) is each platform's own task.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.phrases import de, en, es, fr, it, nl, pt
from moderation.actions import (
    Answered,
    AskAboutDrawn,
    FloodHint,
    MoveStretch,
    NudgeAuthor,
    NudgeStretch,
    PitchCard,
    RemovePitch,
    RenewCard,
    RenewQuestion,
    ReportPermission,
    ReportStanding,
    RestorePitch,
    ReturnText,
    ShowAppeal,
    ShowObjection,
    TellAppealAnswer,
    UndoMove,
    Welcome,
)
from moderation.agreement import disagree
from moderation.charter import Charter
from moderation.decisions import Ruled, Ruling
from moderation.labels import Label
from moderation.notices import (
    Answer,
    AppealShown,
    DrawnShown,
    MoveGivenUp,
    MoveHeader,
    MovePointer,
    Notice,
    PitchShown,
    Reply,
    TextReturned,
)
from moderation.ports import Button

LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "nl")
TONES = ("friendly", "formal", "playful")

FRIENDLY: Mapping[str, Mapping[str, str]] = {
    "en": en.FRIENDLY,
    "de": de.FRIENDLY,
    "es": es.FRIENDLY,
    "fr": fr.FRIENDLY,
    "pt": pt.FRIENDLY,
    "it": it.FRIENDLY,
    "nl": nl.FRIENDLY,
}
TONED: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("en", "formal"): en.FORMAL,
    ("en", "playful"): en.PLAYFUL,
    ("de", "formal"): de.FORMAL,
    ("es", "formal"): es.FORMAL,
    ("fr", "formal"): fr.FORMAL,
    ("pt", "formal"): pt.FORMAL,
    ("it", "formal"): it.FORMAL,
    ("nl", "formal"): nl.FORMAL,
}


class Names(Protocol):
    """How a platform writes what has a name: a mention, a link, its own form of a time."""

    def channel(self, channel: str) -> str:
        """A channel by id or name, as `#watercooler`."""
        ...

    def member(self, member: str) -> str:
        """A member by id, as `@ann`."""
        ...

    def time(self, moment: datetime) -> str:
        """A moment for people to read."""
        ...


@dataclass(frozen=True, slots=True)
class Voice:
    """In which words a community is spoken to. `own` replaces single phrases by a community's own.

    An unknown language is spoken to in English, an unknown tone in the friendly one.
    """

    language: str = "en"
    tone: str = "friendly"
    own: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, charter: Charter) -> Voice:
        """The first language of the charter that we speak, and its tone."""
        spoken = (language for language in charter.languages if language in LANGUAGES)
        return cls(next(spoken, "en"), charter.tone)

    def phrase(self, key: str) -> str:
        """One phrase with its names still in braces; KeyError for one that does not exist."""
        language = self.language if self.language in FRIENDLY else "en"
        toned = TONED.get((language, self.tone.casefold()), {})
        return self.own.get(key) or toned.get(key) or FRIENDLY[language][key]

    def say(self, key: str, **values: str) -> str:
        """One phrase, filled in. A name in braces that is not known stays as it is."""
        return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), self.phrase(key))


def label(button: Button, voice: Voice) -> str:
    """What stands on a button."""
    return voice.say(f"press_{button.value}")


def moved_from(author: str, channel: str, at: datetime, voice: Voice, names: Names) -> str:
    """The line over a copy: whose it is, where it comes from, when it was written."""
    return voice.say("moved_from", author=author, channel=names.channel(channel), time=names.time(at))


def brought_back(author: str, at: datetime, voice: Voice, names: Names) -> str:
    """The line over a post that came back."""
    return voice.say("brought_back", author=author, time=names.time(at))


def word(notice: Notice, voice: Voice, names: Names) -> str:
    """A notice in words; never empty."""
    match notice:
        case NudgeStretch() | NudgeAuthor() | Welcome() | FloodHint():
            return _nudge(notice, voice, names)
        case MoveHeader() | MovePointer() | MoveGivenUp():
            return _move(notice, voice, names)
        case Answer():
            return _answer(notice, voice, names)
        case TextReturned():
            key = "returned" if notice.text else "returned_empty"
            return voice.say(key, channel=names.channel(notice.channel), text=notice.text)
        case PitchShown():
            return _pitch(notice, names)
        case DrawnShown():
            return _drawn(notice, names)
        case AppealShown():
            return _appeal(notice, names)
        case _:
            return _for_moderators(notice, names)


# --- members ---------------------------------------------------------------------------------------------------


def _nudge(nudge: NudgeStretch | NudgeAuthor | Welcome | FloodHint, voice: Voice, names: Names) -> str:
    if isinstance(nudge, FloodHint):
        return voice.say("flood", member=names.member(nudge.member))
    place = names.channel(nudge.to_channel) if nudge.to_channel else ""
    if isinstance(nudge, NudgeStretch):
        key = "stretch_offer" if nudge.offer and place else "stretch"
        return voice.say(key if place else "stretch_nowhere", channel=place)
    key = "welcome" if isinstance(nudge, Welcome) else "lone"
    return voice.say(key if place else f"{key}_nowhere", channel=place, member=names.member(nudge.member))


def _move(notice: MoveHeader | MovePointer | MoveGivenUp, voice: Voice, names: Names) -> str:
    if isinstance(notice, MoveHeader):
        return voice.say("header", channel=names.channel(notice.from_channel))
    if isinstance(notice, MoveGivenUp):
        return voice.say("given_up", channel=names.channel(notice.to_channel))
    key = "pointer_stays" if notice.stayed else "pointer"
    return voice.say(key, channel=names.channel(notice.to_channel))


def _answer(notice: Answer, voice: Voice, names: Names) -> str:
    if notice.reply is Reply.REASONS and not notice.reasons:
        return voice.say("no_reasons")
    place = names.channel(notice.channel) if notice.channel else ""
    return voice.say(notice.reply.value, channel=place, reasons=_listed(notice.reasons))


def _listed(lines: Sequence[str]) -> str:
    return "\n".join(f"• {line}" for line in lines)


# --- moderators ------------------------------------------------------------------------------------------------


def _pitch(shown: PitchShown, names: Names) -> str:
    """A card: who and where, the text, how sure, why, what is known of both, and what was ruled."""
    card = shown.card
    who = names.member(card.member) + (f" ({shown.author_name})" if shown.author_name else "")
    parts = [
        f"Looks like a pitch by {who} in {_place(card.pitch, names)}",
        shown.text or NO_TEXT,
        _how_sure(shown),
        _listed([reason for reason in shown.reasons if reason]),
        _known(card),
        _elsewhere(card, names),
        *_all_ruled(shown.rulings, names),
    ]
    return "\n".join(part for part in parts if part)


KINDS = {Label.ON_TOPIC: "on topic", Label.CHATTER: "casual talk", Label.PITCH: "a pitch"}
NO_TEXT = "(its text is no longer stored)"


def _drawn(shown: DrawnShown, names: Names) -> str:
    """A question about a drawn message; it does not say whose it is."""
    parts = [
        f"Drawn at random: a message in {names.channel(shown.channel)}, taken for {KINDS[shown.label]} ({shown.score:.0%})",
        shown.text or "(its text is no longer as it was, or no longer stored)",
        "Was that right? Only answers to drawn messages count for the promise; one without an answer counts as wrong.",
        *_all_ruled(shown.rulings, names),
    ]
    return "\n".join(parts)


def _appeal(shown: AppealShown, names: Names) -> str:
    """An appeal: who asks, about which text, what was ruled, and how it was answered."""
    who = names.member(shown.member) + (f" ({shown.author_name})" if shown.author_name else "")
    parts = [
        f"{who} asks you to look again at a post that was taken down in {names.channel(shown.channel)}",
        shown.text or NO_TEXT,
        *_all_ruled(shown.rulings, names),
    ]
    if shown.answered is not None:
        parts.append(
            {
                Answered.RESTORED: "Answered: it is back.",
                Answered.POST_AGAIN: "Answered: its author may post it again, for I no longer have the text.",
                Answered.STANDS: "Answered: it stays down.",
            }[shown.answered]
        )
    return "\n".join(parts)


def _all_ruled(rulings: Sequence[Ruling], names: Names) -> list[str]:
    """What each moderator said, and whether they disagree by now."""
    said = [_ruled(ruling, names) for ruling in rulings]
    if disagree(rulings):
        said.append("You see this differently. Until you agree, it counts as taken wrongly.")
    return said


def _place(name: str, names: Names) -> str:
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
    places = dict.fromkeys(_place(name, names) for name in others)
    return f"The same text {len(others)} more time{'s' if len(others) > 1 else ''}: {', '.join(places)}"


def _ruled(ruling: Ruling, names: Names) -> str:
    said = {
        Ruled.REMOVE: "to be removed",
        Ruled.FINE: "fine as it is",
        Ruled.NOT_NOW: "not now",
        Ruled.BELONGS_HERE: "belongs here",
        Ruled.CHATTER: "casual talk",
        Ruled.PITCH: "a pitch",
    }[ruling.what]
    return f"{names.member(ruling.by)}: {said} ({names.time(ruling.at)})"


Logged = (
    MoveStretch
    | UndoMove
    | PitchCard
    | RemovePitch
    | ReturnText
    | RenewCard
    | AskAboutDrawn
    | RenewQuestion
    | ShowAppeal
    | RestorePitch
    | TellAppealAnswer
)


def _for_moderators(action: ShowObjection | ReportPermission | ReportStanding | Logged, names: Names) -> str:
    """Cards that are an action as it is, and what is only logged."""
    match action:
        case ShowObjection():
            where = names.channel(action.channel)
            return f"{names.member(action.member)} says that the talk in {where} belongs there."
        case ReportPermission():
            where = f" in {names.channel(action.channel)}" if action.channel else ""
            return f"I could not act{where}: {action.permission or 'a permission'} is missing. {action.why}"
        case ReportStanding():
            return _standing(action)
        case _:
            return _logged(action, names)


def _logged(action: Logged, names: Names) -> str:
    """What stands in a log of everything that Steward does."""
    match action:
        case AskAboutDrawn() | RenewQuestion():
            return f"Asking about a drawn message in {_place(action.message, names)}."
        case ShowAppeal():
            return f"Showing an appeal by {names.member(action.member)}."
        case RestorePitch():
            return (
                f"Bringing back a post of {names.member(action.member)}, as {names.member(action.by)} ruled."
            )
        case TellAppealAnswer():
            return f"Telling {names.member(action.member)} how their appeal was answered."
        case MoveStretch():
            return f"Moving {len(action.messages)} posts to {names.channel(action.to_channel)}."
        case UndoMove():
            return f"Bringing back the posts of {len(action.members)} people, asked for by {names.member(action.by)}."
        case RemovePitch():
            return f"Removing {len(action.messages)} posts, as {names.member(action.by)} ruled."
        case ReturnText():
            return f"Giving {names.member(action.member)} their text back."
        case PitchCard() | RenewCard():
            return f"Showing the card of the pitch in {_place(action.pitch, names)}."


def _standing(report: ReportStanding) -> str:
    """What changes for moderators; pitches are shown to them in any case."""
    kind = "Casual talk" if report.label is Label.CHATTER else "Pitches"
    if report.acts_from is None:
        why = (
            "too many of the drawn ones were taken wrongly, or had no answer"
            if report.broken
            else "by what was ruled on this charter and model, there is not enough evidence"
        )
        then = (
            "From now on I only show cards, until your rulings bear it again."
            if report.label is Label.CHATTER
            else "They stay on cards, as ever."
        )
        return f"{kind}: I can no longer promise “{report.promise}”: {why}. {then}"
    evidence = f"{report.wrong} of {report.ruled} drawn ones with an answer were taken wrongly"
    then = (
        f"From now on I act on what is at least {report.acts_from:.0%} sure, as far as the mode goes."
        if report.label is Label.CHATTER
        else f"It holds for what is at least {report.acts_from:.0%} sure; you still rule on each."
    )
    return f"{kind}: your rulings bear the promise “{report.promise}” ({evidence}). {then}"
