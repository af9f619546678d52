"""moderation/reports.py: which reports are about the same pitch."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.reports import Report, case_of, new_case, reporters
from tests.factories import MONDAY

OFFER = "Ten qualified leads a day, write me for the price list"
FIRST = Report("a", "ann", OFFER, "pete", MONDAY)
PUBLIC = Report("b", "ann", "short", "", MONDAY, "C1/00001")


@pytest.mark.parametrize(
    "text, sender, message, case",
    [
        ("TEN qualified leads a day - write me for the price-list!!", "", "", "a"),
        ("something else entirely, nothing to do with it", "@Pete", "", "a"),
        ("something else entirely, nothing to do with it", "", "C1/00001", "b"),
        ("short", "", "", None),
        ("something else entirely, nothing to do with it", "", "", None),
    ],
)
def test_the_same_text_or_sender_or_post_is_the_same_case(
    text: str, sender: str, message: str, case: str | None
) -> None:
    assert case_of(text, sender, message, [FIRST, PUBLIC]) == case


def test_nobody_counts_twice_or_for_their_own_post() -> None:
    again = Report("a", "ann", OFFER, "", MONDAY + timedelta(hours=1))
    own = Report("a", "pete", OFFER, "pete", MONDAY)
    other = Report("a", "bob", OFFER, "", MONDAY)
    assert reporters("a", [FIRST, again, own, PUBLIC]) == {"ann"}
    assert reporters("a", [FIRST, again, own, other]) == {"ann", "bob"}


def test_a_new_case_has_a_name_of_its_own() -> None:
    assert new_case("ann", MONDAY) != new_case("ann", MONDAY + timedelta(seconds=1))
    assert new_case("ann", MONDAY) != new_case("bob", MONDAY)
