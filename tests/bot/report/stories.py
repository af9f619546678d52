"""A made-up week with something of everything, and what is reported of it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.report.page import render
from bot.report.rows import Facts
from moderation.charter import Charter
from moderation.policy import Mode, Policy
from moderation.rehearsal import Rehearsal
from moderation.stats import Report, count
from tests.factories import CHATTER, ON_TOPIC, PITCH, UNSURE, a_charter, a_message
from tests.moderation.plain_fold import Decided, Judged, stored
from tests.moderation.test_rehearsal import rehearsed

OFFER = Policy(mode=Mode.OFFER)
FACTS = Facts("bench.zip", "test-model", took=2.0, notes=("This charter is a draft.",))


def a_week() -> list[Judged]:
    """Seven days: work, a stretch that drifts each morning, a drive-by in three channels, doubts, a greeting."""
    judged: list[Judged] = []
    for day in range(7):
        start, first = 24 * 60 * day, 100 * day
        judged += [
            (a_message(first + n, author=("ann", "ben")[n % 2], minutes=start + n), ON_TOPIC)
            for n in range(5)
        ]
        judged += [
            (
                a_message(first + n, author=("ann", "ben", "cleo")[n % 3], minutes=start + n, text="cake!"),
                CHATTER,
            )
            for n in range(5, 9 + day)
        ]
        judged.append((a_message(first + 50, author="dora", minutes=start + 200), UNSURE))
    text = "book my pricing course, ten seats left"
    judged += [
        (a_message(900 + n, author="eve", minutes=7 * 24 * 60 + n, channel=channel, text=text), PITCH)
        for n, channel in enumerate(("C1", "C2", "C3"))
    ]
    judged.append(
        (a_message(950, author="fay", minutes=7 * 24 * 60 + 9, text="hi all, glad to be here"), CHATTER)
    )
    return judged


def decided(
    judged: Sequence[Judged], charter: Charter | None = None, policy: Policy = OFFER
) -> list[Decided]:
    return stored(judged, charter or a_charter(), policy)


def reported(
    judged: Sequence[Judged], charter: Charter | None = None, policy: Policy = OFFER
) -> tuple[Report, Rehearsal]:
    charter = charter or a_charter()
    read = [pair for pair in judged if charter.is_watched(pair[0].key.channel, pair[0].channel_name)]
    return count(decided(judged, charter, policy), charter, policy), rehearsed(read, charter, policy)


def page_of(
    judged: Sequence[Judged], charter: Charter | None = None, policy: Policy = OFFER, facts: Facts = FACTS
) -> str:
    """The page as a replay would make it."""
    charter = charter or a_charter()
    report, rehearsal = reported(judged, charter, policy)
    texts = {message.key: message for message, _ in judged}
    wanted = {key: texts[key] for key in report.example_keys()}
    return render(report, rehearsal, charter, policy, wanted, facts)
