"""slack_lists.py: users.json and channels.json."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.history.archive import Folder
from bot.history.slack_lists import Lists, read_lists
from moderation.errors import ExportError
from moderation.messages import Channel
from tests.bot.history.factories import Files, slack_channel, slack_files, slack_user, write_folder


def lists(path: Path, files: Files) -> Lists:
    return read_lists(Folder(write_folder(path / "export", files), 10_000_000))


def test_channels_come_with_their_purpose_decoded(tmp_path: Path) -> None:
    channels = [
        slack_channel("C1", "general", "with <@U1> in <#C2>", "topic"),
        slack_channel("C2", "tools", "", "topic &amp; more"),
        {"id": "C3"},
        {"name": "nameless"},
    ]
    assert lists(tmp_path, slack_files(channels=channels)).channels == (
        Channel("C1", "general", "with @mara in #tools"),
        Channel("C2", "tools", "topic & more"),
        Channel("C3", "C3"),
        Channel("nameless", "nameless"),
    )


def test_private_channels_are_read_and_direct_messages_are_not(tmp_path: Path) -> None:
    files = slack_files(groups=[slack_channel("G1", "board")], dms=b"not even JSON", mpims=b"not even JSON")
    files["channels.json"] = [
        slack_channel("C1", "general"),
        {"id": "G2", "name": "mpdm-a--b-1", "is_mpim": True},
    ]
    assert [channel.name for channel in lists(tmp_path, files).channels] == ["general", "board"]


def test_private_channels_alone_are_enough(tmp_path: Path) -> None:
    files = slack_files(groups=[slack_channel("G1", "board")])
    del files["channels.json"]
    assert [channel.id for channel in lists(tmp_path, files).channels] == ["G1"]


def test_an_organisations_list_of_people_is_read_too(tmp_path: Path) -> None:
    files = slack_files(org_users=[slack_user("W1", "ann"), slack_user("U1", "other")])
    found = lists(tmp_path, files).authors
    assert (found["W1"].name, found["U1"].name) == ("ann", "mara")


def test_the_community_is_the_team_of_most_users(tmp_path: Path) -> None:
    users = [
        slack_user("U1", "a", team_id="T2"),
        slack_user("U2", "b"),
        slack_user("U3", "c"),
        {"id": "U4"},
        {},
    ]
    assert lists(tmp_path, slack_files(users=users)).team == "T1"


def test_one_folder_at_the_top_may_hold_the_export(tmp_path: Path) -> None:
    files = {f"Acme export/{name}": content for name, content in slack_files().items()}
    assert lists(tmp_path, files).root == "Acme export/"


def test_several_exports_are_refused(tmp_path: Path) -> None:
    files = {f"{top}/{name}": content for top in "ab" for name, content in slack_files().items()}
    with pytest.raises(ExportError, match=r"several Slack exports here \(a, b\)"):
        lists(tmp_path, files)


@pytest.mark.parametrize("missing", ["users.json", "channels.json"])
def test_a_missing_list_is_said(tmp_path: Path, missing: str) -> None:
    files = slack_files()
    del files[missing]
    with pytest.raises(ExportError, match=f"has no {missing}"):
        lists(tmp_path, files)


@pytest.mark.parametrize("content", [b"{}", b'["U1"]', b"[", b"[{}] x", b"\xff\xfe"])
def test_a_broken_list_is_said_with_its_file(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ExportError, match=r"^users\.json"):
        lists(tmp_path, slack_files() | {"users.json": content})
