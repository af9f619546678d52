"""What people do with an app: commands, buttons, shortcuts, modals and the Home tab, through the real Bolt."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fakes.slack.clients import Place, a_place, bolt_app, by_http, by_socket
from tests.fakes.slack.people_posts import NotPossible

Json = dict[str, Any]
BUTTON = {"type": "button", "action_id": "why", "value": "7", "text": {"type": "plain_text", "text": "Why?"}}
CARD = [{"type": "actions", "elements": [BUTTON]}]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def text_input(name: str, **more: object) -> Json:
    return {
        "type": "input",
        "block_id": f"{name}-block",
        "label": plain(name),
        "element": {"type": "plain_text_input", "action_id": name, **more},
    }


FORM = {
    "type": "modal",
    "callback_id": "setup",
    "title": plain("Setup"),
    "submit": plain("Save"),
    "blocks": [
        text_input("purpose", max_length=20),
        {
            "type": "input",
            "block_id": "mode-block",
            "optional": True,
            "label": plain("Mode"),
            "element": {
                "type": "static_select",
                "action_id": "mode",
                "options": [{"text": plain(each), "value": each} for each in ("kind", "strict")],
            },
        },
    ],
}


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with a_place() as found:
        yield found


@pytest.mark.parametrize("way", [by_socket, by_http])
async def test_a_command_is_answered_at_once_and_later(place: Place, way: Any) -> None:
    app = bolt_app(place.server, place.workspace)

    @app.command("/relevance")
    async def relevance(ack: AsyncAck, command: Json, respond: AsyncRespond) -> None:
        await ack(f"You said {command['text']}.")
        await respond("That was all.")

    async with way(place.server, app):
        asked = await place.server.people.command(place.ada, place.channel, "/relevance status now")
        await place.server.until(lambda: len(asked.answers) == 2)
    assert {each.text for each in asked.answers} == {"You said status now.", "That was all."}
    assert len(place.server.people.ephemerals(place.ada)) == 2
    assert place.server.people.seen(place.channel, place.bob) == []


async def test_a_command_that_is_not_in_the_manifest_is_none(place: Place) -> None:
    place.server.app.configure(
        {
            "display_information": {"name": "Steward"},
            "features": {"slash_commands": [{"command": "/relevance"}]},
        }
    )
    with pytest.raises(NotPossible):
        await place.server.people.command(place.ada, place.channel, "/other")


@pytest.mark.parametrize("way", [by_socket, by_http])
async def test_a_button_of_a_message_is_for_those_who_see_it(place: Place, way: Any) -> None:
    people, app = place.server.people, bolt_app(place.server, place.workspace)
    eve = people.join(place.workspace, "eve", guest=True)
    heard: list[Json] = []

    @app.action("why")
    async def why(ack: AsyncAck, body: Json, respond: AsyncRespond) -> None:
        await ack()
        heard.append(body)
        await respond("Because.", response_type="in_channel", replace_original=True)

    said = await place.client.chat_postMessage(channel=place.channel.id, text="card", blocks=CARD)
    message = place.channel.messages[said["ts"]]
    async with way(place.server, app):
        with pytest.raises(NotPossible):
            await people.press(eve, message, "why")
        with pytest.raises(NotPossible):
            await people.press(place.ada, message, "other")
        asked = await people.press(place.ada, message, "why")
        await place.server.until(lambda: asked.answers)
    assert (message.text, message.blocks) == ("Because.", [])
    assert heard[0]["actions"][0]["value"] == "7"
    assert heard[0]["message"]["ts"] == message.ts
    assert heard[0]["container"]["is_ephemeral"] is False


async def test_an_ephemeral_button_is_for_its_reader_alone_and_ends_with_a_reload(place: Place) -> None:
    people = place.server.people
    await place.client.chat_postEphemeral(
        channel=place.channel.id, user=place.ada.id, text="psst", blocks=CARD
    )
    nudge = people.ephemerals(place.ada)[0]
    with pytest.raises(NotPossible):
        await people.press(place.bob, nudge, "why")
    app = bolt_app(place.server, place.workspace)

    @app.action("why")
    async def why(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(delete_original=True)

    async with by_socket(place.server, app):
        await people.press(place.ada, nudge, "why")
        await place.server.until(lambda: not people.ephemerals(place.ada))
    assert nudge.deleted
    with pytest.raises(NotPossible):
        await people.press(place.ada, nudge, "why")


async def test_an_app_that_is_down_leaves_a_press_without_an_answer(place: Place) -> None:
    said = await place.client.chat_postMessage(channel=place.channel.id, text="card", blocks=CARD)
    asked = await place.server.people.press(place.ada, place.channel.messages[said["ts"]], "why")
    assert not asked.acknowledged
    assert asked.delivery is not None
    place.server.world.advance(timedelta(hours=1))
    assert len(asked.delivery.attempts) == 1


async def test_a_response_url_is_good_for_five_uses_and_half_an_hour(place: Place) -> None:
    people = place.server.people
    asked = await people.command(place.ada, place.channel, "/relevance")
    assert asked.response_url is not None
    hook = AsyncWebhookClient(asked.response_url.url)
    assert [(await hook.send(text=str(number))).status_code for number in range(6)] == [200] * 5 + [404]
    assert [each.text for each in people.ephemerals(place.ada)] == ["0", "1", "2", "3", "4"]
    again = await people.command(place.ada, place.channel, "/relevance")
    assert again.response_url is not None
    place.server.world.advance(timedelta(minutes=31))
    late = await AsyncWebhookClient(again.response_url.url).send(text="late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


async def test_a_form_is_opened_checked_and_sent(place: Place) -> None:
    people, app = place.server.people, bolt_app(place.server, place.workspace)
    sent: list[Json] = []

    @app.command("/relevance")
    async def relevance(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("setup")
    async def setup(ack: AsyncAck, view: Json) -> None:
        values = view["state"]["values"]
        sent.append(values)
        if values["purpose-block"]["purpose"]["value"] == "spam":
            await ack(response_action="errors", errors={"purpose-block": "Please be kind."})
        else:
            await ack()

    async with by_socket(place.server, app):
        asked = await people.command(place.ada, place.channel, "/relevance setup")
        await place.server.until(lambda: asked.modal)
        with pytest.raises(NotPossible):
            await people.submit(place.ada)
        with pytest.raises(NotPossible):
            await people.submit(place.ada, {"purpose": "x" * 21})
        with pytest.raises(NotPossible):
            await people.submit(place.ada, {"purpose": "chess", "mode": "made up"})
        refused = await people.submit(place.ada, {"purpose": "spam"})
        assert refused.errors == {"purpose-block": "Please be kind."}
        assert people.modal(place.ada) is asked.modal
        await people.submit(place.ada, {"purpose": "chess", "mode": "strict"})
    assert people.modal(place.ada) is None
    assert sent[1]["mode-block"]["mode"]["selected_option"]["value"] == "strict"


async def test_a_trigger_lives_for_three_seconds_and_opens_once(place: Place) -> None:
    people, client = place.server.people, place.client
    first = await people.command(place.ada, place.channel, "/relevance")
    assert first.trigger is not None
    place.server.world.advance(timedelta(seconds=3.5))
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=first.trigger.id, view=FORM)
    second = await people.command(place.ada, place.channel, "/relevance")
    assert second.trigger is not None
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id=second.trigger.id, view=FORM | {"title": plain("x" * 25)})
    opened = await client.views_open(trigger_id=second.trigger.id, view=FORM)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=second.trigger.id, view=FORM)
    shown = opened["view"]
    await client.views_update(view_id=shown["id"], hash=shown["hash"], view=FORM | {"title": plain("More")})
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=shown["id"], hash=shown["hash"], view=FORM)
    modal = people.modal(place.ada)
    assert modal is not None
    assert modal.content["title"]["text"] == "More"


async def test_modals_are_laid_upon_each_other_and_taken_away_together(place: Place) -> None:
    people, app = place.server.people, bolt_app(place.server, place.workspace)
    last = FORM | {"callback_id": "last", "title": plain("Last"), "notify_on_close": True}
    closed: list[str] = []

    @app.command("/relevance")
    async def relevance(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("setup")
    async def setup(ack: AsyncAck) -> None:
        await ack(response_action="push", view=last)

    @app.view("last")
    async def finish(ack: AsyncAck) -> None:
        await ack(response_action="clear")

    @app.view_closed("last")
    async def forget(ack: AsyncAck, view: Json) -> None:
        await ack()
        closed.append(view["callback_id"])

    async with by_socket(place.server, app):
        asked = await people.command(place.ada, place.channel, "/relevance")
        await place.server.until(lambda: asked.modal)
        pushed = await people.submit(place.ada, {"purpose": "chess"})
        assert pushed.modal is people.modal(place.ada)
        await people.close(place.ada)
        assert (people.modal(place.ada), closed) == (asked.modal, ["last"])
        await people.submit(place.ada, {"purpose": "chess"})
        await people.submit(place.ada, {"purpose": "chess"})
    assert people.modal(place.ada) is None


async def test_a_shortcut_names_the_message(place: Place) -> None:
    people, app = place.server.people, bolt_app(place.server, place.workspace)

    @app.shortcut("report")
    async def report(ack: AsyncAck, shortcut: Json, respond: AsyncRespond) -> None:
        await ack()
        await respond(f"Reported: {shortcut['message']['text']}")

    said = people.post(place.ada, place.channel, "Buy my book")
    async with by_socket(place.server, app):
        asked = await people.shortcut(place.bob, "report", said)
        await place.server.until(lambda: asked.answers)
    assert asked.text == "Reported: Buy my book"
    assert people.ephemerals(place.ada) == []


async def test_each_member_has_a_home_of_their_own(place: Place) -> None:
    people, app = place.server.people, bolt_app(place.server, place.workspace)
    pressed: list[Json] = []

    @app.event("app_home_opened")
    async def opened(event: Json, client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": CARD})

    @app.action("why")
    async def why(ack: AsyncAck, body: Json) -> None:
        await ack()
        pressed.append(body)

    async with by_socket(place.server, app):
        people.open_home(place.ada)
        await place.server.until(lambda: people.home(place.ada))
        home = people.home(place.ada)
        assert home is not None
        assert people.home(place.bob) is None
        assert people.read(home) == "Why?"
        with pytest.raises(NotPossible):
            await people.press(place.bob, home, "why")
        asked = await people.press(place.ada, home, "why")
        await place.server.until(lambda: pressed)
    assert asked.response_url is None
    assert pressed[0]["container"] == {"type": "view", "view_id": home.id}
    place.server.app.home_tab = False
    with pytest.raises(SlackApiError, match="not_enabled"):
        await place.client.views_publish(user_id=place.ada.id, view={"type": "home", "blocks": CARD})


async def test_a_private_nudge_leads_to_an_answer_in_its_place(place: Place) -> None:
    people, app = place.server.people, bolt_app(place.server, place.workspace)

    @app.event("message")
    async def nudge(event: Json, client: AsyncWebClient) -> None:
        if "subtype" not in event:
            await client.chat_postEphemeral(
                channel=event["channel"], user=event["user"], text="There is a room for that.", blocks=CARD
            )

    @app.action("why")
    async def why(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond("Because.", replace_original=True)

    async with by_socket(place.server, app):
        people.post(place.ada, place.channel, "Anyone for chess?")
        await place.server.until(lambda: people.ephemerals(place.ada))
        asked = await people.press(place.ada, people.ephemerals(place.ada)[0], "why")
        await place.server.until(lambda: asked.answers)
    assert [each.text for each in people.seen(place.channel, place.ada)] == ["Anyone for chess?", "Because."]
    assert [each.text for each in people.seen(place.channel, place.bob)] == ["Anyone for chess?"]
