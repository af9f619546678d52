"""json_cursor.py: JSON in pieces of any size is what json.loads says, and every fault names its place."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.history.json_cursor import MAX_VALUE, JsonCursor
from moderation.errors import ExportError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=15,
)


def cursor(content: bytes, size: int = 7) -> JsonCursor:
    return JsonCursor("day.json", (content[at : at + size] for at in range(0, len(content), size)))


def elements(content: bytes, size: int = 7) -> list[object]:
    walker = cursor(content, size)
    found = list(walker.elements())
    walker.end()
    return found


def fault(content: bytes, size: int = 7) -> str:
    with pytest.raises(ExportError) as caught:
        elements(content, size)
    return str(caught.value)


@given(st.lists(JSON, max_size=6), st.integers(1, 40), st.booleans(), st.sampled_from([None, 1]))
def test_elements_are_what_the_standard_library_reads(
    rows: list[object], size: int, plain: bool, indent: int | None
) -> None:
    assert (
        elements(json.dumps(rows, ensure_ascii=plain, indent=indent).encode("utf-8", "replace"), size) == rows
    )


@given(st.dictionaries(st.text(), JSON, max_size=5), st.integers(1, 40))
def test_members_are_what_the_standard_library_reads(row: dict[str, object], size: int) -> None:
    walker = cursor(json.dumps(row).encode(), size)
    assert {key: walker.value() for key in walker.members()} == row
    walker.end()


@given(st.binary(max_size=200), st.integers(1, 40))
def test_arbitrary_bytes_are_values_or_an_export_error(content: bytes, size: int) -> None:
    with contextlib.suppress(ExportError):
        elements(b"[" + content, size)


def test_values_come_before_the_rest_is_read() -> None:
    def chunks() -> Iterator[bytes]:
        yield b'[{"a": 1}, {"a'
        pytest.fail("read ahead of need")

    assert next(JsonCursor("day.json", chunks()).elements()) == {"a": 1}


def test_a_number_cut_by_a_chunk_is_read_whole() -> None:
    assert elements(b"[12345, 678]", 3) == [12345, 678]


def test_a_fraction_stays_text_so_that_no_ts_is_rounded() -> None:
    assert elements(b"[1714554000.000100]") == ["1714554000.000100"]


def test_a_byte_order_mark_is_accepted() -> None:
    assert elements(b"\xef\xbb\xbf[1]", 1) == [1]
    assert "line 1, column 2" in fault(b"\xef\xbb\xbf[x]")


def test_another_encoding_is_named_with_its_byte() -> None:
    assert fault("[1]".encode("utf-16")).startswith("day.json is not UTF-8 at byte 0")
    assert fault(b'["abcdefgh\xff"]', 3).startswith("day.json is not UTF-8 at byte 10")
    assert fault(b'["ab\xe2\x82', 6).startswith("day.json is not UTF-8 at byte 4")


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_broken_json_is_named_with_line_and_column(size: int) -> None:
    assert fault(b'[\n {"a": 1},\n {"b" 2}\n]', size).startswith("day.json, line 3, column 7: broken JSON")
    assert fault(b"[1,\n 2\n 3]", size).startswith("day.json, line 3, column 2: broken JSON")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[", b"[1,", b"[1,]", b'["a', b"[tru", b'["\\u12', b"[1] x", b"[]]"]
)
def test_cut_off_or_wrong_json_is_a_fault(content: bytes) -> None:
    assert "broken JSON" in fault(content)


@pytest.mark.parametrize("content", [b"[NaN]", b"[-Infinity]", b"[" + b"1" * 5000 + b"]"])
def test_numbers_that_are_none_are_a_fault(content: bytes) -> None:
    assert "broken JSON" in fault(content)


def test_an_object_key_must_be_text() -> None:
    with pytest.raises(ExportError, match="line 1, column 2: broken JSON"):
        list(cursor(b"{1: 2}").members())


def test_nesting_too_deep_is_a_fault_and_takes_no_memory() -> None:
    assert "nested too deep" in fault(b"[" * 100_000, 16_384)


def test_a_text_of_a_megabyte_is_fine_and_one_past_the_limit_is_not() -> None:
    assert elements(b'["' + b"x" * 1_000_000 + b'"]', 16_384) == ["x" * 1_000_000]
    assert "longer than" in fault(b'["' + b"x" * (2 * MAX_VALUE + 100) + b'"]', 16_384)


def test_a_wrong_shape_can_be_named_by_the_caller() -> None:
    walker = cursor(b"[1,\n   2]", 2)
    rows = walker.elements()
    next(rows)
    next(rows)
    assert str(walker.fault("no message")).startswith("day.json, line 2, column 4: no message;")
