"""What every member may ask: what Steward is, why it took a post for something, what it knows of them, and to be left in peace."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.figures import percent
from bot.office.office import Office, for_everyone
from bot.office.said import Choice, File, Request, Said, quoted
from bot.office.verdicts import LOOKED_BACK, reading
from bot.wording import Voice
from moderation.charter import Charter
from moderation.decisions import Decision
from moderation.messages import Message, MessageKey
from moderation.retention import erase_member

FOR_MODERATORS = """For moderators, /relevance:
• setup · charter show, edit, channel, example · channel watch, unwatch · mode · promise · diff
• status · stats · digest · log
• review (pitches) · calibrate (flagged messages) · audit (what was missed)
• move · undo · pause · resume"""


@for_everyone
async def help_(office: Office, asked: Request) -> Said:
    """What Steward does and what can be asked of it; moderators see theirs, too."""
    voice = await office.voice(asked.community)
    said = voice.say("help")
    return Said(f"{said}\n\n{FOR_MODERATORS}" if await office.is_moderator(asked) else said)


@for_everyone
async def why(office: Office, asked: Request, channel: str, message: str) -> Said:
    """Why a message was taken for what it was. Members hear about their own posts only, moderators about all."""
    charter, _ = await office.rules(asked.community)
    voice = Voice.of(charter)
    key = MessageKey(asked.community.platform, asked.community.id, channel, message)
    async with office.store.work() as work:
        decision = await work.decisions.get(key)
        (stored,) = await work.messages.get([key])
    moderator = await office.is_moderator(asked)
    author = decision.author if decision else stored.author.id if stored else asked.actor.id
    if author != asked.actor.id and not moderator:
        return Said(voice.say("why_not_yours"))
    if decision is None or decision.verdict is None:
        return Said(_unknown(charter, key, stored) if moderator else voice.say("why_unknown"))
    return Said(_in_full(office, asked, decision) if moderator else _in_short(office, asked, decision, voice))


def _unknown(charter: Charter, key: MessageKey, stored: Message | None) -> str:
    name = stored.channel_name if stored else ""
    if not charter.is_watched(key.channel, name):
        return "This channel is not read. /relevance channel watch begins with it."
    if stored is not None:
        return "This message is not judged yet: ask again in a moment."
    return "I have no verdict on this message: it is from before I came here, it is no post of a person, it is empty, or it was erased."


def _in_full(office: Office, asked: Request, decision: Decision) -> str:
    surface, verdict = office.surface(asked.community), decision.verdict
    shares = verdict.probabilities if verdict else None
    lines = [
        f"Taken for: {reading(decision)}.",
        *(f"• {quoted(surface, reason)}" for reason in decision.reasons if reason),
    ]
    if shares and verdict:
        lines.append(
            f"pitch {percent(shares.pitch)}, casual {percent(shares.chatter)}, on topic {percent(shares.on_topic)}; by {verdict.model}, "
            f"charter {decision.charter_version}, {surface.time(decision.decided_at)}"
        )
    deeds = [type(action).__name__ for action in decision.actions]
    lines.append("Something followed: see /relevance log." if deeds else "Nothing followed from it.")
    return "\n".join(lines)


def _in_short(office: Office, asked: Request, decision: Decision, voice: Voice) -> str:
    verdict, surface = decision.verdict, office.surface(asked.community)
    if verdict is None or verdict.abstained:
        return voice.say("why_unsure")
    reasons = "\n".join(f"• {quoted(surface, each)}" for each in decision.reasons if each)
    said = voice.say(
        "why_verdict",
        kind=voice.say(f"kind_{verdict.label}"),
        share=percent(verdict.probabilities.of(verdict.label)),
        reasons=reasons or voice.say("no_reasons"),
    )
    return said if decision.actions else f"{said}\n{voice.say('why_nothing')}"


# --- what is kept of somebody ----------------------------------------------------------------------------------------


@for_everyone
async def my_data(office: Office, asked: Request) -> Said:
    """All that is stored about whoever asks, in short, and as a file."""
    voice, surface = await office.voice(asked.community), office.surface(asked.community)
    known = await _known(office, asked)
    posts, counts = known["posts_with_text"], known["counts"]
    said = voice.say(
        "my_data",
        posts=str(counts["posts_judged"]),
        given=str(counts["replies_given"]),
        received=str(counts["replies_received"]),
        texts=str(len(posts)),
        nudges=voice.say("nudges_are_off" if known["no_more_nudges"] else "nudges_are_on"),
    )
    content = json.dumps(known, ensure_ascii=False, indent=1) + "\n"
    return Said(surface.quote(said), files=(File("my-data.json", content.encode(errors="replace")),))


async def _known(office: Office, asked: Request) -> dict[str, Any]:
    community, member = asked.community, asked.actor.id
    async with office.store.work() as work:
        past = await work.decisions.past(community, asked.now)
        texts = [
            each
            async for each in work.decisions.all(community, asked.now - LOOKED_BACK)
            if each.message.author.id == member and each.message.revision == each.decision.revision
        ]
        rulings = [ruling async for ruling in work.rulings.all(community) if ruling.by == member]
        reports = [each for each in await work.reports.all(community) if each.reporter == member]
        silent = bool(await work.communities.opted_out(community, (member,)))
        direct = bool(await work.communities.chose_direct(community, (member,)))
    return {
        "member": member,
        "asked_at": _moment(asked.now),
        "counts": {
            "posts_judged": past.posts.get(member, 0),
            "replies_given": past.given.get(member, 0),
            "replies_received": past.received.get(member, 0),
        },
        "no_more_nudges": silent,
        "direct_messages": direct,
        "posts_with_text": [
            _post(each.message, each.decision)
            for each in texts
            if each.message.text or each.message.attachments
        ],
        "answers_to_questions_and_cards": [
            {"subject": each.subject, "said": each.what.value, "at": _moment(each.at)} for each in rulings
        ],
        "reports": [{"at": _moment(each.at), "sender": each.sender, "text": each.text} for each in reports],
    }


def _post(message: Message, decision: Decision) -> Mapping[str, object]:
    return {
        "channel": message.channel_name or message.key.channel,
        "message": message.key.message,
        "posted_at": _moment(message.posted_at),
        "text": message.text,
        "attachments": [each.name for each in message.attachments],
        "taken_for": reading(decision),
        "reasons": [each for each in decision.reasons if each],
    }


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


@for_everyone
async def forget_me(office: Office, asked: Request) -> Said:
    """Ask whether everything about whoever asks shall be erased."""
    voice = await office.voice(asked.community)
    choices = (Choice(voice.say("forget_yes"), "forget:yes"), Choice(voice.say("forget_no"), "forget:no"))
    return Said(voice.say("forget_ask"), choices)


@for_everyone
async def forget(office: Office, asked: Request, answer: str) -> Said:
    """Erase everything about whoever answers yes."""
    voice = await office.voice(asked.community)
    if answer != "yes":
        return Said(voice.say("forget_kept"))
    await erase_member(office.store, asked.community, asked.actor.id)
    await office.pipeline.forget_ledger(asked.community)
    return Said(voice.say("forgotten"))


@for_everyone
async def nudges(office: Office, asked: Request, wish: str) -> Said:
    """Want no nudges, want them again, or want them as direct messages: `off`, `on`, `direct`."""
    voice, wish = await office.voice(asked.community), wish.strip().casefold()
    if wish not in ("on", "off", "direct"):
        return Said(voice.say("nudges_unknown"))
    async with office.store.work() as work:
        await work.communities.opt_out(asked.community, asked.actor.id, silent=wish == "off")
        if wish != "off":
            await work.communities.choose_direct(asked.community, asked.actor.id, direct=wish == "direct")
        await work.commit()
    await office.pipeline.forget_ledger(asked.community)
    return Said(voice.say("no_more" if wish == "off" else f"nudges_{wish}"))
