"""Whatever is given, there are messages in order with unique keys or an ExportError of one line."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.errors import ExportError
from moderation.messages import Message
from tests.bot.history.factories import (
    Files,
    discord_channel,
    discord_file,
    discord_message,
    discord_user,
    packed,
    read_all,
    slack_files,
    slack_message,
    write_zip,
)

Way = tuple[str | int, ...]
DELETED = object()
ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=10)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    ANY_TEXT,
    st.sampled_from(
        ["", "U1", "500", "600", "1714554000.000000", "2024-05-01T09:00:00Z", "../x", "9" * 30, [], {}]
    ),
    st.lists(st.none() | ANY_TEXT, max_size=2),
    st.dictionaries(st.sampled_from(["id", "text", "type", "value"]), ANY_TEXT, max_size=2),
)
SLACK: Files = slack_files(
    {
        "general/2024-05-01.json": [
            slack_message(0, "one <@U2>", files=[{"name": "a.png", "mimetype": "image/png"}]),
            slack_message(5, "", blocks=[{"type": "rich_text", "elements": [{"type": "text", "text": "b"}]}]),
            slack_message(9, "", "U9", user_profile={"display_name": "x"}, attachments=[{"fallback": "c"}]),
        ],
        "tools/2024-05-01.json": [
            slack_message(3, "two", "U2", thread_ts="1714554000.000000", subtype="me_message")
        ],
    }
)
DISCORD: Files = {
    "general.json": discord_file(
        [
            discord_message(
                600, "one <@12>", 0, mentions=[discord_user("12", "joe")], embeds=[{"title": "a"}]
            ),
            discord_message(
                602, "", 5, type="Reply", reference={"messageId": "600"}, stickers=[{"name": "s"}]
            ),
        ]
    ),
    "thread.json": discord_file(
        [discord_message(601, "two", 3, forwardedMessage={"content": "x"}, poll={"question": {"text": "y"}})],
        discord_channel("600", "thread", type="GuildPublicThread", categoryId="500"),
    ),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def messages_or_sentence(path: Path) -> list[Message]:
    try:
        messages = read_all(path)
    except ExportError as error:
        sentence = str(error)
        assert sentence.endswith(".")
        assert sentence.isprintable()
        return []
    times = [message.posted_at for message in messages]
    assert times == sorted(times)
    assert len({message.key for message in messages}) == len(messages)
    for message in messages:
        f"{message}".encode()
    return messages


def places_in(value: object, path: Way = ()) -> list[Way]:
    """The way to every value inside of `value`."""
    items: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [way for key, inner in items for way in [(*path, key), *places_in(inner, (*path, key))]]


def changed(files: Files, way: Way, value: object = DELETED) -> Files:
    """A copy of `files` in which what is at the end of the way is deleted or replaced."""
    found = copy.deepcopy(files)
    container: Any = found  # a dict or a list, as places_in found it
    for key in way[:-1]:
        container = container[key]
    if value is DELETED:
        del container[way[-1]]
    else:
        container[way[-1]] = value
    return found


def value_at(files: Files, way: Way) -> object:
    value: Any = files
    for key in way:
        value = value[key]
    return copy.deepcopy(value)


def zipped_export(place: Path, files: Files) -> Path:
    return write_zip(place / "export.zip", {name: packed(content) for name, content in files.items()})


@given(st.binary(max_size=300))
def test_arbitrary_bytes(place: Path, content: bytes) -> None:
    for name in ("export.zip", "export.json"):
        (place / name).write_bytes(content)
        messages_or_sentence(place / name)


@given(
    st.binary(max_size=100),
    st.sampled_from(["users.json", "channels.json", "general/2024-05-01.json", "x.json"]),
)
def test_arbitrary_bytes_as_a_file_of_an_export(place: Path, content: bytes, name: str) -> None:
    messages_or_sentence(zipped_export(place, SLACK | {name: content}))
    messages_or_sentence(zipped_export(place, DISCORD | {name: content}))


@given(st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner), max_leaves=8))
def test_arbitrary_json_as_a_file_of_an_export(place: Path, content: object) -> None:
    for name in ("users.json", "channels.json", "general/2024-05-01.json"):
        messages_or_sentence(zipped_export(place, SLACK | {name: [content]}))
    messages_or_sentence(zipped_export(place, {"a.json": discord_file([content])}))


@given(st.sampled_from([SLACK, DISCORD]), st.data())
def test_deleted_and_replaced_values(place: Path, files: Files, data: st.DataObject) -> None:
    way = data.draw(st.sampled_from(places_in(files)))
    messages_or_sentence(zipped_export(place, changed(files, way)))
    messages_or_sentence(zipped_export(place, changed(files, way, data.draw(VALUES))))


@given(st.sampled_from([SLACK, DISCORD]), st.data())
def test_values_from_elsewhere_in_the_export(place: Path, files: Files, data: st.DataObject) -> None:
    ways = places_in(files)
    to, source = data.draw(st.sampled_from(ways)), data.draw(st.sampled_from(ways))
    messages_or_sentence(zipped_export(place, changed(files, to, value_at(files, source))))


@given(st.sampled_from([SLACK, DISCORD]), st.data())
def test_flipped_and_missing_bytes_of_a_zip(place: Path, files: Files, data: st.DataObject) -> None:
    path = zipped_export(place, files)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))])
    messages_or_sentence(path)


@given(st.data())
def test_flipped_and_missing_bytes_of_json(place: Path, data: st.DataObject) -> None:
    content = bytearray(json.dumps(DISCORD["general.json"]).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (place / "export.json").write_bytes(
        content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))]
    )
    messages_or_sentence(place / "export.json")


def test_the_exports_that_are_mutated_are_right(place: Path) -> None:
    assert len(messages_or_sentence(zipped_export(place, SLACK))) == 4
    assert len(messages_or_sentence(zipped_export(place, DISCORD))) == 3
