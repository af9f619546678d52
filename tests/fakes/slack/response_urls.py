"""What the app says by a response_url, or with its acknowledgement.

Sources: docs.slack.dev/interactivity/handling-user-interaction (Message responses),
interactivity/implementing-slash-commands (Sending responses).
"""

from __future__ import annotations

from tests.fakes.slack import messages
from tests.fakes.slack.blocks import check_message_blocks
from tests.fakes.slack.entities import Channel, Message, User
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.moments import LIFE, USES, Interaction, ResponseUrl
from tests.fakes.slack.world import World


def make(world: World, interaction: Interaction) -> ResponseUrl:
    """For an interaction in a channel."""
    assert interaction.channel is not None
    name = world.new_id("R")
    url = f"{world.url}/actions/{interaction.user.workspace.id}/{name}"
    found = ResponseUrl(
        name, url, interaction.user, interaction.channel, world.now(), interaction, interaction.message
    )
    world.response_urls[name] = found
    return found


def use(world: World, name: str, body: Json) -> None:
    """One POST to it. Raises SlackError."""
    response_url = world.response_urls.get(name)
    if response_url is None:
        raise SlackError("invalid_url", status=404)
    if world.now() - response_url.created_at > LIFE:
        raise SlackError("expired_url", status=404)
    if response_url.uses >= USES:
        raise SlackError("used_url", status=404)
    answer(world, response_url, body)
    response_url.uses += 1


def answer(world: World, by: ResponseUrl, body: Json) -> None:
    """Deletes or replaces the message with the button, or says something new. Raises SlackError."""
    bot = by.user.workspace.bot
    if bot is None:
        raise SlackError("app_missing_action_url", status=404)
    if body.get("delete_original") and by.message:
        _delete(world, by.message, bot)
        return
    found = _read(body)
    if body.get("replace_original") and by.message:
        _replace(world, by.message, bot, found)
        by.interaction.answers.append(by.message)
        return
    said = _say(world, by.channel, bot, by.user, found | {"thread_ts": _thread(by, body)}, body)
    by.interaction.answers.append(said)


def _thread(by: ResponseUrl, body: Json) -> str | None:
    """An ephemeral button in a thread is answered there."""
    own = by.message.thread_ts if by.message and by.message.only_for else None
    return body.get("thread_ts") or own


def _read(body: Json) -> Json:
    found: Json = {"text": body.get("text") or "", "attachments": body.get("attachments") or []}
    if "blocks" in body:
        found["blocks"] = check_message_blocks(body["blocks"])
    if not any(found.values()):
        raise SlackError("no_text", status=400)
    return found


def _delete(world: World, message: Message, bot: User) -> None:
    if message.only_for is None:
        if message.ts in message.channel.messages:
            messages.delete(world, message, bot)
        return
    message.deleted = True
    if message in world.ephemerals:
        world.ephemerals.remove(message)
    world.note("ephemeral deleted", bot, message.ts, channel=message.channel)


def _replace(world: World, message: Message, bot: User, found: Json) -> None:
    if message.only_for is None:
        messages.edit(world, message, bot, **found)
        return
    message.text, message.blocks = found["text"], found.get("blocks", [])
    world.note("ephemeral changed", bot, message.ts, channel=message.channel, text=message.text)


def _say(world: World, channel: Channel, bot: User, user: User, found: Json, body: Json) -> Message:
    if body.get("response_type") != "in_channel":
        said = messages.whisper(world, channel, bot, user, found)
        said.shown = True  # who just pressed something is there
        return said
    message = Message(world.new_ts(), channel, bot, found["text"], blocks=found.get("blocks", []))
    message.thread_ts = found["thread_ts"]
    return messages.publish(world, message)
