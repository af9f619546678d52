"""report.html: one self-contained page that reads well on a phone, on paper and by ear; no script, no request.

Rendering reads the template beside this file, so on an event loop it belongs into a thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from string import Template

from bot.report import closing, examples, figures, opening
from bot.report.markup import Html, element, safe
from bot.report.rows import Facts
from bot.report.story import Story, section
from moderation.charter import Charter
from moderation.messages import Message, MessageKey
from moderation.policy import Policy
from moderation.rehearsal import Rehearsal
from moderation.stats import Report

CONTENTS = (
    ("would", "What Steward would have done"),
    ("relevance", "Relevance"),
    ("stretches", "Drifted talk"),
    ("pitches", "Pitches"),
    ("settings", "Other settings"),
    ("hours", "Hours"),
    ("alone", "Left alone"),
    ("method", "How this was made"),
)


def render(
    report: Report,
    rehearsal: Rehearsal,
    charter: Charter,
    policy: Policy,
    texts: Mapping[MessageKey, Message],
    facts: Facts,
) -> str:
    """The whole page. `texts` are the messages of `report.example_keys()` that are still kept, by key."""
    story = Story(report, rehearsal, charter, policy, texts, facts)
    template = Template(_beside("page.html"))
    return template.substitute(
        title=safe(f"{charter.name} – Steward report"),
        style=_beside("style.css"),
        header=opening.header(story),
        contents=_contents(),
        sections="\n".join(_sections(story)),
    )


def _sections(story: Story) -> list[Html]:
    return [
        section("would", "What Steward would have done", opening.under_policy(story)),
        figures.relevance(story),
        examples.stretches(story),
        examples.pitches(story),
        figures.settings(story),
        figures.drift_hours(story),
        examples.left_alone(story),
        closing.method(story),
    ]


def _contents() -> Html:
    links = [element("li", element("a", title, href=f"#{name}")) for name, title in CONTENTS]
    return element("nav", element("ul", *links), aria_label="Contents")


def _beside(name: str) -> str:
    return files("bot.report").joinpath(name).read_text("utf-8")
