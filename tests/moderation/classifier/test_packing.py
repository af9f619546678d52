"""Texts of several lengths in one computation: nobody loses a token, and nobody sees another's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from moderation.classifier.packing import HIDDEN, TOGETHER, Packed, Reading, looked_at, parts

LENGTHS = st.lists(st.integers(1, 12), min_size=1, max_size=8)


def a_reading(length: int, mark: int) -> Reading:
    """A reading whose tokens carry its mark and their own number."""
    kept = np.zeros((2, length, 4), dtype=np.float32)
    kept[:, :, 0], kept[:, :, 1] = mark, np.arange(length)
    return Reading(np.zeros((length, 2), np.float32), kept, np.zeros(2, np.float32))


@given(LENGTHS)
def test_rows_of_equal_length_hold_every_token_once(lengths: list[int]) -> None:
    packed = Packed.of(lengths)
    places, hidden, at = (packed.feed[name] for name in ("places", "hidden", "at"))
    assert places.shape == hidden.shape == (len(lengths), max(lengths))
    assert places.reshape(-1)[at].tolist() == list(range(sum(lengths)))
    assert [(row == 0).sum() for row in hidden] == lengths
    assert set(hidden.reshape(-1).tolist()) <= {0.0, HIDDEN}
    assert [end - start for start, end in packed.spans] == lengths


TEXTS = [a_reading(length, mark) for mark, length in enumerate((3, 1, 5, 2, 4), start=1)]
BESIDE = st.lists(
    st.dictionaries(st.integers(0, 4), st.sampled_from(TEXTS), max_size=5).map(
        lambda found: sorted(found.items(), key=lambda one: one[0])
    ),
    min_size=1,
    max_size=6,
)


@given(BESIDE)
def test_each_message_sees_just_the_tokens_beside_it_each_in_its_slot(
    rows: list[list[tuple[int, Reading]]],
) -> None:
    feed = looked_at(rows, TEXTS[0].kept)
    everybodys = [
        (slot, *token[:2])
        for slot, token, hidden in zip(
            feed["shared_slots"], feed["shared"][0], feed["shared_hidden"], strict=True
        )
        if hidden == 0
    ]
    for row, look, unseen in zip(rows, feed["look"], feed["unseen"], strict=True):
        own = [
            (feed["slots"][place], *feed["kept"][0][place][:2])
            for place, hidden in zip(look, unseen, strict=True)
            if hidden == 0
        ]
        wanted = [(slot, *token[:2]) for slot, reading in row for token in reading.kept[0]]
        assert sorted(everybodys + own) == sorted(wanted)


def test_what_all_messages_look_at_is_there_once() -> None:
    charter, line = TEXTS[2], TEXTS[0]
    feed = looked_at([[(0, charter), (2, line)], [(0, charter)], [(0, charter), (3, line)]], charter.kept)
    assert (feed["shared_hidden"] == 0).sum() == 5
    assert feed["kept"].shape[1] == 1 + 2 * 3


@given(st.lists(st.integers(1, 2 * TOGETHER)))
def test_parts_keep_the_order_and_stay_small(lengths: list[int]) -> None:
    lengths = sorted(lengths)
    found = list(parts(lengths, lengths))
    assert [one for part in found for one in part] == lengths
    assert all(len(part) == 1 or len(part) * max(part) <= TOGETHER for part in found)
