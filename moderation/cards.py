"""What moderators are shown of a pitch: all its copies on one card, with what is known and what was ruled."""

from __future__ import annotations

from moderation.decisions import PitchCard, RemovePitch, Ruled
from moderation.errors import Gone
from moderation.messages import MessageKey
from moderation.notices import PitchShown
from moderation.ports import Button, Community, Work

CARD_BUTTONS = (Button.REMOVE, Button.FINE, Button.NOT_NOW)


async def pitch_shown(work: Work, community: Community, pitch: str) -> tuple[PitchShown, tuple[Button, ...]]:
    """A pitch with all its copies and rulings so far, and what can still be ruled. Raises Gone for an unknown one."""
    cards = [each.action for each in await work.outbox.beginning(community, f"card:{pitch}:")]
    known = [action for action in cards if isinstance(action, PitchCard)]
    if not known:
        raise Gone(f"There is no pitch {pitch}.")
    card = max(known, key=lambda action: len(action.copies))
    key = named(community, pitch)
    message, decision = (await work.messages.get([key]))[0], await work.decisions.get(key)
    shown = PitchShown(
        card,
        author_name=message.author.name if message else "",
        text=message.text if message else "",
        reasons=decision.reasons if decision else (),
        probabilities=decision.verdict.probabilities if decision and decision.verdict else None,
        rulings=tuple(await work.rulings.of(community, f"card:{pitch}")),
    )
    return shown, await _open_rulings(work, community, shown)


async def _open_rulings(work: Work, community: Community, shown: PitchShown) -> tuple[Button, ...]:
    """What moderators may still say: all of it until a ruling, and again when another copy came after a removal."""
    last = shown.rulings[-1].what if shown.rulings else Ruled.NOT_NOW
    if last is Ruled.FINE:
        return (Button.REMOVE,)
    if last is Ruled.REMOVE:
        removals = await work.outbox.beginning(community, f"remove:{shown.card.pitch}:")
        actions = [each.action for each in removals]
        removed = {name for each in actions if isinstance(each, RemovePitch) for name in each.messages}
        return () if set(copies_of(shown.card)) <= removed else CARD_BUTTONS
    return CARD_BUTTONS


def copies_of(card: PitchCard) -> tuple[str, ...]:
    """All posts with a pitch's text, by `channel/message` name, first the one that names it."""
    return tuple(dict.fromkeys((card.pitch, *card.copies, card.message)))


def named(community: Community, name: str) -> MessageKey:
    """The key of a `channel/message` name."""
    channel, _, message = name.partition("/")
    return MessageKey(community.platform, community.id, channel, message)
