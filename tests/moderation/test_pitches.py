"""moderation/pitches.py: an edited copy stays on its card while it makes the same offer."""

from __future__ import annotations

import pytest

from moderation import pitches
from moderation.actions import PitchCard
from moderation.pitches import Pitches

FIRST, SECOND = "C1/00001", "C2/00002"
OFFER = "ten leads a day, dm me for a discount"
CARD = PitchCard(FIRST, SECOND, "pete", drive_by=True, exchanges=0, copies=(FIRST, SECOND))


@pytest.fixture
def known() -> Pitches:
    """One offer in two channels, on one card."""
    known = Pitches()
    known.read(FIRST, OFFER)
    known.read(SECOND, OFFER)
    known.show(PitchCard(FIRST, FIRST, "pete", drive_by=True, exchanges=0, copies=(FIRST,)))
    known.show(CARD)
    return known


@pytest.mark.parametrize(
    "text",
    [
        OFFER,
        OFFER.upper() + "!!",
        "twenty leads a day, dm me for a discount",
        f"{OFFER} (edit: only until friday)",
        OFFER.removesuffix(" for a discount"),
    ],
)
def test_the_same_offer_stays_on_its_card(known: Pitches, text: str) -> None:
    assert known.card_of(SECOND, text) == CARD


@pytest.mark.parametrize(
    "text", ["", "hm", "followers on sale, promo code in my profile", "which glue for oak?"]
)
def test_another_text_is_on_no_card(known: Pitches, text: str) -> None:
    assert known.card_of(SECOND, text) is None


def test_it_works_without_spaces_between_words() -> None:
    known = Pitches()
    known.read(FIRST, "每天十个新客户，现在联系我可以享受优惠价格")
    known.show(CARD)
    assert known.card_of(SECOND, "每天二十个新客户，现在联系我可以享受优惠价格！") == CARD
    assert known.card_of(SECOND, "出售粉丝，名额有限，请看我的个人主页链接") is None


def test_it_is_compared_with_what_the_card_shows_by_now(known: Pitches) -> None:
    known.read(FIRST, "followers on sale, promo code in my profile")
    assert known.card_of(SECOND, OFFER) is None


def test_a_copy_whose_first_post_was_deleted_is_on_its_own(known: Pitches) -> None:
    known.forget(FIRST)
    assert known.card_of(SECOND, OFFER) is None


def test_who_has_no_card_is_on_none(known: Pitches) -> None:
    assert known.card_of("C1/00003", OFFER) is None


def test_half_a_letter_is_no_error(known: Pitches) -> None:
    known.read(FIRST, f"{OFFER} \ud83d")
    assert known.card_of(SECOND, f"{OFFER} \ud83d!") == CARD


def test_only_the_latest_are_remembered(known: Pitches, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pitches, "REMEMBERED_PITCHES", 3)
    for number in range(3, 6):
        known.read(f"C1/{number:05d}", OFFER)
        known.show(PitchCard(FIRST, f"C1/{number:05d}", "pete", drive_by=True, exchanges=0))
    assert known.card_of(SECOND, OFFER) is None
    assert (len(known._said), len(known._cards)) == (3, 3)
