"""How much of the pitches is still found when they are disguised: twelve kinds of disguise, on a hundred pitches each.

The pitches are those of the locked communities, which the model never saw; each stays in its own channel and context.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from benchmarks.measures import Row
from benchmarks.scores import CORPUS, asked
from bot.app import load_classifier
from moderation.labels import Label
from moderation.ports import Question
from training.scripts import read

PITCHES = 100
Attack = Callable[[str, random.Random], str]
_TWINS = str.maketrans("aceiopxyACEHKMOPTXBs", "асеіорхуАСЕНКМОРТХВѕ")
_LEET = str.maketrans("aeiostAEIOST", "431057431057")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_BOXED = {ord("a") + place: 0x1F170 + place for place in range(26)} | {
    ord("A") + place: 0x1F170 + place for place in range(26)
}
_LINK = re.compile(r"(?:https?://)?(?:[\w-]+\.)+(?:com|net|org|io|example|test|app|shop)\S*")


def _words(change: Callable[[str, random.Random], str], share: float) -> Attack:
    """An attack that changes a share of the longer words."""

    def attack(text: str, chance: random.Random) -> str:
        return re.sub(
            r"[A-Za-z]{4,}",
            lambda match: change(match[0], chance) if chance.random() < share else match[0],
            text,
        )

    return attack


def _misspelt(word: str, chance: random.Random) -> str:
    place = chance.randrange(1, len(word) - 1)
    kind = chance.randrange(3)
    if kind == 0:
        return word[:place] + word[place + 1 :]
    if kind == 1:
        return word[:place] + word[place] + word[place:]
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _mixed(text: str, chance: random.Random) -> str:
    first, last = chance.choice(
        (
            ("hola a todos,", "gracias y saludos"),
            ("hallo zusammen,", "danke euch"),
            ("salut à tous,", "merci"),
        )
    )
    return f"{first} {text} {last}"


ATTACKS: Mapping[str, Attack] = {
    "look-alike letters": lambda text, _: text.translate(_TWINS),
    "zero-width characters": _words(lambda word, _: "\u200b".join(word), 0.8),
    "l33t": _words(lambda word, _: word.translate(_LEET), 0.6),
    "s p a c i n g": _words(lambda word, _: " ".join(word), 0.5),
    "full width": lambda text, _: text.translate(_WIDE),
    "combining marks": _words(lambda word, _: "\u0336".join(word) + "\u0336", 0.8),
    "emoji letters": _words(lambda word, _: word.translate(_BOXED), 0.5),
    "links backwards": lambda text, _: _LINK.sub(lambda match: match[0][::-1], text),
    "split by punctuation": _words(
        lambda word, chance: word[: (n := chance.randrange(2, len(word) - 1))] + "." + word[n:], 0.6
    ),
    "misspelling": _words(_misspelt, 0.4),
    "code block": lambda text, _: f"```\n{text}\n```",
    "mixed languages": _mixed,
}


def attacks() -> list[Row]:
    """Recall of pitches by label, plain and under each attack."""
    questions = _pitches()
    plain = _recall(questions)
    rows: list[Row] = [(f"pitches found, plain ({len(questions)})", f"{plain:.3f}", "-")]
    for name, attack in ATTACKS.items():
        chance = random.Random(1)
        changed = [replace(question, text=attack(question.text, chance)) for question in questions]
        rows.append((f"lost under {name}", f"{plain - _recall(changed):+.3f}", "0.05 at most"))
    return rows


def _pitches() -> list[Question]:
    """A hundred pitches of the locked communities, drawn by a fixed seed."""
    found: list[Question] = []
    for path in sorted((CORPUS / "locked").glob("*.script")):
        script = read(path)
        found += [
            question
            for question, line in zip(asked(script), script.lines, strict=True)
            if line.label == "pitch"
        ]
    return random.Random(0).sample(found, min(PITCHES, len(found)))


def _recall(questions: list[Question]) -> float:
    verdicts = asyncio.run(load_classifier().judge(questions))
    return sum(verdict.label is Label.PITCH for verdict in verdicts) / len(verdicts)
