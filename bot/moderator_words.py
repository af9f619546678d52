"""What moderators read, in English, as the reasons are: cards, questions, reports, and the log of what was done."""

from __future__ import annotations

from collections.abc import Sequence

from bot.pitch_words import (
    NO_TEXT,
    AboutPitch,
    about_pitch,
    all_ruled,
    backlog_in_words,
    pitch_in_words,
    place_of,
)
from bot.voice import Names
from moderation.actions import (
    Action,
    Answered,
    FloodHint,
    NudgeAuthor,
    NudgeStretch,
    OfferNote,
    PitchCard,
    RenewCard,
    ReturnText,
    ShowAppeal,
    TakeBack,
    TellAppealAnswer,
    Welcome,
)
from moderation.labels import Label
from moderation.messages import ContextLine
from moderation.move_actions import DeleteCopy, EditCopy, MoveStretch, TellOfReply, UndoMove
from moderation.notices import (
    AppealShown,
    BacklogShown,
    DeedShown,
    DigestShown,
    DrawnShown,
    PassedShown,
    PitchShown,
    ReportShown,
)
from moderation.ports import DeliveryState
from moderation.report_actions import (
    AskAboutDrawn,
    LogDeed,
    PostDigest,
    RenewQuestion,
    ReportPermission,
    ReportStanding,
    ShowObjection,
    ShowReport,
)

KINDS = {Label.ON_TOPIC: "on topic", Label.CHATTER: "casual talk", Label.PITCH: "a pitch"}
Shown = (
    PitchShown | DrawnShown | PassedShown | AppealShown | ReportShown | DeedShown | BacklogShown | DigestShown
)
Card = ShowObjection | ReportPermission | ReportStanding | ShowReport | TakeBack | PostDigest | LogDeed
"""Cards that are an action as it is, and what is only logged and needs no words about people."""
ENDS = {
    DeliveryState.WAITING: "waits",
    DeliveryState.CLAIMED: "under way",
    DeliveryState.SENDING: "under way",
    DeliveryState.DONE: "done",
    DeliveryState.GONE: "what it was about is gone",
    DeliveryState.REFUSED: "refused",
    DeliveryState.LOST: "lost",
    DeliveryState.CANCELLED: "cancelled",
}


def for_moderators(notice: Shown | Card | Logged, names: Names) -> str:
    """A notice that only moderators see, in words; never empty."""
    match notice:
        case PitchShown():
            return pitch_in_words(notice, names)
        case DrawnShown():
            return _drawn(notice, names)
        case PassedShown():
            return _passed(notice, names)
        case AppealShown() | ReportShown():
            return _from_members(notice, names)
        case DeedShown():
            return deed(notice, names)
        case BacklogShown():
            return backlog_in_words(notice)
        case DigestShown():
            return notice.text
        case _:
            return _card(notice, names)


def deed(shown: DeedShown, names: Names) -> str:
    """What was to be done, where, and how it ended, on one line."""
    place = f" in {names.channel(shown.channel)}" if shown.channel else ""
    why = f" ({shown.why})" if shown.why else ""
    return f"{names.time(shown.at)}{place}: {in_words(shown.action, names)} — {ENDS[DeliveryState(shown.state)]}{why}"


def in_words(action: Action, names: Names) -> str:
    """An action for moderators, on one line; what was said to members is named, not quoted."""
    match action:
        case NudgeStretch():
            return f"A nudge to a talk of {len(action.messages)} posts{' with the offer to move' if action.offer else ''}."
        case NudgeAuthor():
            return f"A word to {names.member(action.member)} about casual posts."
        case FloodHint():
            return f"A word to {names.member(action.member)} about many posts that nobody answers."
        case Welcome():
            return f"A welcome to {names.member(action.member)}."
        case TellOfReply():
            return f"A word to {names.member(action.member)} about an answer to a moved post."
        case OfferNote():
            return f"A note for {names.member(action.member)} is offered."
        case PitchCard():
            return f"The card of a pitch by {names.member(action.member)}."
        case _:
            return " ".join(_card(action, names).split())


def _drawn(shown: DrawnShown, names: Names) -> str:
    """A question about a drawn message; it does not say whose it is."""
    parts = [
        f"Drawn at random: a message in {names.channel(shown.channel)}, taken for {KINDS[shown.label]} ({shown.score:.0%})",
        *_before(shown.before),
        shown.text or "(its text is no longer as it was, or no longer stored)",
        "Was that right? Only answers to drawn messages count for the promise; one without an answer counts as wrong.",
        *all_ruled(shown.rulings, names),
    ]
    return "\n".join(parts)


def _passed(shown: PassedShown, names: Names) -> str:
    """A drawn message that was not flagged; what Steward made of it is left out, so that nobody is led."""
    parts = [
        f"Drawn at random among what I did not flag: a message in {names.channel(shown.channel)}",
        *_before(shown.before),
        shown.text,
        "Does it belong there? From your answers I learn what I miss.",
    ]
    return "\n".join(parts)


def _before(lines: Sequence[ContextLine]) -> list[str]:
    """What was said just before, a line each, set apart from the message itself."""
    return [f"› {line.author}: {line.text}" for line in lines]


def _from_members(shown: AppealShown | ReportShown, names: Names) -> str:
    """What members want moderators to look at."""
    return _appeal(shown, names) if isinstance(shown, AppealShown) else _report(shown, names)


def _appeal(shown: AppealShown, names: Names) -> str:
    """An appeal: who asks, about which text, what was ruled, and how it was answered."""
    who = names.member(shown.member) + (f" ({shown.author_name})" if shown.author_name else "")
    parts = [
        f"{who} asks you to look again at a post that was taken down in {names.channel(shown.channel)}",
        shown.text or NO_TEXT,
        *all_ruled(shown.rulings, names),
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


def _report(shown: ReportShown, names: Names) -> str:
    """A pitch that members told of: where it came, its text, its sender; and that nothing was done."""
    where = (
        f"a post in {place_of(shown.message, names)}"
        if shown.message
        else "an offer that came to them as a private message"
    )
    parts = [
        f"{shown.people} members told me of {where}",
        shown.text,
        f"Its sender, as they say: {names.member(shown.sender)}" if shown.sender else "",
        "I have done nothing about it, and private messages are not for me to see: what follows is for you to say.",
    ]
    return "\n".join(part for part in parts if part)


Logged = (
    MoveStretch
    | UndoMove
    | EditCopy
    | DeleteCopy
    | PitchCard
    | ReturnText
    | RenewCard
    | AskAboutDrawn
    | RenewQuestion
    | ShowAppeal
    | TellAppealAnswer
    | AboutPitch
)


def _card(action: Card | Logged, names: Names) -> str:
    match action:
        case ShowObjection():
            where = names.channel(action.channel)
            return f"{names.member(action.member)} says that the talk in {where} belongs there."
        case ReportPermission():
            where = f" in {names.channel(action.channel)}" if action.channel else ""
            missing = f"{action.permission} is missing. " if action.permission else ""
            return f"I could not act{where}: {missing}{action.why}"
        case ReportStanding():
            return _standing(action)
        case ShowReport():
            return f"Showing a pitch that {action.people} members told of."
        case TakeBack():
            return "Taking away a line of mine that was said for a while only."
        case PostDigest():
            return f"The digest from {action.first} until before {action.end}."
        case LogDeed():
            return "A line in the log."
        case _:
            return _logged(action, names)


def _logged(action: Logged, names: Names) -> str:
    """What stands in a log of everything that Steward does."""
    match action:
        case AskAboutDrawn() | RenewQuestion():
            return f"Asking about a drawn message in {place_of(action.message, names)}."
        case ShowAppeal():
            return f"Showing an appeal by {names.member(action.member)}."
        case TellAppealAnswer():
            return f"Telling {names.member(action.member)} how their appeal was answered."
        case MoveStretch():
            return f"Moving {len(action.messages)} posts to {names.channel(action.to_channel)}."
        case UndoMove():
            return f"Bringing back the posts of {len(action.members)} people, asked for by {names.member(action.by)}."
        case EditCopy():
            return f"Changing a moved post, as its author {names.member(action.member)} wishes."
        case DeleteCopy():
            return f"Deleting a moved post, as its author {names.member(action.member)} wishes."
        case ReturnText():
            return f"Giving {names.member(action.member)} their text back."
        case PitchCard() | RenewCard():
            return f"Showing the card of the pitch in {place_of(action.pitch, names)}."
        case _:
            return about_pitch(action, names)


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
