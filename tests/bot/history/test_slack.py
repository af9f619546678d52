"""slack.py: whole Slack exports, read through the front door."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.history import open_export
from moderation.errors import ExportError
from moderation.messages import Kind
from tests.bot.history.factories import (
    SLACK_START,
    read_all,
    read_slack,
    slack_channel,
    slack_files,
    slack_message,
    slack_user,
    write_zip,
)

DAYS = {
    "general/2024-05-01.json": [slack_message(0, "one"), slack_message(120, "three")],
    "general/2024-05-02.json": [slack_message(86_400, "five")],
    "tools/2024-05-01.json": [slack_message(60, "two", "U2"), slack_message(180, "four", "U2")],
}


def test_days_of_all_channels_come_in_order_of_time(tmp_path: Path) -> None:
    messages = read_all(write_zip(tmp_path / "export.zip", slack_files(DAYS)))
    assert [(each.channel_name, each.text) for each in messages] == [
        ("general", "one"),
        ("tools", "two"),
        ("general", "three"),
        ("tools", "four"),
        ("general", "five"),
    ]
    assert {each.key.channel for each in messages} == {"C1", "C2"}


def test_a_day_in_any_order_is_sorted(tmp_path: Path) -> None:
    rows = [slack_message(seconds, str(seconds)) for seconds in (30, 10, 20)]
    assert [each.text for each in read_slack(tmp_path, *rows)] == ["10", "20", "30"]


def test_days_that_overlap_are_sorted(tmp_path: Path) -> None:
    days = {
        "general/2024-05-01.json": [slack_message(0, "a"), slack_message(100, "c")],
        "general/2024-05-02.json": [slack_message(50, "b"), slack_message(150, "d")],
    }
    messages = read_all(write_zip(tmp_path / "export.zip", slack_files(days)))
    assert [each.text for each in messages] == ["a", "b", "c", "d"]


def test_the_same_message_twice_is_one_and_another_author_makes_it_two(tmp_path: Path) -> None:
    rows = [
        slack_message(0, "a"),
        slack_message(0, "a", subtype="thread_broadcast"),
        slack_message(0, "b", "U2"),
    ]
    messages = read_slack(tmp_path, *rows)
    assert [each.text for each in messages] == ["a", "b"]
    assert messages[1].key.message == f"{SLACK_START}.000000~2"


def test_an_export_tells_about_itself(tmp_path: Path) -> None:
    with open_export(
        write_zip(tmp_path / "Acme Slack export May 1 2024 - May 2 2024.zip", slack_files(DAYS))
    ) as export:
        assert (export.platform, export.community, export.community_name) == ("slack", "T1", "Acme")
        assert export.members == {"U1": "mara", "U2": "joe", "B9": "helper"}
        assert [channel.purpose for channel in export.channels] == [
            "all about ledgers (https://ledger.example)",
            "",
        ]
        assert export.total == 5
        assert export.notes == ()


def test_without_a_team_the_name_tells_communities_apart(tmp_path: Path) -> None:
    files = slack_files(users=[slack_user("U1", "mara", team_id="")])
    names = ("acme", "acme Slack export May 1 2024 - May 2 2024", "other")
    found = []
    for name in names:
        with open_export(write_zip(tmp_path / f"{name}.zip", files)) as export:
            found.append(export.community)
    assert found[0] == found[1] != found[2]


def test_a_team_named_by_messages_alone_is_found(tmp_path: Path) -> None:
    rows = [slack_message(team="T5")]
    files = slack_files({"general/2024-05-01.json": rows}, users=[slack_user("U1", "mara", team_id="")])
    with open_export(write_zip(tmp_path / "export.zip", files)) as export:
        assert export.community == "T5"


def test_who_is_in_no_list_is_known_by_what_they_posted(tmp_path: Path) -> None:
    guest = slack_message(0, "hi", "U7", user_profile={"display_name": "guest"})
    messages = read_slack(tmp_path, guest, slack_message(1, "welcome <@U7>"))
    assert [each.text for each in messages] == ["hi", "welcome @guest"]


def test_a_folder_may_be_called_like_the_channels_id(tmp_path: Path) -> None:
    files = slack_files({"C2/2024-05-01.json": [slack_message()]})
    assert read_all(write_zip(tmp_path / "export.zip", files))[0].channel_name == "tools"


def test_direct_messages_and_unlisted_folders_are_left_out_with_a_note(tmp_path: Path) -> None:
    secrets = {
        "D0123456789/2024-05-01.json": b"never opened",
        "mpdm-mara--joe-1/2024-05-01.json": b"never opened",
        "gone/2024-05-01.json": b"never opened",
        "general/canvas.json": b"never opened",
    }
    with open_export(write_zip(tmp_path / "export.zip", slack_files(DAYS) | secrets)) as export:
        assert len(list(export.messages())) == 5
        assert export.notes == (
            "Direct messages are private and were not opened: 2 conversations.",
            "These folders are in no list of channels and were not read: gone.",
        )


def test_odd_rows_do_not_stop_the_replay(tmp_path: Path) -> None:
    messages = read_slack(tmp_path, {"ts": str(SLACK_START)}, slack_message(1))
    assert [each.kind for each in messages] == [Kind.SYSTEM, Kind.POST]


@pytest.mark.parametrize(
    "row", [{}, {"ts": None}, {"ts": "soon"}, {"ts": True}, {"ts": "9" * 12}, "text", 3, None, []]
)
def test_a_row_without_a_time_is_said_with_its_place(tmp_path: Path, row: object) -> None:
    with pytest.raises(
        ExportError, match=r"^general/2024-05-01\.json, line \d+, column \d+: a message with its time"
    ):
        read_slack(tmp_path, slack_message(), row)


def test_a_ts_that_a_tool_wrote_as_a_number_is_not_rounded(tmp_path: Path) -> None:
    files = slack_files(
        {"general/2024-05-01.json": b'[{"ts": 1714554000.000100, "user": "U1", "text": "a"}]'}
    )
    assert read_all(write_zip(tmp_path / "export.zip", files))[0].key.message == "1714554000.000100"


def test_a_broken_day_is_said_when_the_export_is_opened(tmp_path: Path) -> None:
    files = slack_files(DAYS) | {"tools/2024-05-02.json": b'[{"ts": "17145'}
    with pytest.raises(ExportError, match=r"^tools/2024-05-02\.json, line 1, column 9: broken JSON"):
        open_export(write_zip(tmp_path / "export.zip", files))


def test_days_without_lists_are_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"looks like a Slack export but has no users\.json"):
        open_export(write_zip(tmp_path / "export.zip", dict(DAYS)))


def test_an_export_without_messages_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="holds no messages to read: export again"):
        open_export(write_zip(tmp_path / "export.zip", slack_files({"general/2024-05-01.json": []})))
    direct = slack_files({"D0123456789/2024-05-01.json": [slack_message()]})
    with pytest.raises(ExportError, match=r"holds no messages to read \(Direct messages are private"):
        open_export(write_zip(tmp_path / "export.zip", direct))


def test_long_and_strange_texts_are_fine(tmp_path: Path) -> None:
    texts = ["x" * 1_000_000, "🙂" * 10_000, "\x07\x1b\u202e\u200f", "\ud83d alone"]
    messages = read_slack(tmp_path, *(slack_message(at, text) for at, text in enumerate(texts)))
    assert [each.text for each in messages] == [*texts[:3], "\ufffd alone"]


def test_two_channels_of_one_name_are_one_folder(tmp_path: Path) -> None:
    channels = [slack_channel("C1", "general"), slack_channel("C9", "general")]
    assert read_slack(tmp_path, slack_message(), channels=channels)[0].key.channel == "C1"
