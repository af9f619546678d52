"""How the bot answers what people do: the callback, and the messages that follow for 15 minutes.

Source: developers/interactions/receiving-and-responding.
"""

from __future__ import annotations

from datetime import timedelta

from tests.fakes.discord import message_payloads, messages
from tests.fakes.discord.body_rules import check_choices, check_message, check_modal
from tests.fakes.discord.calls import Call, Endpoint
from tests.fakes.discord.entities import Flag, Interaction, Message, Type
from tests.fakes.discord.errors import ApiError, Json, invalid

TO_ANSWER, TO_FOLLOW_UP = timedelta(seconds=3), timedelta(minutes=15)
PONG, MESSAGE, LATER, LATER_UPDATE, UPDATE, CHOICES, MODAL = 1, 4, 5, 6, 7, 8, 9
COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
# Which answers each kind takes.
ALLOWED = {
    COMMAND: {MESSAGE, LATER, MODAL},
    COMPONENT: {MESSAGE, LATER, LATER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    SUBMIT: {MESSAGE, LATER, LATER_UPDATE, UPDATE},
}


def _callback(call: Call) -> object:
    """Raises ApiError 10062 when it is unknown or more than three seconds old, 40060 when it has an answer."""
    interaction = call.world.interactions.get(call.arguments["interaction_token"])
    if interaction is None or interaction.id != call.arguments["interaction_id"]:
        raise ApiError(404, 10062)
    if interaction.answer is not None:
        raise ApiError(400, 40060)
    if call.world.now() - interaction.created_at > TO_ANSWER:
        raise ApiError(404, 10062)
    kind = call.body.get("type")
    allowed = ALLOWED[interaction.kind]
    if kind not in allowed or (kind in (UPDATE, LATER_UPDATE) and interaction.message is None):
        raise invalid("type", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(allowed)}.")
    _answer(call, interaction, int(kind), call.body.get("data") or {})
    interaction.answer = kind
    call.world.note(
        "interaction answered", call.world.bot.id, interaction.id, channel=interaction.channel, type=kind
    )
    interaction.answered.set()
    return _shown(call, interaction) if call.flag("with_response") else None


def _answer(call: Call, interaction: Interaction, kind: int, data: Json) -> None:
    if kind in (MESSAGE, UPDATE):
        check_message(data, prefix="data.")
    if kind == MESSAGE:
        interaction.original = _sent(call, interaction, data)
    elif kind == LATER:
        interaction.original = _loading(call, interaction, data)
        interaction.waiting = True
    elif kind == LATER_UPDATE:
        interaction.original = interaction.message
    elif kind == UPDATE and interaction.message:
        interaction.original = messages.edit(
            call.world, interaction.message, data, call.uploads, by=call.world.bot
        )
    elif kind == CHOICES:
        check_choices(data.get("choices") or [])
        interaction.choices = data.get("choices") or []
    elif kind == MODAL:
        check_modal(data)
        interaction.modal = data


def _sent(call: Call, interaction: Interaction, data: Json) -> Message:
    message = messages.compose(call.world, interaction.channel, call.world.bot, data, call.uploads)
    return _out(call, interaction, message, data)


def _loading(call: Call, interaction: Interaction, data: Json) -> Message:
    """It shows that the bot thinks, and is empty until the bot says more."""
    message = Message(call.world.new_id(), interaction.channel, call.world.bot, flags=Flag.LOADING)
    return _out(call, interaction, message, data)


def _out(call: Call, interaction: Interaction, message: Message, data: Json) -> Message:
    if interaction.kind == COMMAND and interaction.original is None:
        message.type = Type.COMMAND if interaction.data.get("type", 1) == 1 else Type.CONTEXT_MENU
    if (data.get("flags") or 0) & Flag.EPHEMERAL:
        message.flags |= Flag.EPHEMERAL
        message.only_for = interaction.user.id
    message.interaction = interaction
    message.application_id = message.webhook_id = call.world.application_id
    return messages.publish(call.world, message)


def _shown(call: Call, interaction: Interaction) -> Json:
    said: Json = {"id": interaction.id, "type": interaction.kind}
    found: Json = {"interaction": said}
    if interaction.answer in (MESSAGE, LATER, UPDATE) and interaction.original:
        original = interaction.original
        said |= {
            "response_message_id": original.id,
            "response_message_loading": bool(original.flags & Flag.LOADING),
            "response_message_ephemeral": bool(original.flags & Flag.EPHEMERAL),
        }
        message = message_payloads.message(call.world, original)
        found["resource"] = {"type": interaction.answer, "message": message}
    elif interaction.answer is not None:
        found["resource"] = {"type": interaction.answer}
    return found


def find(call: Call) -> Interaction | None:
    """The interaction whose token is in the path; None where the path is a webhook's.

    Raises ApiError 50027 after 15 minutes or for an unknown token, 10015 before the first answer.
    """
    if call.arguments["webhook_id"] != call.world.application_id:
        return None
    interaction = call.world.interactions.get(call.arguments["webhook_token"])
    if interaction is None or call.world.now() - interaction.created_at > TO_FOLLOW_UP:
        raise ApiError(401, 50027)
    if interaction.answer is None:
        raise ApiError(404, 10015)
    return interaction


def send(call: Call, interaction: Interaction) -> Json:
    """A follow-up. The first after a deferred answer fills that, with the privacy that it had."""
    check_message(call.body)
    if interaction.waiting and interaction.original:
        interaction.waiting = False
        message = messages.edit(call.world, interaction.original, call.body, call.uploads, by=call.world.bot)
    else:
        message = _sent(call, interaction, call.body)
        interaction.follow_ups.append(message)
    return message_payloads.message(call.world, message)


def one(call: Call, interaction: Interaction) -> Message:
    """@original, or a follow-up by its id. Raises ApiError 10008."""
    message_id = call.arguments.get("message_id", "@original")
    known = [interaction.original, *interaction.follow_ups]
    for message in known:
        if message and not message.deleted and message_id in ("@original", message.id):
            return message
        if message_id == "@original":
            break
    raise ApiError(404, 10008)


def edit(call: Call, interaction: Interaction) -> Json:
    message = one(call, interaction)
    check_message(call.body)
    if message is interaction.original:
        interaction.waiting = False
    return message_payloads.message(
        call.world, messages.edit(call.world, message, call.body, call.uploads, by=call.world.bot)
    )


def delete(call: Call, interaction: Interaction) -> None:
    messages.delete(call.world, one(call, interaction), by=call.world.bot)


ENDPOINTS = (
    Endpoint(
        "POST",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        _callback,
        needs_token=False,
    ),
)
