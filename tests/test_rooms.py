"""Rooms are read as they are written, and what does not fit is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.rooms import Room, RoomLine, read_rooms
from training.rows import room_rows

ROOM = """## t-knots | en | Riggers talk about ropes, knots and loads.
o/question | bowline or figure eight for a fixed loop?
c | yes mostly at night, you?

p | made a page about my boat / be gentle
o | eight, then a stopper
"""


def rooms_of(folder: Path, text: str) -> list[Room]:
    (folder / "rooms.txt").write_text(text, encoding="utf-8")
    return list(read_rooms(folder.glob("*.txt")))


def test_a_room_has_its_charter_and_its_messages_in_order(tmp_path: Path) -> None:
    (room,) = rooms_of(tmp_path, ROOM)
    assert (room.slug, room.language) == ("t-knots", "en")
    assert room.charter == "Riggers talk about ropes, knots and loads."
    assert room.lines[0] == RoomLine("on_topic", "question", "bowline or figure eight for a fixed loop?")
    assert room.lines[2] == RoomLine("pitch", "", "made a page about my boat\nbe gentle")


def test_several_rooms_stand_in_one_file(tmp_path: Path) -> None:
    rooms = rooms_of(tmp_path, ROOM + ROOM.replace("t-knots", "t-masts"))
    assert [(room.slug, len(room.lines)) for room in rooms] == [("t-knots", 4), ("t-masts", 4)]


def test_a_row_has_the_three_messages_before_it_newest_first(tmp_path: Path) -> None:
    rooms_of(tmp_path, ROOM)
    first, *_, last = room_rows(tmp_path.glob("*.txt"))
    assert first.context == ()
    assert last.context[0].startswith("made a page")
    assert last.context[2].startswith("bowline")
    assert last.own
    assert last.purpose.endswith("ropes, knots and loads.")


@pytest.mark.parametrize(
    "wrong, line",
    [
        ("o | before any head", 1),
        ("## t-knots en no bars", 1),
        (ROOM + "x | no such label", 7),
        (ROOM + "o |", 7),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(tmp_path: Path, wrong: str, line: int) -> None:
    with pytest.raises(ValueError, match=rf"rooms\.txt, line {line}: "):
        rooms_of(tmp_path, wrong)
