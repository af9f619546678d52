"""names.py: mentions, links to channels, and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.discord.names import DiscordNames
from tests.bot.discord.gateway import Listener


@pytest.mark.parametrize(
    "channel, written",
    [
        ("1200000000000000500", "<#1200000000000000500>"),
        ("1200000000000000599", "<#1200000000000000599>"),
        ("workshop", "<#1200000000000000500>"),
        ("#WorkShop", "<#1200000000000000500>"),
        ("tea_break", "#tea\\_break"),
        ("", "#"),
    ],
)
def test_a_channel_is_a_link_by_id_or_name(channel: str, written: str) -> None:
    assert DiscordNames(Listener().here).channel(channel) == written


def test_a_member_is_a_mention_by_id() -> None:
    names = DiscordNames(Listener().here)
    assert names.member("1200000000000000011") == "<@1200000000000000011>"
    assert names.member("@everyone") == "@\\@everyone"


def test_a_time_is_shown_in_each_reader_s_own_zone() -> None:
    names = DiscordNames(Listener().here)
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert names.time(moment) == "<t:1772442000:f>"
    assert names.time(moment.astimezone(timezone(timedelta(hours=2)))) == names.time(moment)
