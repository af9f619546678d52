"""What must reach one person: the text of a removed post, how an appeal was answered, what became of a post of theirs.

It is told privately. Where that cannot be, a neutral line in the channel offers it to them, and its button shows it to them
alone. The text is read when it is shown, and never kept here.
"""

from __future__ import annotations

from moderation.actions import NOTE, Answered, OfferNote, PrivateNote, TellAppealAnswer
from moderation.cards import named, stored
from moderation.copied import CHOICES
from moderation.ends import End, Next, done
from moderation.errors import Gone, NotReachable
from moderation.lines import NOTE_STANDS, take_back_now
from moderation.notices import Answer, Reply, TextReturned
from moderation.pitch_actions import News, TellNews
from moderation.ports import Button, ChatPlatform, Community, Delivery, Press, Store, Work

NOTES = (Reply.RETURNED, *(Reply(each.value) for each in (*Answered, *News)))
"""What a note can say."""


async def tell_note(store: Store, platform: ChatPlatform, delivery: Delivery, action: PrivateNote) -> End:
    """Tell its author privately, or else offer it in the channel; raises PlatformError."""
    async with store.work() as work:
        note = await _note(work, delivery.community, action)
    try:
        told = await tell(
            platform, delivery.community, note.channel, action.member, note, marker=delivery.marker
        )
    except NotReachable as error:
        return done(f"offered in the channel: {error}", Next(OfferNote(delivery.marker, action.member)))
    return done(told)


def offered_instead(platform: ChatPlatform, delivery: Delivery) -> tuple[Next, ...]:
    """A note of which nobody knows whether it was seen is offered: that may be once too often, but no text is lost.

    Where notes are private nothing is said aloud instead.
    """
    action = delivery.action
    private = platform.abilities(delivery.community).private_notes
    if private or not isinstance(action, PrivateNote):
        return ()
    return (Next(OfferNote(delivery.marker, action.member)),)


async def tell(
    platform: ChatPlatform, community: Community, channel: str, member: str, said: Answer, *, marker: str
) -> str:
    """Show somebody an answer or a note, with the buttons that belong to it; raises PlatformError."""
    notice, buttons = shown(said)
    return await platform.tell(community, channel, member, notice, buttons=buttons, marker=marker)


def shown(said: Answer) -> tuple[Answer | TextReturned, tuple[Button, ...]]:
    """What an answer is shown as, and the buttons that belong to it."""
    if said.reply is Reply.RETURNED:
        return TextReturned(said.channel, said.text), (Button.APPEAL,)
    return said, CHOICES.get(said.reply, ())


async def show(work: Work, press: Press) -> Answer:
    """The note that a line offers, for the one whom it is for, as long as the line stands."""
    offer = await work.outbox.find(press.community, press.subject)
    if offer is None or not isinstance(offer.action, OfferNote):
        return Answer(Reply.TOO_LATE)
    if press.member != offer.action.member:
        return Answer(Reply.NOTHING_OF_YOURS)
    note = await work.outbox.find(press.community, offer.action.note)
    if note is None or not isinstance(note.action, PrivateNote):
        return Answer(Reply.TOO_LATE)
    if press.at - offer.due_at > NOTE_STANDS:
        return Answer(Reply.TOO_LATE)
    try:
        return await _note(work, press.community, note.action)
    except Gone:
        return Answer(Reply.TOO_LATE)


def marker_of(press: Press, said: Answer) -> str:
    """Under which marker the answer to a press is told: a note's or a copy's own, which its buttons need; else one for this press."""
    if said.reply in CHOICES:
        return press.subject
    if press.button is Button.SHOW and said.reply in NOTES:
        return press.subject.removeprefix(NOTE)
    return f"answer:{press.subject}:{press.member}:{press.at.isoformat()}"


async def was_read(store: Store, press: Press, said: Answer) -> None:
    """Take the line away that offered a note, now that the note was shown."""
    if press.button is not Button.SHOW or said.reply not in NOTES:
        return
    async with store.work() as work:
        line = await work.outbox.find(press.community, press.subject)
        if line is not None:
            await take_back_now(work, line, press.at)
        await work.commit()


async def _note(work: Work, community: Community, action: PrivateNote) -> Answer:
    """What is to be told; raises Gone for the text of a post that its author deleted."""
    key = named(community, action.message)
    if isinstance(action, TellAppealAnswer):
        return Answer(Reply(action.answered.value), key.channel)
    if isinstance(action, TellNews):
        return Answer(Reply(action.news.value), action.channel)
    message = await stored(work, community, action.message)
    if message is None:
        raise Gone("its author deleted it")
    return Answer(Reply.RETURNED, key.channel, text=message.text)
