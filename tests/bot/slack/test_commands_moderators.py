"""/relevance for moderators, and the menu of a message: what they are shown, and what follows from their presses."""

from __future__ import annotations

import pytest

from bot.slack.commands import presses
from bot.slack.commands.asking import Asking, kept
from bot.slack.manifest import BELONGS, MOVE, PITCH, WHY
from moderation.policy import Mode
from tests.bot.slack.asking import PITCH as AN_OFFER
from tests.bot.slack.asking import Shop, Shown, a_shop, ask, menu, press, seen_by, shown, submit

CHARTER = """
name = "Bench & Plane"
purpose = "Owners of workshops."

[policy]
mode = "nudge"
"""


async def test_how_things_stand() -> None:
    async with a_shop() as shop:
        shop.post("pete", "business", AN_OFFER)
        await shop.settle()
        answer = await ask(shop, "mona", "/relevance status")
        assert answer.text.startswith("Bench &amp; Plane")
        assert "1 open pitch card" in answer.text
        assert "Read: 1 message" in (await ask(shop, "mona", "/relevance stats 3")).text
        assert "card" in (await ask(shop, "hela", "/relevance log")).text


async def test_the_digest_brings_its_chart_by_direct_message() -> None:
    async with a_shop() as shop:
        shop.talk()
        await shop.settle()
        answer = await ask(shop, "mona", "/relevance digest 7")
        assert set(answer.files) == {"digest.json", "digest.png"}
        assert answer.files["digest.png"].startswith(b"\x89PNG")


async def test_pitches_are_reviewed_in_place() -> None:
    async with a_shop() as shop:
        shop.post("pete", "business", AN_OFFER)
        await shop.settle()
        asked = await ask(shop, "mona", "/relevance review")
        assert f"<@{shop.people['pete'].id}>" in asked.text
        assert f"<{shop.client.workspaces.of(shop.community).url}archives/" in asked.text
        answer = await press(shop, "mona", asked, "Fine as it is")
        assert answer.posts == asked.posts
        assert "Kept for 1 pitch" in answer.text


async def test_a_change_of_the_mode_is_shown_then_published() -> None:
    async with a_shop() as shop:
        asked = await ask(shop, "mona", "/relevance mode nudge")
        assert asked.labels == ["Publish", "Drop"]
        assert (await shop.rules())[1].mode is Mode.OFFER
        assert (await press(shop, "mona", asked, "Publish")).text == "Published. It is in force from now on."
        assert (await shop.rules())[1].mode is Mode.NUDGE


async def test_a_press_is_the_moderators_own() -> None:
    async with a_shop() as shop:
        asked = await ask(shop, "hela", "/relevance mode nudge")
        shop.server.people.leave(shop.channels["moderators"], shop.people["hela"])
        assert "for the moderators" in (await press(shop, "hela", asked, "Publish")).text
        assert (await shop.rules())[1].mode is Mode.OFFER


async def test_a_channel_that_is_read_from_now_on_is_joined_once_that_is_published() -> None:
    async with a_shop() as shop:
        bot = shop.workspace.bot
        assert bot is not None
        attic = shop.server.people.create_channel(
            shop.workspace, "attic", shop.people["mona"], with_bot=False
        )
        asked = await ask(shop, "mona", f"/relevance channel watch <#{attic.id}|attic>")
        assert bot.id not in attic.members
        await press(shop, "mona", asked, "Publish")
        assert bot.id in attic.members
        asked = await ask(shop, "mona", "/relevance channel unwatch attic")
        await press(shop, "mona", asked, "Publish")
        charter, _ = await shop.rules()
        assert not charter.is_watched(attic.id)


async def test_the_charter_is_changed_piece_by_piece() -> None:
    async with a_shop() as shop:
        shown = await ask(shop, "mona", "/relevance charter show")
        assert "charter.toml" in shown.files
        workshop = f"<#{shop.channels['workshop'].id}|workshop>"
        asked = await ask(shop, "mona", f"/relevance charter channel {workshop} purpose: wood, and only wood")
        await press(shop, "mona", asked, "Publish")
        asked = await ask(
            shop, "mona", f"/relevance charter example casual Who's for lunch? channel:{workshop}"
        )
        await press(shop, "mona", asked, "Publish")
        charter, _ = await shop.rules()
        entry = charter.channel(shop.channels["workshop"].id, "")
        assert entry is not None
        assert entry.purpose == "wood, and only wood"
        assert charter.examples[-1].text == "Who's for lunch?"


async def test_the_charter_is_edited_in_a_form() -> None:
    async with a_shop() as shop:
        asked = await ask(shop, "mona", "/relevance charter edit")
        assert asked.fields["tone"]["initial_option"]["value"] == "friendly"
        answer = await submit(shop, "mona", {"tone": "playful", "language": "de"})
        await press(shop, "mona", answer, "Publish")
        charter, _ = await shop.rules()
        assert (charter.tone, charter.languages) == ("playful", ("de",))
        assert charter.name == "Bench & Plane"


async def test_a_charter_file_is_compared_by_its_text() -> None:
    async with a_shop() as shop:
        await ask(shop, "mona", "/relevance diff")
        answer = await submit(shop, "mona", {"paste": CHARTER})
        assert "charter.toml" in answer.files
        await ask(shop, "mona", "/relevance diff")
        assert (await submit(shop, "mona", {})).text == "Give a charter file, or paste its text."


async def sent(shop: Shop, who: str, what: str, content: bytes, name: str = "charter.toml") -> Shown:
    """A form that was sent with a file."""
    client, user = shop.client, shop.people[who]
    file = shop.server.world.keep_file(name, content, user)
    file.channels.append(shop.channels["workshop"].id)
    workspace = client.workspaces.of(shop.community)
    address = f"{shop.server.world.url}/files-pri/{shop.workspace.id}-{file.id}/download/{name}"
    asked = Asking(workspace, user.id, shop.server.world.now(), channel=shop.channels["workshop"].id)
    values = {
        "file": {"file": {"type": "file_input", "files": [{"id": file.id, "url_private_download": address}]}}
    }
    view = {"callback_id": f"+{what}", "private_metadata": kept(asked), "state": {"values": values}}
    before = seen_by(shop, user)
    await presses.sent(shop.desk, asked, {"view": view})
    return await shown(shop, user, before)


async def test_a_charter_file_that_is_given_with_the_form_is_proposed() -> None:
    async with a_shop() as shop:
        answer = await sent(shop, "mona", "edit", CHARTER.encode())
        assert "Publish it?" in answer.text
        assert "for the moderators" in (await sent(shop, "ann", "edit", CHARTER.encode())).text
        wrong = await sent(shop, "mona", "diff", b"purpose = 1")
        assert "purpose" in wrong.text
        large = await sent(shop, "mona", "diff", b"x" * 2_000_001)
        assert large.text == "A charter file has at most 2,000,000 bytes."


@pytest.mark.parametrize(
    "command",
    ["status", "stats", "digest", "log", "review", "calibrate", "audit", "charter show", "mode nudge", "promise off",
     "channel watch workshop", "channel unwatch workshop", "charter channel workshop social:yes",
     "charter example belongs x", "undo", "pause", "resume", "setup mode:nudge", "move 1712345678.123456"],
)  # fmt: skip
async def test_members_are_told_that_it_is_for_moderators(command: str) -> None:
    async with a_shop() as shop:
        answer = await ask(shop, "ann", f"/relevance {command}")
        assert answer.text == "This is for the moderators. With /steward help you see what I can do for you."
        assert not answer.files


async def test_a_pause_and_its_end() -> None:
    async with a_shop() as shop:
        assert "Nothing is said to members until" in (await ask(shop, "mona", "/relevance pause 2,5")).text
        assert (await shop.rules())[1].paused_until is not None
        await ask(shop, "mona", "/relevance resume")
        assert (await shop.rules())[1].paused_until is None


async def test_a_move_is_shown_first_and_can_be_brought_back() -> None:
    async with a_shop(admin=True) as shop:
        first = shop.talk()[0]
        await shop.settle()
        asked = await ask(shop, "mona", f"/relevance move <{shop.link(first)}>")
        assert "1 post by 1 person would go to" in asked.text
        await press(shop, "mona", asked, "Move it")
        await shop.settle()
        assert any(first.text in each.text for each in shop.channels["teabreak"].in_order())
        undone = await ask(shop, "mona", "/relevance undo")
        await press(shop, "mona", undone, "Bring back 1")
        await shop.settle()
        assert any(first.text in each.text for each in shop.channels["workshop"].in_order())


# --- the menu of a message -------------------------------------------------------------------------------------------


async def test_why_in_the_menu() -> None:
    async with a_shop() as shop:
        post = shop.post("pete", "business", AN_OFFER)
        await shop.settle()
        assert "Taken for: a pitch" in (await menu(shop, "mona", WHY, post)).text
        assert "about your own posts" in (await menu(shop, "ann", WHY, post)).text
        assert "an offer" in (await menu(shop, "pete", WHY, post)).text


async def test_authors_move_their_own_post() -> None:
    async with a_shop() as shop:
        post = shop.post("ann", "workshop", "who saw the game?")
        await shop.settle()
        asked = await menu(shop, "ann", MOVE, post)
        assert asked.labels == ["Move it", "Leave it"]
        assert (await press(shop, "ann", asked, "Leave it")).text == "Everything stays where it is."
        assert "no post of yours" in (await menu(shop, "ben", MOVE, post)).text


async def test_a_pitch_that_somebody_points_out_becomes_a_card() -> None:
    async with a_shop() as shop:
        post = shop.post("pete", "business", "this saw of mine & <that drill>")
        await shop.settle()
        assert "Its card is on the way" in (await menu(shop, "mona", PITCH, post)).text
        await shop.settle()
        assert shop.channels["moderators"].in_order()
        assert "Thank you" in (await menu(shop, "ann", PITCH, post)).text


async def test_what_belongs_is_said_to_belong() -> None:
    async with a_shop() as shop:
        post = shop.post("ann", "workshop", "which glue for oak?")
        await shop.settle()
        answer = await menu(shop, "mona", BELONGS, post)
        assert answer.labels == ["Keep it as an example"]
        asked = await press(shop, "mona", answer, "Keep it")
        assert asked.labels == ["Publish", "Drop"]
