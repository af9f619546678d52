"""Drawn messages, one after another: flagged ones for the promise, others for what was missed, and what the answers say by now."""

from __future__ import annotations

from datetime import timedelta

from bot.audit_text import audit_lines, notes
from bot.digest_source import channel_names
from bot.office.office import Office, for_moderators
from bot.office.said import Choice, Request, Said
from bot.wording import Voice, label, word
from moderation.draws import DRAWN, Occasion
from moderation.errors import BadInput
from moderation.missed import Missed, audit_of
from moderation.periods import period_of
from moderation.policy import Policy
from moderation.ports import Button, Press
from moderation.review import next_question

AUDITED = timedelta(days=28)
"""What an audit is about: the last four weeks."""
NOTHING_DRAWN = "Nothing is drawn without a promise: /relevance promise begins it."
NOTHING_WAITS = {
    Occasion.FLAGGED: "No drawn message that was flagged waits for your answer. Thank you. New ones are drawn as people write; /relevance status says how the promise stands.",
    Occasion.NOT_FLAGGED: "No drawn message that was not flagged waits for your answer. Thank you. New ones are drawn as people write.",
}


@for_moderators
async def calibrate(office: Office, asked: Request) -> Said:
    """The next drawn message that was flagged; whether that was right."""
    return await _next(office, asked, Occasion.FLAGGED)


@for_moderators
async def audit(office: Office, asked: Request) -> Said:
    """The next drawn message that was not flagged: does it belong? When none waits, what the answers say."""
    return await _next(office, asked, Occasion.NOT_FLAGGED)


@for_moderators
async def missed(office: Office, asked: Request) -> Said:
    """What the answers say about what was missed in the last four weeks."""
    return Said(await _estimate(office, asked))


@for_moderators
async def rule_on_drawn(office: Office, asked: Request, button: str, subject: str) -> Said:
    """Keep an answer to a drawn message, and ask about the next."""
    if button not in {each.value for each in Button} or not subject.startswith(DRAWN):
        raise BadInput("I do not know that button any more: ask for /relevance calibrate or audit again.")
    press = Press(asked.community, Button(button), subject, asked.actor.id, asked.now, asked.channel, True)
    await office.pipeline.rule(press)
    office.deliver_soon()
    flagged = subject.startswith(f"{DRAWN}{Occasion.FLAGGED}:")
    return await _next(office, asked, Occasion.FLAGGED if flagged else Occasion.NOT_FLAGGED)


async def _next(office: Office, asked: Request, occasion: Occasion) -> Said:
    charter, policy = await office.rules(asked.community)
    async with office.store.work() as work:
        found = await next_question(work, asked.community, occasion, asked.actor.id, asked.now)
    if found is None:
        return Said(await _nothing(office, asked, policy, occasion))
    surface, voice = office.surface(asked.community), Voice.of(charter)
    choices = [Choice(label(button, voice), f"ask:{button}:{found.subject}") for button in found.buttons]
    if occasion is Occasion.NOT_FLAGGED:
        choices.append(Choice("What do the answers say?", "missed:"))
    text = word(surface.harmless(found.shown), voice, surface)
    return Said(f"{text}\n({found.left} to go)", tuple(choices))


async def _nothing(office: Office, asked: Request, policy: Policy, occasion: Occasion) -> str:
    said = NOTHING_WAITS[occasion]
    if policy.promise == "off":
        said = NOTHING_DRAWN
    return said if occasion is Occasion.FLAGGED else f"{said}\n\n{await _estimate(office, asked)}"


async def _estimate(office: Office, asked: Request) -> str:
    charter, policy = await office.rules(asked.community)
    today = policy.local(asked.now).date()
    period = period_of(today - AUDITED, today + timedelta(days=1), policy.time_zone)
    async with office.store.work() as work:
        names = await channel_names(work, asked.community, charter, {})
        found = await audit_of(work, asked.community, (charter, policy), period, names)
    return (
        "\n".join(_lines(found))
        if found
        else "Nothing was drawn yet, so nothing is known about what was missed."
    )


def _lines(found: Missed) -> list[str]:
    hindrances = notes(found.conflicts, found.unshowable, found.roles_forgotten)
    return [*audit_lines(found.audit, found.found), *hindrances]
