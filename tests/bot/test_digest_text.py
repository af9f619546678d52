"""The words of a digest: every sentence kind and plain, empty states said, nothing that people wrote read as a pattern."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.digest_text import headline, text_of, title
from bot.promise_text import standing_text
from moderation.deeds import Deed
from moderation.digest import Digest, Trust
from moderation.labels import Label
from moderation.messages import Kind
from moderation.move_actions import MoveStretch
from moderation.periods import period_of, week_of
from moderation.promise import Promise, Standing
from moderation.ruling_counts import RulingCounts
from moderation.stats import ChannelCounts, Counts
from tests.factories import CHATTER, MONDAY, ON_TOPIC, PITCH, UNSURE, a_message
from tests.moderation.plain_fold import Judged
from tests.moderation.test_digest import DAY, digest_of, nudge, talk

WORK: list[Judged] = [
    (a_message(500 + n, author=f"w{n % 7}", minutes=180 * n + 30), ON_TOPIC) for n in range(50)
]


def busy() -> Digest:
    """A week with everything in it, after another one."""
    judged = [
        *WORK,
        *[(a_message(n, minutes=7 * DAY + 200 * n), ON_TOPIC) for n in range(40)],
        *[
            (a_message(900 + n, author=f"p{n}", minutes=7 * DAY + 3_000 + n, text="football"), CHATTER)
            for n in range(6)
        ],
        (a_message(990, author="eve", minutes=7 * DAY + 5_000, channel="C2"), PITCH),
    ]
    at = MONDAY + timedelta(days=9)
    move = MoveStretch("C1/00900", "C3", ("00900",), ("p0",), by="p0")
    deeds = [replace(nudge("C1/00900"), at=at), Deed(move, "C1", at)]
    return digest_of(
        judged, period=week_of(MONDAY + timedelta(days=7), "UTC"), known={"ann", "p0"}, deeds=deeds
    )


def test_a_full_digest_says_everything_there_is() -> None:
    text = text_of(busy())
    for said in (
        "Bench & Plane: the week of 9–15 March 2026",
        "of 47 posts served the purpose.",
        "The period before it was 100\u00a0%",
        "6 casual posts in channels for work (0 in the period before).",
        "One pitch (0 in the period before), one by somebody who had never talked with anyone here.",
        "One talk drifted off, 6 posts long (0 in the period before).",
        "Busiest hours of drift: Wednesday 11:00–12:00 (6 posts) (UTC time).",
        "in words that at least five people used: football.",
        "One talk got a kind line.",
        "What came after the kind lines: one talk was moved.",
        "One move, with one post: 1 by their authors’ own wish.",
        "5 people wrote for the first time, and 4 of them got an answer.",
        "• #business: 0\u00a0% of one post served the purpose, too few to say much",
        "Nobody ruled on anything in this time",
        "No error promise is set.",
    ):
        assert said in text


@pytest.mark.parametrize(
    "judged, said",
    [
        ([], "Quiet is fine."),
        (
            [(a_message(1, kind=Kind.JOIN), ON_TOPIC)],
            "nothing for Steward to read: one message that is never",
        ),
        ([(a_message(1), UNSURE)], "not sure enough about any of them"),
        ([(a_message(1), ON_TOPIC)], "A quiet time: with one post that Steward was sure about"),
        ([(a_message(1), ON_TOPIC)], "This is the first such period"),
        ([(a_message(1), ON_TOPIC)], "All of it was written on one day"),
        ([(a_message(1), ON_TOPIC)], "All of it stood in #workshop."),
        ([(a_message(1), ON_TOPIC)], "it said nothing to anybody, and moved nothing"),
        ([(a_message(1), ON_TOPIC)], "Nobody pitched anything."),
        ([(a_message(1), ON_TOPIC)], "No talk drifted off."),
        ([(a_message(1), ON_TOPIC)], "Who is new cannot be told yet"),
        ([(a_message(1), PITCH)], "There was no conversation."),
        (talk(1, 0), "No word was used there by five different people"),
    ],
)
def test_an_empty_state_is_said_plainly(judged: list[Judged], said: str) -> None:
    assert said in text_of(digest_of(judged))


def test_forgotten_texts_are_said() -> None:
    assert "its texts are not kept any more" in text_of(digest_of(talk(1, 0), kept=False))


def test_a_replay_says_that_nothing_was_said_and_asks_for_no_tap_on_a_card() -> None:
    text = text_of(replace(busy(), rehearsed=True))
    assert "A replay: nothing was said to anybody" in text
    assert "Nobody has ruled on a message of this time" in text
    assert "steward calibrate" in text
    assert "card is enough" not in text


@pytest.mark.parametrize(
    "standing",
    [
        Standing(None, 0, 0, 0, 78, None),
        Standing(0.75, 90, 80, 1, 0, 0.04),
        Standing(None, 20, 12, 0, 41, 0.2),
        Standing(None, 90, 80, 20, None, 0.35, MONDAY),
    ],
)
def test_where_the_promise_stands_is_said_as_everywhere(standing: Standing) -> None:
    trust = Trust(promise=Promise(), standings={Label.CHATTER: standing, Label.PITCH: standing})
    lines = text_of(replace(busy(), trust=trust)).splitlines()
    assert "• The promise: at most 5 wrong nudges in 100, 95 % sure." in lines
    assert f"• Casual talk: {standing_text(standing, Promise(), Label.CHATTER)}" in lines
    assert f"• Pitches: {standing_text(standing, Promise(), Label.PITCH)}" in lines


def test_a_promise_that_cannot_be_read_is_said() -> None:
    text = text_of(replace(busy(), trust=Trust(unreadable="'the moon' is no promise")))
    assert "cannot be read, so nothing is said to members: 'the moon' is no promise." in text
    assert "No error promise is set" not in text


def test_rulings_are_told_with_what_they_are_worth() -> None:
    counts = RulingCounts(right=11, wrong=1, missed=1, drawn=9, disputed=1, objections=2, open=1)
    text = text_of(replace(busy(), trust=Trust(counts)))
    assert "Moderators ruled on 13 cases: 11 flags were right, one flag was wrong and one was missed." in text
    assert "Drawn at random among these: 9." in text
    assert "On one of them moderators disagree" in text
    assert "2 times authors said that it belongs there." in text


def test_texts_that_are_too_many_to_read_are_not_called_forgotten() -> None:
    words = replace(busy().words, read=5_000, posts=9_000)
    assert "Told from 5,000 of its 9,000 posts: of the latest 5,000," in text_of(replace(busy(), words=words))


def test_what_people_wrote_is_no_pattern() -> None:
    line = replace(busy().channels[0], channel=ChannelCounts("C9", "{posts} {share}", Counts(on_topic=3)))
    text = text_of(replace(busy(), community="{period}", channels=(line, line)))
    assert text.startswith("{period}: the week of")
    assert "#{posts} {share}: 100\u00a0% of 3 posts" in text


def test_every_phrase_is_filled_in_whole() -> None:
    standings = {Label.CHATTER: Standing(None, 20, 12, 0, 41, 0.2)}
    full = replace(busy(), trust=Trust(RulingCounts(1, 2, 3, 4, 5, 6, 7, 8), Promise(), standings))
    for digest in (full, digest_of([]), digest_of(talk(1, 0)), digest_of(WORK, channel="C1")):
        assert not re.search(r"\{\w+\}", text_of(digest))


def test_the_title_is_as_short_as_it_can_be() -> None:
    digest = digest_of(WORK)

    def titled(first: str, end: str) -> str:
        first_day, end_day = (MONDAY.date().fromisoformat(day) for day in (first, end))
        return title(replace(digest, period=period_of(first_day, end_day, "UTC")))

    assert titled("2026-03-02", "2026-03-03").endswith(": 2 March 2026")
    assert titled("2026-03-03", "2026-03-10").endswith(": 3–9 March 2026")
    assert titled("2026-02-25", "2026-03-02").endswith(": 25 February – 1 March 2026")
    assert titled("2025-12-30", "2026-01-02").endswith(": 30 December 2025 – 1 January 2026")
    assert title(digest_of(WORK, channel="C1")).startswith("Bench & Plane, #workshop: the week of")


def test_no_sentence_counts_one_in_the_plural() -> None:
    assert headline(digest_of([(a_message(1), ON_TOPIC)])) == "100\u00a0% of one post served the purpose."
