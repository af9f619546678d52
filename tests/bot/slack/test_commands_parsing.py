"""What people type behind a command: understood where it can be, and else answered with how to write it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.commands.dispatch import ASKED, OPENED
from bot.slack.commands.parsing import channel_in, message_in, parsed, plain
from bot.slack.commands.table import COMMANDS, TABLE, Command, Kind, below, help_text, usage_hint
from moderation.errors import BadInput

DOCS = Path(__file__).parents[3] / "docs"
LINK = "https://bench.slack.com/archives/C012345678/p1712345678123456"


@pytest.mark.parametrize(
    "root, text, path, options",
    [
        ("relevance", "status", "relevance status", {}),
        ("relevance", "  Charter   SHOW ", "relevance charter show", {}),
        ("relevance", "stats 14", "relevance stats", {"days": 14.0}),
        ("relevance", "stats days:14", "relevance stats", {"days": 14.0}),
        ("relevance", "stats DAYS: 14", "relevance stats", {"days": 14.0}),
        ("relevance", "pause 2,5", "relevance pause", {"hours": 2.5}),
        ("relevance", "mode nudge", "relevance mode", {"mode": "nudge"}),
        (
            "relevance",
            "mode move confirm:move whole talks",
            "relevance mode",
            {"mode": "move", "confirm": "move whole talks"},
        ),
        (
            "relevance",
            "promise at most 5 wrong nudges in 100, 95 % sure",
            "relevance promise",
            {"promise": "at most 5 wrong nudges in 100, 95 % sure"},
        ),
        (
            "relevance",
            'setup purpose:"Owners of shops: they talk" social:<#C012345678|lounge> moderators:#mods mode:observe',
            "relevance setup",
            {
                "purpose": "Owners of shops: they talk",
                "social": "C012345678",
                "moderators": "mods",
                "mode": "observe",
            },
        ),
        (
            "relevance",
            "setup purpose: Owners of shops, note: all of them social: #lounge",
            "relevance setup",
            {"purpose": "Owners of shops, note: all of them", "social": "lounge"},
        ),
        (
            "relevance",
            "setup who:<@U012345678|ann> <!subteam^S012345678|@helpers>, <@U012345678>",
            "relevance setup",
            {"who": ("U012345678", "S012345678")},
        ),
        ("relevance", "setup who:none", "relevance setup", {"who": ()}),
        ("relevance", "setup", "relevance setup", {}),
        (
            "relevance",
            "charter example casual Who's for lunch? channel:<#C012345678>",
            "relevance charter example",
            {"label": "casual", "text": "Who's for lunch?", "channel": "C012345678"},
        ),
        (
            "relevance",
            'charter example pitch “Say "hi", dm me” channel:general',
            "relevance charter example",
            {"label": "pitch", "text": 'Say "hi", dm me', "channel": "general"},
        ),
        (
            "relevance",
            "charter example belongs “What wood?” he asked",
            "relevance charter example",
            {"label": "belongs", "text": "“What wood?” he asked"},
        ),
        (
            "relevance",
            "charter channel <#C012345678|shop> social:no offers: YES",
            "relevance charter channel",
            {"channel": "C012345678", "social": False, "offers": True},
        ),
        (
            "relevance",
            f"move <{LINK}?thread_ts=1712345670.000000&amp;cid=C012345678> talk:yes",
            "relevance move",
            {"message": "C012345678/1712345678.123456", "talk": True},
        ),
        ("relevance", "undo", "relevance undo", {}),
        (
            "relevance",
            "undo 1712345678.123456",
            "relevance undo",
            {"message": "/1712345678.123456"},
        ),
        ("steward", "nudges direct", "steward nudges direct", {}),
        ("steward", "report <@U012345678|joe>", "steward report", {"sender": "U012345678"}),
        ("steward", f"why {LINK}", "steward why", {"message": "C012345678/1712345678.123456"}),
    ],
)
def test_it_is_understood(root: str, text: str, path: str, options: dict[str, object]) -> None:
    found = parsed(root, text)
    assert found.command.path == path
    assert found.given == options


@pytest.mark.parametrize(
    "root, text, words",
    [
        ("relevance", "stat", "There is no /relevance stat. Did you mean /relevance stats?"),
        ("relevance", "xyzzy", "There is no /relevance xyzzy. /steward help shows"),
        ("relevance", "", "What shall I do? Write setup, charter"),
        ("relevance", "charter", "/relevance charter what? Write /relevance charter show, "),
        ("steward", "nudges maybe", "/steward nudges what? Write /steward nudges on, "),
        ("steward", "why", "Message is missing: The link of the message. Write /steward why link"),
        ("steward", "why yesterday", "Give the link of a message"),
        ("relevance", "stats 93", 'days is a number from 1 to 92, not "93".'),
        ("relevance", "stats 1.5", 'days is a number from 1 to 92, not "1.5".'),
        ("relevance", "stats nan", 'days is a number from 1 to 92, not "nan".'),
        ("relevance", "pause inf", "hours is a number from 0.5 to 168"),
        ("relevance", "stats 3 4", 'I do not understand "4" there. Write /relevance stats [number]'),
        ("relevance", "stats days:3 days:4", "days is there twice: give it once."),
        ("relevance", "mode full", 'mode is observe, nudge, offer or move, not "full".'),
        ("relevance", "move " + LINK + " talk:perhaps", 'talk is yes or no, not "perhaps".'),
        ("relevance", "setup who:everybody", "who is people and user groups"),
        ("relevance", "setup social:#", "Give a channel, such as #general."),
        ("steward", "report ann", 'sender is a person, such as @ann, not "ann".'),
        ("relevance", "charter example fun x", 'label is belongs, casual or pitch, not "fun".'),
    ],
)
def test_what_cannot_be_understood_is_answered_with_how_to_write_it(root: str, text: str, words: str) -> None:
    with pytest.raises(BadInput) as error:
        parsed(root, text)
    assert str(error.value).startswith(words)


def understood(root: str, text: str) -> Command | None:
    """The command that was typed; None where that was refused, in words."""
    try:
        return parsed(root, text).command
    except BadInput as error:
        said = str(error)
    assert said.endswith((".", "]", "?")) or "Write" in said
    return None


@given(st.sampled_from(sorted(COMMANDS)), st.text(max_size=200))
def test_whatever_is_typed_is_understood_or_refused_in_words(root: str, text: str) -> None:
    assert understood(root, text) in (None, *below(root))


@given(st.sampled_from(TABLE), st.text(max_size=100))
def test_whatever_follows_a_command_it_stays_that_command(command: Command, rest: str) -> None:
    root, _, words = command.path.partition(" ")
    assert understood(root, f"{words} {rest}") in (None, command)


PLAIN_TEXT = st.text(
    st.characters(exclude_characters='<>&"“”„«»', exclude_categories=["Cs", "Cc"]), min_size=1
).filter(lambda text: bool(text.strip()))


@given(PLAIN_TEXT, st.sampled_from(['"{}"', "“{}”", "„{}“", "«{}»"]))
def test_any_text_in_quotes_comes_as_it_is(text: str, quotes: str) -> None:
    found = parsed("relevance", f"setup purpose:{quotes.format(text)} mode:nudge")
    assert found.given == {"purpose": text.strip(), "mode": "nudge"}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_that_slack_escaped_is_shown_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain(escaped) == text


@given(
    st.from_regex(r"C[A-Z0-9]{8,10}", fullmatch=True),
    st.integers(10**9, 10**10 - 1),
    st.integers(0, 999_999),
)
def test_the_link_of_any_message_leads_back_to_it(channel: str, seconds: int, rest: int) -> None:
    link = f"https://bench.slack.com/archives/{channel}/p{seconds}{rest:06}"
    assert message_in(link) == message_in(f"<{link}>") == f"{channel}/{seconds}.{rest:06}"


@pytest.mark.parametrize("written", ["<#C012345678|lounge>", "<#C012345678>", "C012345678"])
def test_a_channel_is_found_however_it_is_written(written: str) -> None:
    assert channel_in(written) == "C012345678"


def test_a_channel_that_slack_did_not_mark_goes_by_its_name() -> None:
    assert channel_in("#Lounge") == channel_in("lounge") == "lounge"


# --- one table -------------------------------------------------------------------------------------------------------


def test_the_commands_are_those_of_discord() -> None:
    moderators = (
        "setup, charter show, charter edit, charter channel, charter example, channel watch, channel unwatch, mode, promise, diff, "
        "status, stats, digest, log, review, calibrate, audit, move, undo, pause, resume"
    )
    everyone = "help, why, my-data, forget-me, nudges on, nudges off, nudges direct, report"
    assert [each.path for each in below("relevance")] == [
        f"relevance {each}" for each in moderators.split(", ")
    ]
    assert [each.path for each in below("steward")] == [f"steward {each}" for each in everyone.split(", ")]


def test_every_command_is_answered_in_one_way() -> None:
    assert {*ASKED, *OPENED} == {command.path for command in TABLE}
    assert not ASKED.keys() & OPENED.keys()
    assert set(OPENED) == {command.path for command in TABLE if command.form}


def test_positional_options_come_first_and_needed_ones_before_others() -> None:
    for command in TABLE:
        order = [(not option.positional, not option.needed) for option in command.options]
        assert order == sorted(order)
        assert all(option.most for option in command.options if option.kind is Kind.NUMBER)


def test_the_help_has_every_command_within_what_slack_shows() -> None:
    for root in COMMANDS:
        assert all(f"/{command.path}" in help_text(root) for command in below(root))
        assert len(usage_hint(root)) <= 1_000


@pytest.mark.parametrize("root", sorted(COMMANDS))
def test_the_documents_show_the_same_table(root: str) -> None:
    text = (DOCS / "platforms.md").read_text("utf-8")
    heading = f"| /{root} |"
    table = re.search(rf"^{re.escape(heading)}.*\n\| --- \| --- \|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table, f"no table of /{root}"
    rows = [line.strip("|\n").replace("\\|", "¦").split("|") for line in table[1].splitlines()]
    shown = [(cells[0].strip().strip("`").replace("¦", "|"), cells[1].strip()) for cells in rows]
    assert shown == [(command.usage.removeprefix(f"/{root} "), command.about) for command in below(root)]
