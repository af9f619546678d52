"""What people tell Steward about messages: a pitch that came privately, a pitch in a channel, a post that belongs."""

from __future__ import annotations

from bot.office.charters import charter_example
from bot.office.office import Office, for_everyone, for_moderators
from bot.office.said import Choice, Request, Said
from bot.wording import Voice, word
from moderation.actions import NudgeStretch, PitchCard
from moderation.cards import copies_of, named
from moderation.decisions import Decision, Ruled, Ruling
from moderation.draws import is_flagged
from moderation.errors import BadInput
from moderation.labels import Label
from moderation.ports import Button, Press, Work
from moderation.reporting import take_in
from moderation.reports import Report

LONGEST = 4_000
"""Characters of a text that is told of."""
MOST = 20
"""Reports of one member that are kept at a time."""
LONGEST_EXAMPLE = 2_000


@for_everyone
async def report(office: Office, asked: Request, text: str, sender: str = "") -> Said:
    """Take in a pitch that came as a private message. It leads to a card once two people tell of the same, and to nothing else."""
    charter, _ = await office.rules(asked.community)
    voice = Voice.of(charter)
    if not text.strip():
        return Said(voice.say("report_empty"))
    if len(text) > LONGEST:
        return Said(voice.say("report_long", most=str(LONGEST)))
    return await _told(office, asked, voice, text.strip(), sender.strip(), "")


@for_everyone
async def its_a_pitch(
    office: Office, asked: Request, channel: str, message: str, text: str = "", author: str = ""
) -> Said:
    """From the menu of a message: a moderator gets a card of it; from a member it counts as a report of a public post.

    `text` and `author` are the message's as the platform shows it, for one that is not stored.
    """
    charter, _ = await office.rules(asked.community)
    voice, name = Voice.of(charter), f"{channel}/{message}"
    if await office.is_moderator(asked):
        return Said(await _make_card(office, asked, name))
    async with office.store.work() as work:
        (found,) = await work.messages.get([named(asked.community, name)])
    text, author = (found.text, found.author.id) if found else (text, author)
    if author == asked.actor.id:
        return Said(voice.say("nothing_said_here"))
    return await _told(office, asked, voice, text[:LONGEST], author, name)


@for_everyone
async def belongs_here(office: Office, asked: Request, channel: str, message: str) -> Said:
    """From the menu of a message: what was said about it was not right. Moderators may keep it as an example."""
    voice = Voice.of(*await office.rules(asked.community))
    name, moderator = f"{channel}/{message}", await office.is_moderator(asked)
    async with office.store.work() as work:
        nudge = await _said_about(work, asked, name)
        card = await _card_of(work, asked, name) if moderator else None
    button, subject = (Button.FINE, f"card:{card.pitch}") if card else (Button.BELONGS_HERE, nudge)
    if subject:
        press = Press(asked.community, button, subject, asked.actor.id, asked.now, channel, moderator)
        answer = await office.pipeline.rule(press)
        office.deliver_soon()
        said = word(answer, voice, office.surface(asked.community))
    elif moderator:
        said = await _keep_word(office, asked, name)
    else:
        said = voice.say("nothing_said_here")
    choices = (Choice("Keep it as an example", f"example:{name}"),) if moderator else ()
    return Said(said, choices)


@for_moderators
async def keep_as_example(office: Office, asked: Request, name: str) -> Said:
    """Propose a message (`channel/message`) as an example of what belongs in its channel."""
    charter, _ = await office.rules(asked.community)
    key = named(asked.community, name)
    async with office.store.work() as work:
        (found,) = await work.messages.get([key])
    if found is None or not found.text:
        raise BadInput("Its text is no longer stored, so it can be no example.")
    entry = charter.channel(key.channel, found.channel_name)
    text = found.text[:LONGEST_EXAMPLE]
    return await charter_example(office, asked, Label.ON_TOPIC, text, entry.id or entry.name if entry else "")


async def _told(office: Office, asked: Request, voice: Voice, text: str, sender: str, message: str) -> Said:
    async with office.store.work() as work:
        kept = [each for each in await work.reports.all(asked.community) if each.reporter == asked.actor.id]
        if len(kept) >= MOST:
            return Said(voice.say("report_enough"))
        told = Report("", asked.actor.id, text, sender, asked.now, message)
        new, shown = await take_in(work, asked.community, told)
        await work.commit()
    office.deliver_soon()
    return Said(voice.say("report_shown" if shown else "report_thanks" if new else "report_again"))


async def _make_card(office: Office, asked: Request, name: str) -> str:
    """Show moderators the card of a message, as if it had been taken for a pitch. Raises BadInput for one that is not stored."""
    key = named(asked.community, name)
    async with office.store.work() as work:
        if await _card_of(work, asked, name) is not None:
            return "There is a card of it already, in the moderators' channel."
        (found,) = await work.messages.get([key])
        if found is None or not found.text:
            raise BadInput(
                "I have no text of this message: I only know posts of the channels that I read, for 7 days at most."
            )
        past = await work.decisions.past(asked.community, asked.now)
        member = found.author.id
        exchanges = past.given.get(member, 0) + past.received.get(member, 0)
        card = PitchCard(name, name, member, drive_by=not exchanges, exchanges=exchanges, copies=(name,))
        await work.outbox.add(asked.community, key.channel, card, asked.now, key.message)
        await work.commit()
    office.deliver_soon()
    return (
        "Its card is on the way to the moderators' channel: there you rule on it, and nothing happens before."
    )


async def _card_of(work: Work, asked: Request, name: str) -> PitchCard | None:
    """The card that a message is on."""
    cards = [each.action for each in await work.outbox.beginning(asked.community, "card:")]
    return next((card for card in cards if isinstance(card, PitchCard) and name in copies_of(card)), None)


async def _said_about(work: Work, asked: Request, name: str) -> str:
    """The marker of a nudge that is about a message, or nothing."""
    key = named(asked.community, name)
    lone = await work.outbox.find(asked.community, f"lone:{key.message}")
    if lone is not None:
        return lone.marker
    for each in reversed(await work.outbox.beginning(asked.community, f"nudge:{key.channel}/")):
        decision = await work.decisions.get(key)
        joined = decision is not None and each.action.marker == f"nudge:{decision.stretch}"
        if isinstance(each.action, NudgeStretch) and (joined or key.message in each.action.messages):
            return each.marker
    return ""


async def _keep_word(office: Office, asked: Request, name: str) -> str:
    """A moderator's word on a message about which nothing was said: kept where it was flagged, for it was wrong then."""
    charter, policy = await office.rules(asked.community)
    async with office.store.work() as work:
        (found,) = await work.messages.get([named(asked.community, name)])
        decision = await work.decisions.get(named(asked.community, name))
        if found is None or decision is None or decision.verdict is None:
            return "I have no verdict on this message, so nothing is to be put right."
        if not is_flagged(found, decision.verdict, charter, policy):
            return "I took it so, too: nothing was said about it."
        ruling = _word(asked, decision, name)
        await work.rulings.add(asked.community, ruling)
        await work.commit()
    return "Thank you, noted: I took it for something else, and was wrong."


def _word(asked: Request, decision: Decision, name: str) -> Ruling:
    return Ruling(
        f"message:{name}",
        Ruled.BELONGS_HERE,
        asked.actor.id,
        asked.now,
        moderator=True,
        model=decision.verdict.model if decision.verdict else "",
        charter_version=decision.charter_version,
    )
