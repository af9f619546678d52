"""Moving posts to where casual talk is at home by somebody's wish, with a preview, and bringing them back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

from bot.office.drafts import Move
from bot.office.office import Office, Rules, for_everyone, for_moderators
from bot.office.said import Choice, Request, Said, quoted
from bot.report.words import count_of, lasting
from bot.wording import Voice, word
from moderation.charter import Charter
from moderation.conversation import Stretch, Turn, advance
from moderation.copied import change, text_to_change
from moderation.errors import BadInput
from moderation.messages import Message, MessageKey
from moderation.move_actions import MoveStretch
from moderation.moving import UNDO_WITHIN
from moderation.moving_steps import OPEN
from moderation.notices import Answer
from moderation.ports import Button, Community, Delivery, MovedPost, MoveState, Press, Work
from moderation.rulings import AWAY

SHOWN = 8
"""Posts of a preview that are shown with their text."""
LATEST = 5
"""Moves that can be chosen to be undone."""
LOOKED_BACK = timedelta(days=1)
"""How long before a post its talk can have begun."""


@for_moderators
async def move(
    office: Office, asked: Request, channel: str, messages: Sequence[str], *, talk: bool = False
) -> Said:
    """Show what a move of these posts would move, or of the whole `talk` that the first of them belongs to; nothing happens yet."""
    rules = await office.rules(asked.community)
    to_channel = _home(rules[0], channel)
    async with office.store.work() as work:
        found = [each for each in await work.messages.get(_keys(asked.community, channel, messages)) if each]
        if talk and found:
            found = await _talk_of(work, asked.community, rules, found[0])
    posts = [each for each in found if each.text or each.attachments]
    if not posts:
        raise BadInput(
            "I have none of these posts with its text: I only know posts of the channels that I read, for 7 days at most."
        )
    members = tuple(dict.fromkeys(each.author.id for each in posts))
    ids = tuple(each.key.message for each in posts)
    action = MoveStretch(posts[0].key.name, to_channel, ids, members, by=asked.actor.id)
    name = office.drafts.keep(asked.community, Move(channel, action), asked.now)
    choices = [
        Choice("Move them" if len(posts) > 1 else "Move it", f"move:{name}"),
        Choice("Leave it", f"leave:{name}"),
    ]
    if not talk:
        choices.append(Choice("Move the whole talk", f"talk:{posts[0].key.name}"))
    return Said("\n".join(_preview(office, asked, posts, to_channel)), tuple(choices))


@for_everyone
async def move_to_social(office: Office, asked: Request, channel: str, message: str) -> Said:
    """From the menu of a message: a moderator sees a preview; authors are asked about their own post."""
    if await office.is_moderator(asked):
        return await move(office, asked, channel, (message,))
    charter, _ = await office.rules(asked.community)
    voice, social = Voice.of(charter), charter.social_channel
    (key,) = _keys(asked.community, channel, (message,))
    async with office.store.work() as work:
        (found,) = await work.messages.get([key])
    if found is None or found.author.id != asked.actor.id:
        return Said(voice.say("nothing_of_yours"))
    if social is None:
        return Said(voice.say("no_social"))
    home = social.id or social.name
    if home == channel:
        return Said(voice.say("left_there"))
    action = MoveStretch(found.key.name, home, (message,), (asked.actor.id,), by=asked.actor.id)
    name = office.drafts.keep(asked.community, Move(channel, action), asked.now)
    choices = (Choice(voice.say("move_yes"), f"move:{name}"), Choice(voice.say("move_no"), f"leave:{name}"))
    return Said(voice.say("move_ask", channel=office.surface(asked.community).channel(home)), choices)


@for_everyone
async def carry_out(office: Office, asked: Request, name: str) -> Said:
    """Let a move begin that was shown; only moderators move the posts of others."""
    voice = await office.voice(asked.community)
    draft = office.drafts.take(asked.community, name, asked.now)
    if not isinstance(draft, Move):
        return Said(voice.say("ask_again"))
    if draft.action.members != (asked.actor.id,) and not await office.is_moderator(asked):
        return Said(voice.say("moderators_command"))
    async with office.store.work() as work:
        action = await _named_anew(work, asked.community, replace(draft.action, by=asked.actor.id))
        if action is not None:
            await work.outbox.add(asked.community, draft.channel, action, asked.now)
            await work.commit()
    office.deliver_soon()
    place = office.surface(asked.community).channel(draft.action.to_channel)
    return Said(voice.say("moving", channel=place))


@for_everyone
async def leave(office: Office, asked: Request, name: str) -> Said:
    """Forget a move that was shown."""
    office.drafts.take(asked.community, name, asked.now)
    return Said((await office.voice(asked.community)).say("left_there"))


@for_moderators
async def undo(office: Office, asked: Request, channel: str = "", message: str = "") -> Said:
    """Bring back what was moved with a message, given by its original or by its copy; without one, choose among the latest moves."""
    async with office.store.work() as work:
        moves = await _away(work, asked)
    if not message:
        return Said("\n".join(_listed(office, asked, moves)), tuple(_undoable(moves)))
    for delivery, posts in moves:
        if any(
            (post.original.channel, post.original.message) == (channel, message) or post.copy == message
            for post in posts
        ):
            return await bring_back(office, asked, delivery.marker)
    raise BadInput(
        "No move of the last 7 days has this message. Without one, /relevance undo shows the latest moves."
    )


@for_moderators
async def bring_back(office: Office, asked: Request, moved: str) -> Said:
    """Bring back all posts of a move, by its marker."""
    answer = await office.pipeline.rule(replace(_press(asked, Button.UNDO, moved), moderator=True))
    office.deliver_soon()
    return Said(word(answer, await office.voice(asked.community), office.surface(asked.community)))


# --- one's own copy --------------------------------------------------------------------------------------------------


async def text_of_mine(office: Office, asked: Request, copy: str) -> Answer:
    """CHANGED with what a copy says, given by its marker, for a form in which its author changes it; else what to tell whoever asks."""
    return await text_to_change(office.store, _press(asked, Button.CHANGE, copy))


@for_everyone
async def change_mine(office: Office, asked: Request, copy: str, text: str) -> Said:
    """Let a copy say what its author wrote into the form."""
    answer = await change(office.store, _press(asked, Button.CHANGE, copy), text)
    office.deliver_soon()
    return Said(word(answer, await office.voice(asked.community), office.surface(asked.community)))


# --- what is moved ---------------------------------------------------------------------------------------------------


def _home(charter: Charter, channel: str) -> str:
    """Where casual talk is at home. Raises BadInput where that is nowhere, or just here."""
    social = charter.social_channel
    if social is None:
        raise BadInput("No channel is for casual talk yet: /relevance setup names one with social.")
    if social.id == channel:
        raise BadInput(f"#{social.name} is where casual talk is at home: it is there already.")
    return social.id or social.name


async def _talk_of(work: Work, community: Community, rules: Rules, message: Message) -> list[Message]:
    """The casual posts of the talk that a message belongs to, as the line sees talks; else the message alone."""
    since, stretch = message.posted_at - LOOKED_BACK, None
    found: Stretch | None = None
    async for stored in work.decisions.all(community, since):
        there, decision = stored.message, stored.decision
        same_place = there.key.channel == message.key.channel and there.thread == message.thread
        if not same_place or decision.verdict is None or decision.revision != there.revision:
            continue
        casual = rules[1].is_casual(decision.verdict)
        stretch = advance(
            stretch,
            Turn(there.key.message, there.author.id, there.posted_at, casual),
            there.key.channel,
            there.thread,
        )
        if stretch is not None and message.key.message in stretch.messages:
            found = stretch
        elif found is not None:
            break
        if stretch is not None and stretch.returned:
            stretch = None
    if found is None:
        return [message]
    every = await work.messages.get(_keys(community, message.key.channel, found.messages))
    return [each for each in every if each is not None]


async def _named_anew(work: Work, community: Community, action: MoveStretch) -> MoveStretch | None:
    """The move under a name that no earlier one has, so that posts that came back can go again; None while it is under way."""
    for number in count(1):
        named = action if number == 1 else replace(action, stretch=f"{action.stretch}~{number}")
        there = await work.outbox.find(community, named.marker)
        if there is None:
            return named
        if there.state in OPEN:
            return None
    return None


def _preview(office: Office, asked: Request, posts: Sequence[Message], to_channel: str) -> Iterator[str]:
    surface = office.surface(asked.community)
    people = len({each.author.id for each in posts})
    yield f"{count_of(len(posts), 'post')} by {count_of(people, 'person', 'people')} would go to {surface.channel(to_channel)}:"
    for each in posts[:SHOWN]:
        files = f" (+ {count_of(len(each.attachments), 'attachment')})" if each.attachments else ""
        yield f"• {surface.quote(each.author.name)}: “{quoted(surface, each.text)}”{files}"
    if len(posts) > SHOWN:
        yield f"• and {len(posts) - SHOWN} more"
    yield "Copies carry their authors' names and times. A post that is pinned, has a thread or many reactions, or was edited into something else stays."
    yield "Every author can bring theirs back for 7 days, and so can you with /relevance undo."


# --- and back --------------------------------------------------------------------------------------------------------

Moved = tuple[Delivery, Sequence[MovedPost]]


async def _away(work: Work, asked: Request) -> list[Moved]:
    """The moves of the last seven days with posts that can come back, newest first."""
    found: list[Moved] = []
    for delivery in reversed(await work.outbox.beginning(asked.community, "move:")):
        if asked.now - delivery.due_at > UNDO_WITHIN:
            continue
        posts = [post for post in await work.moves.of(asked.community, delivery.marker) if post.state in AWAY]
        if posts:
            found.append((delivery, posts))
    return found


def _listed(office: Office, asked: Request, moves: Sequence[Moved]) -> Iterator[str]:
    if not moves:
        yield "Nothing was moved in the last 7 days that could come back."
        return
    surface = office.surface(asked.community)
    yield "Which of the latest moves shall come back?"
    for number, (delivery, posts) in enumerate(moves[:LATEST], 1):
        where = f"from {surface.channel(delivery.channel)} to {surface.channel(posts[0].to_channel)}"
        stays = " (the originals are still there)" if posts[0].state is MoveState.STAYED else ""
        yield f"{number}. {count_of(len(posts), 'post')} {where}, {lasting(asked.now - delivery.due_at)} ago{stays}"


def _undoable(moves: Sequence[Moved]) -> Iterator[Choice]:
    for number, (delivery, _) in enumerate(moves[:LATEST], 1):
        yield Choice(f"Bring back {number}", f"undo:{delivery.marker}")


def _press(asked: Request, button: Button, subject: str) -> Press:
    return Press(asked.community, button, subject, asked.actor.id, asked.now, asked.channel)


def _keys(community: Community, channel: str, messages: Sequence[str]) -> list[MessageKey]:
    return [MessageKey(community.platform, community.id, channel, message) for message in messages]
