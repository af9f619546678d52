"""What every section of the page reads, together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bot.report.markup import Html, element, named, preview, said
from bot.report.rows import Facts
from moderation.charter import Charter
from moderation.messages import Message, MessageKey
from moderation.policy import Policy
from moderation.rehearsal import Rehearsal, Would
from moderation.stats import Report

FORGOTTEN = "The text is no longer kept."


@dataclass(frozen=True, slots=True)
class Story:
    """`texts` holds the messages that `report.example_keys` asks for; one that is missing is shown as forgotten."""

    report: Report
    rehearsal: Rehearsal
    charter: Charter
    policy: Policy
    texts: Mapping[MessageKey, Message]
    facts: Facts

    def local(self, at: datetime) -> datetime:
        """On the community's own clock."""
        return self.policy.local(at)

    @property
    def first_day(self) -> date | None:
        return self.local(self.report.first_at).date() if self.report.first_at else None

    @property
    def last_day(self) -> date | None:
        return self.local(self.report.last_at).date() if self.report.last_at else None

    @property
    def days(self) -> int:
        """Calendar days from the first message to the last, both counted."""
        if self.first_day is None or self.last_day is None:
            return 0
        return (self.last_day - self.first_day).days + 1

    @property
    def would(self) -> Would:
        """What the policy as it is would have done."""
        return self.rehearsal.counts()[self.policy.mode, self.policy.strictness]

    @property
    def shown_would(self) -> Would:
        """The same for the mode that transcripts speak of: the policy's, or offer where that only observes."""
        return self.rehearsal.counts()[self.rehearsal.shown_mode, self.policy.strictness]

    def author(self, key: MessageKey) -> Html:
        """The author's name as people see it."""
        message = self.texts.get(key)
        return named(message.author.name or message.author.id) if message else element("span", "somebody")

    def text(self, key: MessageKey) -> Html:
        """What was written, or what hung on it where nothing was, or that it is forgotten."""
        message = self.texts.get(key)
        if message is not None and message.text.strip():
            return said(message.text)
        if message is not None and message.attachments:
            return said(" ".join(f"[{a.kind}: {a.name}]" for a in message.attachments))
        return element("em", FORGOTTEN)

    def glimpse(self, key: MessageKey) -> Html:
        """The beginning of what was written."""
        message = self.texts.get(key)
        return preview(message.text) if message is not None else Html()


@dataclass(frozen=True, slots=True)
class Card:
    """One example: its heading, what a folded card shows of it, and the rest."""

    head: Html
    glimpse: Html
    body: Html


def section(name: str, title: str, *content: object) -> Html:
    """A part of the page, reachable from the contents."""
    heading = element("h2", title, id=f"{name}-title")
    return element("section", heading, *content, id=name, aria_labelledby=f"{name}-title")


def empty(text: str) -> Html:
    """An honest sentence where there is nothing to show."""
    return element("p", text, class_="empty")


def badge(text: str, kind: str = "") -> Html:
    return element("span", text, class_=f"badge {kind}".strip())
