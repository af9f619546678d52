"""Setting up: by options and by a form; channels that are joined, the line that is posted and pinned, and the first verdicts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.slack.commands.wizard import wished
from moderation.policy import Mode, Policy
from tests.bot.slack.asking import PITCH, TALK, Shop, Shown, a_shop, a_shop_charter, ask, submit

PURPOSE = "Owners of joinery workshops talk about timber, machines and pricing."


async def set_up(shop: Shop, who: str = "mona", more: str = "") -> Shown:
    social, moderators = shop.channels["teabreak"].id, shop.channels["moderators"].id
    line = (
        f'/relevance setup purpose:"{PURPOSE}" social:<#{social}|teabreak> moderators:<#{moderators}> {more}'
    )
    return await ask(shop, who, line.strip())


async def test_options_set_up_at_once_and_the_first_verdicts_follow() -> None:
    async with a_shop(set_up=False) as shop:
        for who, text in TALK:
            shop.post(who, "workshop", text, at=shop.server.world.now() - timedelta(hours=5))
        shop.post("pete", "business", PITCH, at=shop.server.world.now() - timedelta(hours=4))
        answer = await set_up(shop)
        charter, policy = await shop.rules()
        assert (charter.purpose, policy.mode) == (PURPOSE, Mode.OBSERVE)
        assert charter.social_channel is not None
        assert charter.social_channel.id == shop.channels["teabreak"].id
        assert policy.moderators_channel == shop.channels["moderators"].id
        assert "Bench and Plane: Steward is set up, in mode observe." in answer.text
        assert "I have read 5 messages of the last 3 days." in answer.text
        assert "ten leads a day" in answer.text
        assert "a pitch" in answer.text
        assert f"https://{shop.workspace.domain}" in answer.text or "/archives/" in answer.text


async def test_public_channels_are_joined_and_private_ones_are_named_where_somebody_must_invite() -> None:
    async with a_shop(set_up=False, inside=False) as shop:
        bot = shop.workspace.bot
        assert bot is not None
        await set_up(shop)
        for name in ("workshop", "business", "teabreak"):
            assert bot.id in shop.channels[name].members


async def test_the_line_is_posted_and_pinned_once() -> None:
    async with a_shop(set_up=False) as shop:
        answer = await set_up(shop)
        assert "posted and pinned this in" in answer.text
        (line,) = shop.channels["teabreak"].in_order()
        assert line.text.startswith("Messages in these channels are read by a program, Steward")
        assert line.ts in shop.channels["teabreak"].pins
        again = await set_up(shop)
        assert "posted and pinned" not in again.text
        assert len(shop.channels["teabreak"].in_order()) == 1


async def test_a_line_that_is_old_is_found_among_the_pins() -> None:
    async with a_shop(set_up=False) as shop:
        await set_up(shop)
        shop.client.platform.markers.doubt(shop.channels["teabreak"].id)
        shop.server.world.advance(timedelta(days=30))
        await set_up(shop)
        assert len(shop.channels["teabreak"].in_order()) == 1


async def test_a_line_that_is_no_longer_true_is_reworded() -> None:
    async with a_shop(set_up=False) as shop:
        await set_up(shop)
        charter, policy = await shop.rules()
        german = replace(charter, languages=("de",))
        await shop.pipeline.publish(shop.community, german, policy, shop.server.world.now())
        await ask(shop, "mona", "/relevance setup mode:observe")
        (line,) = shop.channels["teabreak"].in_order()
        assert line.text.startswith("Nachrichten in diesen Kanälen")


async def test_what_cannot_be_pinned_or_posted_is_said() -> None:
    async with a_shop(set_up=False) as shop:
        shop.server.troubles.fail_next("pins.add", "permission_denied")
        assert "Please pin it: I could not." in (await set_up(shop)).text
    async with a_shop(set_up=False) as shop:
        shop.server.troubles.fail_next("chat.postMessage", "restricted_action")
        assert "Please post this where everybody sees it, for I could not." in (await set_up(shop)).text


async def test_a_channel_that_we_cannot_see_needs_an_invitation() -> None:
    async with a_shop(set_up=False) as shop:
        hidden = shop.server.people.create_channel(
            shop.workspace, "backroom", shop.people["mona"], private=True, with_bot=False
        )
        answer = await ask(shop, "mona", f"/relevance setup moderators:<#{hidden.id}|backroom>")
        assert "/invite @Steward" in answer.text
        assert "backroom" not in answer.text
        async with shop.store.work() as work:
            assert await work.communities.current(shop.community) is None


async def test_a_public_moderators_channel_is_joined_and_warned_of() -> None:
    async with a_shop(set_up=False, inside=False) as shop:
        answer = await ask(shop, "mona", f"/relevance setup moderators:<#{shop.channels['business'].id}>")
        assert "Everybody can read <#" in answer.text


@pytest.mark.parametrize(
    "admin, words", [(True, "What cannot be undone is that"), (False, "originals stay where they are")]
)
async def test_setup_says_what_cannot_be_undone(admin: bool, words: str) -> None:
    async with a_shop(set_up=False, admin=admin) as shop:
        assert words in (await set_up(shop)).text


@pytest.mark.parametrize("who, may", [("mona", True), ("ann", False), ("hela", False)])
async def test_before_anything_is_set_up_only_an_admin_sets_up(who: str, may: bool) -> None:
    async with a_shop(set_up=False) as shop:
        answer = await set_up(shop, who)
        assert ("Steward is set up" in answer.text) is may


async def test_who_moderates_besides_is_a_matter_of_setup_and_asked_every_time() -> None:
    async with a_shop() as shop:
        people = shop.server.people
        group = people.create_usergroup(shop.workspace, "helpers", [shop.people["ben"]])
        line = f"/relevance setup who:<@{shop.people['ann'].id}|ann> <!subteam^{group.id}|@helpers>"
        answer = await ask(shop, "mona", line)
        assert f"<@{shop.people['ann'].id}>, <!subteam^{group.id}>" in answer.text
        for who in ("ann", "ben", "hela", "mona"):
            assert "Mode:" in (await ask(shop, who, "/relevance status")).text
        group.members.clear()
        assert "for the moderators" in (await ask(shop, "ben", "/relevance status")).text
        await ask(shop, "mona", "/relevance setup who:none")
        assert "for the moderators" in (await ask(shop, "ann", "/relevance status")).text
        people.leave(shop.channels["moderators"], shop.people["hela"])
        assert "for the moderators" in (await ask(shop, "hela", "/relevance status")).text


# --- the form --------------------------------------------------------------------------------------------------------


async def test_without_options_a_form_opens_and_is_filled_with_what_is_guessed() -> None:
    async with a_shop(set_up=False) as shop:
        asked = await ask(shop, "mona", "/relevance setup")
        assert list(asked.fields) == [
            "purpose",
            "moderators",
            "social",
            "watched",
            "mode",
            "promise",
            "confirm",
        ]
        assert asked.fields["mode"]["initial_option"]["value"] == "observe"
        assert shop.channels["workshop"].id in asked.fields["watched"]["initial_conversations"]
        answer = await submit(
            shop,
            "mona",
            {
                "purpose": PURPOSE,
                "moderators": shop.channels["moderators"].id,
                "social": shop.channels["teabreak"].id,
                "watched": [shop.channels["workshop"].id],
            },
        )
        assert "Steward is set up" in answer.text
        charter, _ = await shop.rules()
        assert charter.purpose == PURPOSE
        assert [entry.name for entry in charter.channels if entry.watched] == ["teabreak", "workshop"]
        assert asked.posts == ()
        assert answer.posts
        assert answer.view is None


async def test_the_form_shows_what_is_in_force_and_changes_only_what_is_changed() -> None:
    async with a_shop() as shop:
        asked = await ask(shop, "hela", "/relevance setup")
        assert asked.fields["purpose"]["initial_value"].startswith("Owners of small joinery")
        assert asked.fields["social"]["initial_conversation"] == shop.channels["teabreak"].id
        before = await shop.rules()
        await submit(shop, "hela", {"mode": "nudge"})
        charter, policy = await shop.rules()
        assert charter == before[0]
        assert policy.mode is Mode.NUDGE


async def test_a_member_sees_no_form() -> None:
    async with a_shop() as shop:
        for command in ("setup", "charter edit", "diff"):
            answer = await ask(shop, "ann", f"/relevance {command}")
            assert not answer.fields
            assert "for the moderators" in answer.text


async def test_the_form_stands_at_once_however_long_its_making_takes() -> None:
    async with a_shop() as shop:
        hold = shop.server.troubles.hold_next("users.info")
        await shop.server.people.command(shop.people["mona"], shop.channels["workshop"], "/relevance setup")
        await shop.server.until(lambda: shop.server.people.modal(shop.people["mona"]))
        view = shop.server.people.modal(shop.people["mona"])
        assert view is not None
        assert "One moment" in str(view.blocks)
        hold.release()
        await shop.server.until(lambda: "callback_id" in view.content)


async def test_a_form_works_after_half_an_hour_and_is_answered_there_still() -> None:
    async with a_shop() as shop:
        await ask(shop, "mona", "/relevance setup")
        shop.server.world.advance(timedelta(hours=1))
        answer = await submit(shop, "mona", {"mode": "nudge"})
        assert "in mode nudge" in answer.text
        assert answer.posts


def test_only_what_differs_from_what_was_proposed_is_wished() -> None:
    channels = {name: type("C", (), {"id": name})() for name in ("workshop", "business", "teabreak")}
    charter = a_shop_charter(channels)
    proposed = (charter, Policy(promise="off"))
    unchanged = {
        "purpose": (charter.purpose,),
        "watched": ("business", "workshop"),
        "mode": (),
        "promise": (),
        "social": (),
    }
    found = wished(proposed, unchanged)
    assert (found.purpose, found.watched, found.mode, found.promise, found.social) == (None,) * 5
    assert wished(proposed, {"watched": ("workshop",)}).watched == ("workshop",)
    assert wished(proposed, {"watched": ()}).watched is None
    kept = (charter, Policy(promise="at most 5 wrong nudges in 100, 95 % sure"))
    assert wished(kept, {"promise": ()}).promise == "off"
