"""The page: complete, self-contained, well-formed, and unharmed by what strangers write."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.markup import VOID
from bot.report.page import CONTENTS
from bot.report.rows import Facts
from moderation.messages import Attachment, Kind
from moderation.policy import Mode, Policy, Strictness
from tests.bot.report.stories import OFFER, a_week, page_of
from tests.factories import CHATTER, ON_TOPIC, PITCH, a_charter, a_message
from tests.moderation.plain_fold import Judged

HTML_VOID = {"meta", "br", "hr", "link"}


class Reader(HTMLParser):
    """Reads a page: its text, its tags, and whether every element is closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in HTML_VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page() -> str:
    return page_of(a_week())


def test_it_says_in_plain_words_what_was_read(page: str) -> None:
    text = Reader(page).text
    assert "In 8 days Steward read 95 messages by 6 people in 3 channels." in text
    assert "This charter is a draft." in text
    assert "The policy is offer" in text
    assert "7 offers to move casual posts" in text
    assert "1 welcome to a newcomer" in text


def test_it_has_every_part_in_order_and_each_can_be_reached(page: str) -> None:
    parts = [attrs["id"] for tag, attrs in Reader(page).tags if tag == "section"]
    assert parts == [name for name, _ in CONTENTS]
    links = [attrs["href"] for tag, attrs in Reader(page).tags if tag == "a"]
    assert links == [f"#{name}" for name in parts]


def test_a_transcript_shows_where_steward_would_have_spoken(page: str) -> None:
    text = Reader(page).text
    assert re.search(
        r"09:07 +Steward +would have offered 3 people to move their own casual posts to #teabreak", text
    )
    assert "It closed by itself: after" in text


def test_a_pitch_shows_text_reasons_copies_and_chances(page: str) -> None:
    text = Reader(page).text
    assert "drive-by" in text
    assert "3 posts of one text" in text
    assert "book my pricing course, ten seats left" in text
    assert "No exchange with anyone here." in text
    assert "pitch 95 %" in text


def test_it_loads_nothing_and_runs_nothing(page: str) -> None:
    tags = Reader(page).tags
    assert not {tag for tag, _ in tags} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
    }
    for _, attrs in tags:
        assert not [name for name in attrs if name.startswith("on") or name in {"src", "srcset", "action"}]
        assert (attrs.get("href") or "#").startswith("#")
    assert "url(" not in page
    assert "@import" not in page


def test_it_can_be_read_by_ear(page: str) -> None:
    tags = Reader(page).tags
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(attrs.get("role") == "img" and attrs.get("aria-label") for tag, attrs in tags if tag == "svg")
    assert page.count("<table") == page.count("<caption>")
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_it_is_the_same_every_time(page: str) -> None:
    assert page == page_of(a_week())


def test_the_policy_in_force_is_marked(page: str) -> None:
    assert re.search(r'<tr class="chosen"><th scope="row">normal', page)
    assert page.count("your policy") == 1


HOSTILE = (
    "<script>alert(1)</script>",
    "</style></title><img src=x onerror=alert(1)>",
    '" onmouseover="x" \'><b>',
    "$title ${style} %s {0} \\1",
    "\u202egnirts desrever\u2066 never closed",
    "\x00\x07\x1b[31m\x7f\x85\ud800\ufffe",
    "&lt;b&gt; &amp;amp; &#x27;",
    "a\nb\r\nc\td",
    "😀" * 10_000,
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢" * 50,
    "שלום عليكم",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_strangers_write_stays_text(text: str) -> None:
    assert Reader(hostile_page(text)).tags != []


@given(st.text(st.characters(), max_size=40))
def test_any_text_stays_text(text: str) -> None:
    hostile_page(text)


def hostile_page(text: str) -> str:
    """A page with `text` in every place that strangers can fill; checks what must hold for it."""
    judged: list[Judged] = []
    for place, (message, verdict) in enumerate(a_week()):
        author = replace(message.author, name=text + str(place % 3))
        judged.append((replace(message, text=text, author=author, channel_name=text or "x"), verdict))
    charter = replace(a_charter(), name=text, purpose=text)
    page = page_of(judged, charter, facts=Facts(text, text, notes=(text,)))
    page.encode("utf-8")
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", page)
    harmless = page_of([(replace(m, channel_name="x"), v) for m, v in judged_like(judged)], charter)
    tags = {tag for tag, _ in Reader(page).tags}
    assert tags <= {tag for tag, _ in Reader(harmless).tags} | {"br"} | VOID
    return page


def judged_like(judged: list[Judged]) -> list[Judged]:
    return [(replace(m, text="fine", author=replace(m.author, name="Ann")), v) for m, v in judged]


def test_marks_that_turn_the_line_stay_in_their_own_box() -> None:
    page = hostile_page("\u202eevil")
    boxes = re.findall(r"<bdi>[^<]*</bdi>", page)
    assert any("\u202e" in box for box in boxes)
    assert "\u202e" not in re.sub(r"<bdi>[^<]*</bdi>", "", page)


def test_a_very_long_text_is_cut_and_its_length_told() -> None:
    page = page_of([(a_message(1, text="word " * 40_000), PITCH)])
    assert len(page) < 100_000
    assert "(200,000 characters in all)" in page


def test_control_characters_are_shown_as_symbols() -> None:
    assert "a␇b␡" in page_of([(a_message(1, text="a\x07b\x7f"), PITCH)])


def test_a_message_without_text_shows_what_hangs_on_it() -> None:
    message = replace(a_message(1, text=""), attachments=(Attachment("offer.pdf"),))
    assert "[file: offer.pdf]" in page_of([(message, PITCH)])


EMPTY: tuple[tuple[list[Judged], Policy, str], ...] = (
    ([], Policy(), "There was no message to read."),
    (
        [(a_message(1, kind=Kind.BOT), ON_TOPIC)],
        Policy(),
        "Steward read nothing here: 1 message passed by unread",
    ),
    ([(a_message(1), ON_TOPIC)], Policy(), "Everything happened on one day"),
    ([(a_message(1), ON_TOPIC)], Policy(), "Nobody pitched anything"),
    ([(a_message(1), ON_TOPIC)], Policy(), "No talk drifted"),
    ([(a_message(1), ON_TOPIC)], Policy(), "There was no doubtful message."),
    ([(a_message(1), CHATTER)], Policy(), "1 lone casual post was counted besides."),
    ([(a_message(1), PITCH)], Policy(), "They would have been shown 1 card about a pitch."),
    ([(a_message(1), PITCH)], Policy(), "They would have heard nothing."),
)


@pytest.mark.parametrize("judged, policy, sentence", EMPTY)
def test_an_empty_state_is_said(judged: list[Judged], policy: Policy, sentence: str) -> None:
    assert sentence in Reader(page_of(judged, policy=policy)).text


def test_it_says_what_observe_would_miss() -> None:
    text = Reader(page_of(a_week(), policy=Policy())).text
    assert "They would have heard nothing. With offer instead: Steward would have spoken" in text


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("strictness", list(Strictness))
def test_every_setting_renders(mode: Mode, strictness: Strictness) -> None:
    policy = replace(OFFER, mode=mode, strictness=strictness, time_zone="Asia/Kolkata")
    assert "Asia/Kolkata" in Reader(page_of(a_week(), policy=policy)).text


def test_a_charter_without_channels_and_texts_that_are_gone() -> None:
    charter = replace(a_charter(), channels=(), purpose="", draft=True)
    text = Reader(page_of(a_week(), charter)).text
    assert "a draft that nobody has confirmed" in text
    assert "would have said one kind line." in text
