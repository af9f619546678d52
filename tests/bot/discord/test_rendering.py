"""rendering.py: what people wrote is harmless, copies lose nothing, buttons know what they are about."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.discord import rendering
from bot.discord.inbound import message_from, posted_in
from bot.discord.names import DiscordNames
from bot.discord.phrases import PHRASES
from bot.letters import LETTERS
from bot.wording import LANGUAGES, Voice, word
from moderation.actions import Answered, PitchCard, RestorePitch, ReturnText, ShowAppeal
from moderation.conversation import Stretch
from moderation.draws import Draw, Occasion
from moderation.labels import Label
from moderation.messages import Attachment, ContextLine, Message, MessageKey, Platform
from moderation.move_actions import MoveStretch
from moderation.notices import AppealShown, DrawnShown, Notice, PassedShown, PitchShown, TextReturned
from moderation.ports import Button
from moderation.report_actions import ShowObjection
from tests.bot.discord.gateway import Listener, heard, payload
from tests.factories import MONDAY

ENGLISH = Voice()
LONG = "9" * 20  # the longest snowflake: 64 bits without a sign
NAME = f"{LONG}/{LONG}"
TRAP = "**Ruled: fine** <@1> @everyone [safe](https://evil.example)\n> fine\n# big\n```code"
BUTTONS = st.sampled_from(Button)
CARD = PitchCard("5/6", "5/6", "7", drive_by=True, exchanges=0)


def translated(name: str, **changed: object) -> tuple[Message, discord.Message]:
    message = heard(name, **changed)
    where = posted_in(message.channel)
    assert where is not None
    return message_from(message, where), message


# --- texts of people -------------------------------------------------------------------------------------------


@given(st.text())
def test_a_defused_text_shows_as_it_is(text: str) -> None:
    assume("://" not in text)
    assert (
        re.sub(r"\\([^0-9A-Za-z\s])", r"\1", rendering.defused(text)) == text
    )  # what Discord's own escape does


@given(
    st.lists(st.sampled_from([*"\\*_~|`[]()<@#>-! \nab19", "https://a.example/"]), max_size=40).map("".join)
)
def test_no_markup_is_left_outside_of_links(text: str) -> None:
    bare = re.sub(r"https://a\.example/\S*|\\.", "x", rendering.defused(text))
    assert not set("*~`[<@") & set(bare)
    assert not re.search(r"^\s*[#>-]", bare, re.MULTILINE)


@pytest.mark.parametrize(
    "text, shown",
    [
        ("¯\\_(ツ)_/¯", "¯\\\\\\_(ツ)\\_/¯"),
        ("see https://a.example/a_b_c, *now*", "see https://a.example/a_b_c, \\*now\\*"),
        ("[safe](https://evil.example)", "\\[safe\\](https://evil.example)"),
        ("  # big\n-# small\n> q\na - b # c", "  \\# big\n\\-# small\n\\> q\na - b # c"),
        ("<@&1> @here ||x||", "\\<\\@&1> \\@here \\|\\|x\\|\\|"),
        ("", ""),
    ],
)
def test_markup_is_escaped_and_links_stay(text: str, shown: str) -> None:
    assert rendering.defused(text) == shown


@pytest.mark.parametrize(
    "notice",
    [
        PitchShown(CARD, "*Bob*\n# x", TRAP, ("the words “*buy*\n> now”",), None),
        AppealShown("5", "7", "*Bob*\n# x", TRAP),
        DrawnShown("5", TRAP, Label.PITCH, 0.9),
    ],
)
def test_a_card_shows_what_people_wrote_as_a_quotation(notice: Notice) -> None:
    said = word(rendering.harmless(notice), ENGLISH, DiscordNames(Listener().here))
    assert (
        "> \\*\\*Ruled: fine\\*\\* \\<\\@1> \\@everyone \\[safe\\](https://evil.example)\n> \\> fine\n> \\# big"
        in said
    )
    assert "\n#" not in said
    assert "*Bob*" not in said
    assert "*buy*" not in said


def test_what_stood_before_is_harmless_in_one_line() -> None:
    for shown in (
        DrawnShown("5", "x", Label.PITCH, 0.9, before=(ContextLine("*Bob*", "a\n# b"),)),
        PassedShown("5", "x", before=(ContextLine("*Bob*", "a\n# b"),)),
    ):
        cleaned = rendering.harmless(shown)
        assert isinstance(cleaned, DrawnShown | PassedShown)
        assert (cleaned.text, cleaned.before) == ("> x", (ContextLine("\\*Bob\\*", "a # b"),))


def test_an_author_gets_their_text_back_as_they_wrote_it() -> None:
    told = rendering.harmless(TextReturned("5", "*two*\nlines"))
    assert told == TextReturned("5", "> *two*\n> lines")
    assert rendering.harmless(TextReturned("5", "")) == TextReturned("5", "")
    assert rendering.harmless(CARD) is CARD


# --- copies ----------------------------------------------------------------------------------------------------


def test_a_copy_says_whose_it_is_what_it_answers_and_what_was_said() -> None:
    message, source = translated("reply")
    asked = payload("post")["id"]
    assert rendering.copied("Mara · moved", message, source, (), ENGLISH) == (
        "-# Mara · moved\n"
        "-# ↪ Joe: … \\@Mara which glue? \\*asap\\* "
        f"https://discord.com/channels/1200000000000000077/1200000000000000500/{asked}\n"
        "epoxy"
    )


@pytest.mark.parametrize("name", ["reply_to_deleted", "reply"])
def test_of_an_answered_message_that_is_not_known_there_is_a_link(name: str) -> None:
    message, source = translated(name)
    link = f"https://discord.com/channels/1200000000000000077/1200000000000000500/{message.reply_to}"
    assert rendering.answered(message, source if name == "reply_to_deleted" else None) == f"-# ↪ {link}"


def test_a_copy_has_the_markup_of_that_revision_and_else_what_people_saw() -> None:
    message, source = translated("mentions")
    assert rendering.copied("", message, source, ()) == source.content
    assert rendering.copied("", message, None, ()) == message.text
    assert rendering.copied("", replace(message, revision=7), source, ()) == message.text
    _, earlier_copy = translated("post")
    assert rendering.copied("", message, earlier_copy, ()) == message.text


@pytest.mark.parametrize(
    "name, text",
    [
        ("sticker", "-# Sticker: Wave"),
        ("poll", "-# Poll: Lunch? (Soup / Salad)"),
        ("forward", "-# Forwarded\nold words for @1200000000000000012"),
        ("link_unfurled", "see https://timber.example/oak"),
        ("files", ""),
    ],
)
def test_what_cannot_be_copied_is_there_in_words(name: str, text: str) -> None:
    message, source = translated(name)
    assert rendering.copied("", message, source, (), ENGLISH) == text


def test_a_file_that_is_too_large_is_named_with_its_size() -> None:
    message, source = translated("files")
    text = rendering.copied("", message, source, source.attachments[1:], Voice("de"))
    assert text.splitlines() == [
        "-# Eine Datei von 30 MB, die nicht mitkommen konnte: saw.mp4",
        "-# Eine Datei von 4 kB, die nicht mitkommen konnte: voice-message.ogg",
        "-# Eine Datei von 1 kB, die nicht mitkommen konnte: plan",
    ]


def test_every_language_has_every_word_with_its_names() -> None:
    assert tuple(PHRASES) == LANGUAGES
    names = [{key: re.findall(r"\{\w+\}", words) for key, words in each.items()} for each in PHRASES.values()]
    assert all(sorted(map(sorted, each.values())) == sorted(map(sorted, names[0].values())) for each in names)
    assert all(each.keys() == names[0].keys() for each in names)
    assert rendering.hanging(Attachment("{size}", "sticker"), Voice("xx")) == "-# Sticker: {size}"


# --- buttons ---------------------------------------------------------------------------------------------------


def test_every_button_has_a_letter_of_its_own() -> None:
    assert set(LETTERS) == set(Button)
    assert len(set(LETTERS.values())) == len(Button)


@given(BUTTONS, st.text(min_size=1, max_size=78), st.sampled_from(["", "7", LONG]))
def test_a_press_says_what_was_asked(button: Button, subject: str, guild: str) -> None:
    custom_id = rendering.custom_id(button, subject, guild)
    assert 1 <= len(custom_id) <= 100
    assert rendering.pressed(custom_id) == (button, subject, guild)


@given(st.text(max_size=120))
def test_any_custom_id_can_be_read(custom_id: str) -> None:
    found = rendering.pressed(custom_id)
    assert found is None or rendering.custom_id(*found) == custom_id


@pytest.mark.parametrize("custom_id", ["", "u", "u:", "z:x", "-:x", "uu:x", "u1x:x", f"u{LONG}9:x"])
def test_what_is_not_ours_is_not_pressed(custom_id: str) -> None:
    assert rendering.pressed(custom_id) is None


@pytest.mark.parametrize(
    "subject, guild", [("", ""), ("x" * 99, ""), ("x" * 97, "12"), ("x", "guild"), ("x", "1" * 21)]
)
def test_what_does_not_fit_is_refused(subject: str, guild: str) -> None:
    with pytest.raises(ValueError, match="custom id"):
        rendering.custom_id(Button.UNDO, subject, guild)


def test_the_marker_of_everything_that_is_posted_fits() -> None:
    stretch = Stretch(NAME, LONG, None, MONDAY, MONDAY + timedelta(minutes=9), (LONG,), (LONG,))
    move = MoveStretch(stretch.id, LONG, (LONG,), (LONG,), LONG).marker
    draw = Draw(
        MessageKey(Platform.DISCORD, LONG, LONG, LONG),
        0,
        Occasion.NOT_FLAGGED,
        Label.PITCH,
        0.9,
        0.1,
        0.1,
        MONDAY,
        "m",
        "c",
    )
    posted = [
        f"nudge:{NAME}",
        f"lone:{LONG}",
        move,
        *(f"{move}:{end}" for end in ("header", "pointer", "given_up", f"copy:{LONG}", f"back:{LONG}")),
        f"card:{NAME}",
        draw.subject,
        ShowAppeal(NAME, NAME, LONG).marker,
        ShowObjection(f"nudge:{NAME}", LONG, LONG).marker,
        RestorePitch(NAME, NAME, LONG, LONG).marker,
    ]
    assert max(len(rendering.custom_id(Button.UNDO, marker)) for marker in posted) <= 100
    told = [
        f"lone:{LONG}",
        f"flood:{LONG}",
        ReturnText(NAME, NAME, LONG).marker,
        f"answered:{NAME}:{Answered.POST_AGAIN}",
    ]
    assert max(len(rendering.custom_id(Button.APPEAL, marker, LONG)) for marker in told) <= 100


def test_buttons_stand_five_a_row() -> None:
    assert [len(row) for row in rendering.rows([Button.WHY] * 12)] == [5, 5, 2]
    assert rendering.rows([]) == []
    with pytest.raises(ValueError, match="26"):
        rendering.rows([Button.WHY] * 26)


def posted_with(view: discord.ui.View) -> discord.Message:
    return heard("own", components=view.to_components())


def labels(view: discord.ui.View) -> list[list[tuple[Any, ...]]]:
    return [[(each["label"], each["disabled"]) for each in row["components"]] for row in view.to_components()]


def test_a_post_carries_its_marker_on_its_buttons() -> None:
    view = rendering.view((Button.MOVE_MINE, Button.WHY), "nudge:5/6", Voice("de"), guild="77")
    assert labels(view) == [[("Zieh es für mich um", False), ("Warum?", False)]]
    assert rendering.marker_of(posted_with(view)) == "nudge:5/6"


def test_a_post_without_buttons_carries_it_on_one_that_nobody_can_press() -> None:
    view = rendering.view((), "move:5/6:7:header", ENGLISH)
    assert labels(view) == [[("·", True)]]
    assert rendering.marker_of(posted_with(view)) == "move:5/6:7:header"


@pytest.mark.parametrize("name", ["post", "bot_of_embeds"])
def test_other_posts_carry_none(name: str) -> None:
    assert rendering.marker_of(heard(name)) == ""


async def test_discord_py_keeps_no_view_for_what_was_posted() -> None:
    assert rendering.view((Button.UNDO,), "move:5/6:7:pointer", ENGLISH).is_finished()
