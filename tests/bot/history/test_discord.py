"""discord.py: DiscordChatExporter's files, read through the front door."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.history import open_export
from moderation.errors import ExportError
from moderation.messages import Channel, Kind
from tests.bot.history.factories import (
    Files,
    discord_channel,
    discord_file,
    discord_message,
    discord_user,
    read_all,
    read_discord,
    write_folder,
    write_zip,
)

THREAD = discord_channel("600", "question", type="GuildPublicThread", categoryId="500", category="general")
TOOLS = discord_channel("501", "tools", topic="")


def files() -> Files:
    return {
        "general [500].json": discord_file(
            [discord_message(600, "root", 0), discord_message(3, "later", 30)]
        ),
        "threads/question [600].json": discord_file([discord_message(2, "in the thread", 20)], THREAD),
        "tools [501].json": discord_file([discord_message(1, "tool", 10)], TOOLS),
    }


def test_files_of_all_channels_come_in_order_of_time(tmp_path: Path) -> None:
    for path in (write_zip(tmp_path / "export.zip", files()), write_folder(tmp_path / "export", files())):
        found = [(each.key.channel, each.channel_name, each.thread, each.text) for each in read_all(path)]
        assert found == [
            ("500", "general", None, "root"),
            ("501", "tools", None, "tool"),
            ("500", "general", "600", "in the thread"),
            ("500", "general", None, "later"),
        ]


def test_an_export_tells_about_itself(tmp_path: Path) -> None:
    with open_export(write_zip(tmp_path / "export.zip", files())) as export:
        assert (export.platform, export.community, export.community_name) == ("discord", "77", "Ledger Lane")
        assert export.channels == (Channel("500", "general", "about ledgers"), Channel("501", "tools"))
        assert export.members == {"11": "Mara"}
        assert export.total == 4
        assert export.notes == ()


def test_a_thread_alone_belongs_to_its_parent_channel(tmp_path: Path) -> None:
    post, answer = discord_message(600, "first post"), discord_message(601, "answer", 1)
    messages = read_discord(tmp_path, post, answer, channel=THREAD)
    assert [(each.channel_name, each.thread) for each in messages] == [("general", None), ("general", "600")]
    orphan = discord_channel("600", "question", type="11", categoryId=None)
    assert [each.key.channel for each in read_discord(tmp_path, post, channel=orphan)] == ["600"]


def test_mentions_without_names_in_the_row_are_known_from_elsewhere(tmp_path: Path) -> None:
    joe = discord_message(1, "hi", author=discord_user("12", "joe"))
    messages = read_discord(tmp_path, joe, discord_message(2, "<@12> <@&91> <#500> <#9>", 1))
    assert messages[1].text == "@Joe @Regular #general #9"


def test_an_export_that_begins_with_the_newest_is_turned_round(tmp_path: Path) -> None:
    rows = [discord_message(number, str(number), number) for number in range(3_000, 0, -1)]
    assert [int(each.text) for each in read_discord(tmp_path, *rows)] == list(range(1, 3_001))


def test_parts_that_overlap_are_read_once(tmp_path: Path) -> None:
    rows = [discord_message(number, str(number), number) for number in range(6)]
    parts: Files = {"a [part 1].json": discord_file(rows[:4]), "a [part 2].json": discord_file(rows[2:])}
    assert [each.text for each in read_all(write_zip(tmp_path / "export.zip", parts))] == list("012345")


def test_media_and_other_json_are_left_out_with_a_note(tmp_path: Path) -> None:
    more = {
        "media/a.png": b"\x89PNG",
        "media/list.json": [1, 2],
        "notes.JSON": {"guild": "x"},
        "mail.json": {"messages": []},
    }
    with open_export(write_folder(tmp_path / "export", files() | more)) as export:
        assert export.total == 4
        assert export.notes == (
            "These files are no exports and were not read: mail.json, media/list.json, notes.JSON.",
        )


def test_direct_messages_are_never_read(tmp_path: Path) -> None:
    direct = discord_file(
        [{"secret": 1}], discord_channel("9", type="DirectTextChat"), {"id": "0", "name": "DM"}
    )
    with open_export(write_zip(tmp_path / "export.zip", files() | {"dm.json": direct})) as export:
        assert export.community == "77"
        assert export.notes == ("Direct messages are private and were not read: 1 files.",)
    with pytest.raises(ExportError, match=r"holds no messages to read \(Direct messages are private"):
        open_export(write_zip(tmp_path / "direct.zip", {"dm.json": direct}))


def test_two_communities_are_refused(tmp_path: Path) -> None:
    other = discord_file([discord_message(9)], guild={"id": "78", "name": "Other"})
    with pytest.raises(ExportError, match=r"z\.json is of another community \(Other\) .* \(Ledger Lane\)"):
        open_export(write_zip(tmp_path / "export.zip", files() | {"z.json": other}))


def test_a_file_without_messages_is_no_fault_among_others(tmp_path: Path) -> None:
    empty = discord_file([], discord_channel("502", "quiet"))
    with open_export(write_zip(tmp_path / "export.zip", files() | {"quiet.json": empty})) as export:
        assert "quiet" in {channel.name for channel in export.channels}
        assert export.total == 4
    with pytest.raises(ExportError, match="holds no messages to read"):
        open_export(write_zip(tmp_path / "quiet.zip", {"quiet.json": empty}))


def test_odd_rows_do_not_stop_the_replay(tmp_path: Path) -> None:
    messages = read_discord(tmp_path, discord_message(1, author=None), discord_message(2, seconds=1))
    assert [each.kind for each in messages] == [Kind.SYSTEM, Kind.POST]


@pytest.mark.parametrize(
    "odd",
    [
        {"id": None},
        {"id": "x"},
        {"timestamp": None},
        {"timestamp": "2024-05-01T09:00:00"},
        {"timestamp": "99999-01-01"},
    ],
)
def test_a_row_without_id_or_time_is_said_with_its_place(tmp_path: Path, odd: dict[str, object]) -> None:
    with pytest.raises(ExportError, match=r"^export\.json, line \d+, column \d+: a message with its id"):
        read_discord(tmp_path, discord_message(1), discord_message(2) | odd)


@pytest.mark.parametrize("messages", [{}, "x", None])
def test_messages_that_are_no_list_are_said(tmp_path: Path, messages: object) -> None:
    (tmp_path / "export.zip").unlink(missing_ok=True)
    with pytest.raises(ExportError, match=r"broken JSON \(\[ expected"):
        open_export(write_zip(tmp_path / "export.zip", {"a.json": discord_file() | {"messages": messages}}))


def test_a_header_without_ids_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="guild and channel with their ids were expected"):
        open_export(write_zip(tmp_path / "export.zip", {"a.json": discord_file(guild={"name": "x"})}))


def test_broken_json_is_said_when_the_export_is_opened(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"^z\.json, line 2, column 2: broken JSON"):
        open_export(write_zip(tmp_path / "export.zip", files() | {"z.json": b'{"guild": {},\n ]'}))


def test_a_community_may_have_files_called_like_days(tmp_path: Path) -> None:
    export = write_folder(tmp_path / "export", {"lane/2024-05-01.json": discord_file([discord_message(1)])})
    assert len(read_all(export)) == 1
