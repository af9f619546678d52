"""From what is done to what is said: pure functions from actions and notices to text.

Members hear the community's language and tone; moderators read English, as do the reasons. What is said accuses
nobody, because being asked to move kills talks (field.md, zulip#6427). Text that people wrote is only ever filled
in, never read as a pattern; making it harmless (mentions, markup) is each platform's own task.
"""

from __future__ import annotations

from datetime import datetime

from bot.moderator_words import for_moderators
from bot.pitch_words import listed
from bot.voice import LANGUAGES, TONES, Names, Voice, label
from moderation.actions import FloodHint, NudgeAuthor, NudgeStretch, OfferNote, Welcome
from moderation.move_actions import TellOfReply
from moderation.notices import Answer, MoveGivenUp, MoveHeader, MovePointer, Notice, Reply, TextReturned

__all__ = ["LANGUAGES", "TONES", "Names", "Voice", "brought_back", "label", "moved_from", "word"]


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
            return _returned(notice, voice, names)
        case OfferNote():
            return voice.say("note", member=names.member(notice.member))
        case TellOfReply():
            place = names.channel(notice.thread or notice.channel)
            return voice.say("replied", member=names.member(notice.member), channel=place)
        case _:
            return for_moderators(notice, names)


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
    said = voice.say(key, channel=names.channel(notice.to_channel))
    told = ", ".join(names.member(each) for each in notice.told)
    return f"{said} {voice.say('told', members=told)}" if told else said


def _answer(notice: Answer, voice: Voice, names: Names) -> str:
    if notice.reply is Reply.RETURNED:
        return _returned(TextReturned(notice.channel, notice.text), voice, names)
    if notice.reply is Reply.REASONS and not notice.reasons:
        return voice.say("no_reasons")
    place = names.channel(notice.channel) if notice.channel else ""
    return voice.say(notice.reply.value, channel=place, reasons=listed(notice.reasons))


def _returned(notice: TextReturned, voice: Voice, names: Names) -> str:
    key = "returned" if notice.text else "returned_empty"
    return voice.say(key, channel=names.channel(notice.channel), text=notice.text)
