"""Numbers and times in words."""

from __future__ import annotations

from datetime import timedelta

from bot.report.markup import Html, element, join, named, preview, safe, said
from bot.report.words import count_of, destination, lasting, sentence
from tests.factories import a_charter


def test_counts() -> None:
    assert count_of(0, "message") == "no messages"
    assert count_of(1, "pitch", "pitches") == "1 pitch"
    assert count_of(1204, "person", "people") == "1,204 people"


def test_spans() -> None:
    assert lasting(timedelta(seconds=20)) == "under a minute"
    assert lasting(timedelta(minutes=65)) == "1 hour 5 minutes"
    assert lasting(timedelta(hours=2)) == "2 hours"


def test_sentences() -> None:
    assert sentence("no exchange") == "No exchange."
    assert sentence("why?") == "Why?"
    assert sentence("") == ""


def test_channels() -> None:
    assert destination(a_charter(), "C3") == "#teabreak"
    assert destination(a_charter(), "elsewhere") == "#elsewhere"


def test_markup_escapes_what_is_not_markup() -> None:
    assert safe("<b>") == "&lt;b&gt;"
    assert element("p", "<b>", Html("<i></i>"), class_='"x"', hidden=True, title=None) == (
        '<p class="&quot;x&quot;" hidden>&lt;b&gt;<i></i></p>'
    )
    assert join(["<", Html("<br>")], " & ") == "&lt; & <br>"
    assert element("rect", x=1) == '<rect x="1"/>'


def test_names_and_previews_are_short_lines() -> None:
    assert named("a\n b" * 40).count("\n") == 0
    assert len(named("x" * 500)) < 70
    assert said("RIP \U0001f54a\ufe0f") == "<bdi>RIP \U0001f54a\ufe0f</bdi>"
    assert preview("one\ntwo  three") == "<bdi>one two three</bdi>"
