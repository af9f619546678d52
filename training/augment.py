"""Changes that teach reading the charter instead of the style.

A community's own post is chatter in a community with another purpose; casual talk is at home in a social channel and
an offer where offers are welcome; and neither capitals, full stops, typing errors,
a community's name nor a missing channel should tell a label.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from training.forms import Forms
from training.network import Network
from training.rows import FIXED, ONCE, PAIR, Row

Array = npt.NDArray[np.float32]
READ_TOGETHER = 64
FEW = 3
"""Words of a remark that may stand by itself; of one about the work twice as many."""
_PLACELESS = frozenset(
    "ack_in_thread hard_negative introduction social_channel promotion_welcome programme_announcement "
    "business_talk_in_thread".split()
)
_ANSWERS = frozenset({"promo_lookalike"})
_TIED = frozenset({"programme_announcement", "introduction"})
"""What is on topic for reasons that another charter does not take away."""
_SOCIAL = (
    "random: casual talk, anything goes. Casual talk is welcome here.",
    "off-topic: pets, weekend, memes. Casual talk is welcome here.",
    "watercooler: small talk and fun",
    "lounge: chat about whatever you like",
    "plauderecke: alles, was nichts mit der Arbeit zu tun hat",
    "hang out, jokes, hobbies, life outside work",
)
_PROMOTION = (
    "showcase: promote your own work here. Promotion is welcome here.",
    "self-promo: members may advertise their services",
    "offers: openings, deals and services of members. Promotion is welcome here.",
    "marketplace: buy, sell, promote",
)
_PLAIN = ("general: main discussion", "general", "discussion")


@dataclass(frozen=True, slots=True)
class Chances:
    """How often each change happens."""

    foreign_charter: float = 0.08
    stranger: float = 0.06
    social: float = 0.04
    promotion: float = 0.03
    no_channel: float = 0.2
    no_context: float = 0.2
    other_form: float = 0.35
    nameless: float = 0.3
    restyled: float = 0.26


class Closeness:
    """Which posts surely have nothing to do with which charters, by the encoder that training starts from."""

    def __init__(self, rows: Sequence[Row], network: Network) -> None:
        rows = [row for row in rows if row.subtype not in FIXED]
        self.charters = sorted({row.purpose for row in rows})
        self._column = {purpose: place for place, purpose in enumerate(self.charters)}
        self._line = {row.id: place for place, row in enumerate(rows)}
        charters = _means(network, self.charters)
        # A short reply says little without the line that it answers.
        posts = _means(network, [" ".join((*row.context[:1], row.text)) for row in rows])
        # What an encoder says of every text alike is no closeness.
        self.centre = np.concatenate([charters, posts[: len(charters)]]).mean(0)
        charters, posts = _unit(charters), _unit(posts)
        self._charters, self._posts = charters @ charters.T, posts @ charters.T
        self._far_charter = float(np.quantile(self._charters, 0.5))
        self._far_post = float(np.quantile(self._posts, 0.55))

    def strange(self, row: Row, purpose: str) -> bool:
        """Whether `row` has nothing to do with a community of this purpose."""
        if row.id not in self._line or row.purpose not in self._column:
            return False
        column = self._column[purpose]
        far = self._charters[self._column[row.purpose], column] < self._far_charter
        return bool(far and self._posts[self._line[row.id], column] < self._far_post)


class Augmenter:
    """Changes groups of rows of one community at random, with a seed of its own."""

    def __init__(
        self,
        rows: Sequence[Row],
        closeness: Closeness,
        seed: int,
        chances: Chances | None = None,
        forms: Forms | None = None,
    ) -> None:
        self._random = random.Random(seed)
        self._closeness = closeness
        self._forms = forms or {}
        self._charters = sorted({row.purpose for row in rows if row.subtype not in FIXED})
        self._chances = chances or Chances()
        self._posts = [
            row
            for row in rows
            if row.label == "on_topic" and row.subtype not in _PLACELESS | FIXED and len(row.text.split()) > 5
        ]
        channels: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row.channel and not row.social and not row.promotion and row.subtype != PAIR:
                channels[row.purpose].add(row.channel)
        self._channels = {purpose: sorted(found) for purpose, found in channels.items()}

    def __call__(self, group: Sequence[Row]) -> list[Row]:
        """One group as it is read this time. What is fixed stays under its charter."""
        if group[0].subtype in FIXED:
            changed = list(group)
        elif self._random.random() < self._chances.foreign_charter:
            purpose = self._random.choice(self._charters)
            changed = [self._abroad(row, purpose) for row in group]
        else:
            changed = [self._rehome(row) for row in group]
        if self._random.random() < self._chances.other_form:
            choice = self._random.random()
            changed = [self._reworded(row, choice) for row in changed]
        return [self._restyle(row) for row in changed]

    def _reworded(self, row: Row, choice: float) -> Row:
        """The row under another form of its charter, if there is one; the same for the same `choice` (0 to 1)."""
        forms = self._forms.get(row.purpose)
        if not forms:
            return row
        purpose, channels = forms[int(choice * len(forms))]
        channel = channels.get(row.channel, row.channel)
        return replace(row, purpose=purpose, channel=channel, home=row.home or row.purpose)

    def _abroad(self, row: Row, purpose: str) -> Row:
        """The whole conversation under another community's charter: what was on topic there is not here."""
        tied = row.label == "on_topic" and row.subtype in _TIED
        if row.social or row.promotion or tied or not self._closeness.strange(row, purpose):
            return self._rehome(row)
        channels = self._channels.get(purpose) if self._random.random() < 0.7 else None
        channel = self._random.choice(channels or ("", *_PLAIN))
        label = "chatter" if row.label == "on_topic" else row.label
        return replace(row, purpose=purpose, channel=channel, label=label, target=None)

    def _rehome(self, row: Row) -> Row:
        """The row at home, with another post in its place, or in another channel."""
        chance, chances = self._random.random(), self._chances
        if chance < chances.stranger:
            return self._dropped_in(row)
        chance -= chances.stranger
        if chance < chances.social and row.label == "chatter":
            return replace(row, channel=self._random.choice(_SOCIAL), label="on_topic", target=None)
        chance -= chances.social
        if chance < chances.promotion and row.label == "pitch":
            return replace(row, channel=self._random.choice(_PROMOTION), label="on_topic", target=None)
        # That a row has no channel must not tell where it is from.
        if not row.own and self._random.random() < 0.7:
            row = replace(row, channel=self._random.choice(_PLAIN))
        elif row.own and not row.social and not row.promotion and self._random.random() < chances.no_channel:
            row = replace(row, channel=self._random.choice(("", *_PLAIN)))
        if _stands_alone(row) and self._random.random() < chances.no_context:
            row = replace(row, context=())
        return row

    def _dropped_in(self, row: Row) -> Row:
        """A post of a community with another purpose in the midst of this one's conversation."""
        for _ in range(8):
            stranger = self._random.choice(self._posts)
            if self._closeness.strange(stranger, row.purpose):
                label = "on_topic" if row.social else "chatter"
                return replace(row, text=stranger.text, label=label, target=None)
        return row

    def _restyle(self, row: Row) -> Row:
        chance, text = self._random.random() / self._chances.restyled, row.text
        if chance < 0.4:
            text = re.sub(r"[.!,;]+", "", text)
        elif chance < 0.75:
            text = text.rstrip(".!")
        elif chance < 1 and len(text) > 12:
            place = self._random.randrange(1, len(text) - 2)
            text = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        name, _, purpose = row.purpose.partition(". ")
        named = name and purpose and row.own and row.subtype not in (PAIR, ONCE)
        if named and self._random.random() < self._chances.nameless:
            return replace(row, text=text, purpose=purpose, home=row.home or row.purpose)
        return replace(row, text=text)


def _stands_alone(row: Row) -> bool:
    """Whether the label is right without the lines before it: a link may answer a question, "three" may be a price."""
    words = len(row.text.split())
    if row.label != "on_topic":
        return words > FEW
    return row.subtype not in _PLACELESS | _ANSWERS and words > 2 * FEW


def _means(network: Network, texts: Sequence[str]) -> Array:
    """Mean states (texts, width), read a few at a time."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    found = np.zeros((len(texts), network.width), dtype=np.float32)
    for start in range(0, len(order), READ_TOGETHER):
        places = order[start : start + READ_TOGETHER]
        with torch.no_grad():
            found[places] = network.means([texts[place] for place in places]).numpy()
    return found


def _unit(means: Array) -> Array:
    """Unit vectors around their own centre."""
    means = means - means.mean(0)
    unit: Array = means / np.linalg.norm(means, axis=1, keepdims=True)
    return unit
