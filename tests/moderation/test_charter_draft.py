"""A draft of a charter from what channels say about themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.charter_draft import draft_from_channels, is_social_by, welcomes_promotion_by
from moderation.charter_file import parse, render
from moderation.messages import Channel
from moderation.policy import Policy

CHANNELS = (
    Channel("C0", "food", "Lunch, dinner and what the cat ate"),
    Channel("C1", "general", "This channel is for workspace-wide communication and announcements."),
    Channel("C2", "ovens", "Ovens,\nmixers and other machines."),
    Channel("C3", "random", ""),
    Channel("C4", "self-promo", "Tell us what you sell"),
    Channel("C5", "suppliers", "Flour, yeast and who delivers"),
)


def test_a_draft_says_what_the_channels_say() -> None:
    charter = draft_from_channels("Bakers", CHANNELS)
    assert charter.draft
    assert charter.name == "Bakers"
    assert charter.purpose == "Bakers: Ovens, mixers and other machines; Flour, yeast and who delivers."


def test_social_and_promotion_channels_are_guessed() -> None:
    charter = draft_from_channels("Bakers", CHANNELS)
    assert [entry.name for entry in charter.channels if entry.social] == ["random", "food"]
    assert [entry.name for entry in charter.channels if entry.promotion_welcome] == ["self-promo"]
    assert all(charter.is_watched(channel.id, channel.name) for channel in CHANNELS)


def test_without_purposes_the_names_speak() -> None:
    charter = draft_from_channels("Bakers", [Channel("1", "oven-help"), Channel("2", "random")])
    assert charter.purpose == "Bakers: oven help."


def test_without_channels_the_name_speaks() -> None:
    charter = draft_from_channels("", [])
    assert (charter.name, charter.purpose) == ("This community", "This community.")


@pytest.mark.parametrize(
    "name",
    "random watercooler water-cooler Off_Topic offtopic the-lounge social plauderecke kaffeeküche 🎉│random small-talk "
    "chit-chat random-de coffee-break pets-and-food off-topic-gaming".split(),
)
def test_a_social_channel_is_known_by_its_name(name: str) -> None:
    assert is_social_by(name)


@pytest.mark.parametrize(
    "name",
    "general social-media social-selling random-forests help food-safety music-licensing chat team".split(),
)
def test_other_channels_are_not(name: str) -> None:
    assert not is_social_by(name)


@pytest.mark.parametrize(
    "name",
    "showcase self-promo selfpromo jobs job-board noticeboard marketplace show-and-tell hiring".split(),
)
def test_a_place_for_promotion_is_known_by_its_name(name: str) -> None:
    assert welcomes_promotion_by(name)


@pytest.mark.parametrize("name", "print-jobs google-ads product-launches-help product general".split())
def test_other_places_are_not(name: str) -> None:
    assert not welcomes_promotion_by(name)


@pytest.mark.parametrize(
    "purpose, social",
    [
        ("A place for non-work-related flimflam, faffing, hodge-podge or jibber-jabber", True),
        ("Other channels are for work. This one’s just for fun.", True),
        ("The trade only; for off-topic please use #random", False),
        ("No small talk here", False),
        ("", False),
    ],
)
def test_a_social_channel_is_known_by_its_purpose(purpose: str, social: bool) -> None:
    assert is_social_by("floor-2", purpose) is social


@pytest.mark.parametrize(
    "purpose, welcome",
    [
        ("Share what you built with the others", True),
        ("Ask before you promote your shop. Don't promote your shop twice.", True),
        ("Please never promote your shop here", False),
        ("Job postings, with salary", True),
        ("No job postings", False),
    ],
)
def test_a_place_for_promotion_is_known_by_its_purpose(purpose: str, welcome: bool) -> None:
    assert welcomes_promotion_by("wall", purpose) is welcome


@given(st.text(), st.lists(st.builds(Channel, st.text(), st.text(), st.text(max_size=3_000)), max_size=5))
def test_any_channels_give_a_draft(name: str, channels: list[Channel]) -> None:
    charter = draft_from_channels(name, channels)
    assert charter.name
    assert 0 < len(charter.purpose) <= 2_000
    assert len(charter.channels) == len(channels)


def test_a_draft_can_be_written_down_and_kept() -> None:
    charter = draft_from_channels("Bakers", CHANNELS)
    kept, _ = parse(render(charter, Policy()), "charter.toml")
    assert kept.channels == charter.channels
