"""The classifier that ships, judged by what it is for."""

import asyncio
import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from moderation.charter import ChannelCharter, Charter, Example
from moderation.classifier.folder import MANIFEST, SHIPPED, digest_of, open_folder
from moderation.classifier.local import LocalClassifier
from moderation.decisions import Probabilities, Verdict
from moderation.errors import ModelError
from moderation.labels import Label
from moderation.messages import Attachment, ContextLine
from moderation.normalise import normalise
from moderation.ports import Question

CHARTER = Charter(
    "Bench & Plane", "Owners of small joinery workshops talk about jobs, timber, machines, pricing and staff."
)
WORKSHOP = ChannelCharter("workshop", "jobs, timber and machines")


@pytest.fixture(scope="module")
def classifier() -> Iterator[LocalClassifier]:
    found = LocalClassifier(open_folder(SHIPPED))
    yield found
    found.close()


def ask(classifier: LocalClassifier, text: str, *context: str, charter: Charter = CHARTER) -> Verdict:
    lines = tuple(ContextLine("someone", line) for line in context)
    return classifier.judge_now([Question(text, charter, WORKSHOP, lines)])[0]


@pytest.mark.parametrize(
    "text, label",
    [
        ("which glue do you use for oak worktops near a sink?", Label.ON_TOPIC),
        ("what do you charge a day for fitting kitchens, materials apart?", Label.ON_TOPIC),
        ("anyone watching the football tonight? my lot are terrible this year lol", Label.CHATTER),
        ("my dog ate my homework lol", Label.CHATTER),
        ("my cat just fell asleep on the keyboard again 😂", Label.CHATTER),
        ("hey makers, I help trades get 20 new leads a month, DM me for a free audit", Label.PITCH),
        ("get 5k real followers for your business page, cheap, message me", Label.PITCH),
    ],
)
def test_plain_cases(classifier: LocalClassifier, text: str, label: Label) -> None:
    assert ask(classifier, text).label is label


def test_probabilities_add_up_and_the_label_is_the_likeliest(classifier: LocalClassifier) -> None:
    shares = ask(classifier, "what do you charge for fitting a staircase?").probabilities
    assert shares.on_topic + shares.chatter + shares.pitch == pytest.approx(1, abs=1e-5)
    assert shares.of(shares.label) == max(shares.on_topic, shares.chatter, shares.pitch)


def test_a_verdict_does_not_depend_on_its_neighbours(classifier: LocalClassifier) -> None:
    texts = [
        "thanks, that worked",
        "cat pictures please",
        "buy my course, link in bio",
        "oak or ash for stairs? " * 20,
    ]
    questions = [
        Question(text, CHARTER, WORKSHOP, (ContextLine("a", "did the new blade help?"),)) for text in texts
    ]
    together = classifier.judge_now(questions * 9)
    # Another one, which has not read any of these texts yet.
    fresh = LocalClassifier(open_folder(SHIPPED), threads=1)
    alone = [fresh.judge_now([question])[0] for question in questions] * 9
    fresh.close()
    for one, other in zip(alone, together, strict=True):
        assert one.label is other.label
        assert one.probabilities.pitch == pytest.approx(other.probabilities.pitch, abs=1e-5)


def test_a_charter_that_reads_like_a_channel_beside_it_changes_nothing(classifier: LocalClassifier) -> None:
    text = "jobs, timber and machines"
    before = (ContextLine("a", "did the new blade help?"), ContextLine("b", "it did, thanks a lot for that"))
    as_charter = Question("my cat fell asleep on the keyboard again", Charter("", text), None, before)
    as_channel = Question(
        "get 5k real followers, message me", Charter("", ""), ChannelCharter("", text), before
    )
    alone = [classifier.judge_now([question])[0] for question in (as_charter, as_channel)]
    together = classifier.judge_now(
        [as_charter, as_channel]
    )  # the text is known now, and one and the same for both
    assert [one.probabilities for one in together] == [one.probabilities for one in alone]


def test_the_charter_is_read(classifier: LocalClassifier) -> None:
    text = "how do I stop the soil in my greenhouse beds from drying out so fast?"
    gardeners = Charter(
        "Green Fingers", "Market gardeners talk about soil, greenhouses, irrigation and growing vegetables."
    )
    here, there = ask(classifier, text), ask(classifier, text, charter=gardeners)
    assert there.probabilities.on_topic > here.probabilities.on_topic


def test_moderators_examples_change_a_verdict_at_once(classifier: LocalClassifier) -> None:
    text = "the ferry was cancelled again so half the crew is stuck on the island"
    taught = Charter(CHARTER.name, CHARTER.purpose, examples=(Example(Label.CHATTER, text),))
    before, after = ask(classifier, text), ask(classifier, text, charter=taught)
    assert after.probabilities.chatter > before.probabilities.chatter
    assert after.label is Label.CHATTER
    assert "closest to the example" in after.why
    elsewhere = Charter(
        CHARTER.name, CHARTER.purpose, examples=(Example(Label.CHATTER, text, channel="business"),)
    )
    assert ask(classifier, text, charter=elsewhere).probabilities == before.probabilities


@pytest.mark.parametrize(
    "question, reason",
    [
        (Question("", CHARTER, WORKSHOP, attachments=(Attachment("plan.png", "image"),)), "no text to read"),
        (Question("👍", CHARTER, WORKSHOP), "no words"),
        (Question("lol", CHARTER, WORKSHOP), "too short"),
        (Question("всем привет, кто знает хороший клей для дуба?", CHARTER, WORKSHOP), "does not read"),
        (Question("誰かオーク材に合う接着剤を知っていますか", CHARTER, WORKSHOP), "does not read"),
    ],
)
def test_it_says_when_it_cannot_tell(classifier: LocalClassifier, question: Question, reason: str) -> None:
    (verdict,) = classifier.judge_now([question])
    assert verdict.abstained
    assert reason in verdict.why


def test_why_names_what_catches_the_eye(classifier: LocalClassifier) -> None:
    verdict = ask(
        classifier, "free call for joiners who want more clients, dm me or use https://grow.example"
    )
    assert verdict.label is Label.PITCH
    for cue in ("an offer", "a link", "asks for direct messages"):
        assert cue in verdict.why


OFFERS = (
    "always room for two more at our opportunity evening, ask me how I left my job at 34",
    "if somebody here is tired of chasing work, my people do that for you, first month on us",
    "my mentor's method took me from broke to six figures, happy to share it with three of you",
)


async def test_of_a_pitch_without_a_plain_sign_it_names_the_words_when_it_is_shown(
    classifier: LocalClassifier,
) -> None:
    questions = [Question(text, CHARTER, WORKSHOP) for text in (*OFFERS, "which glue do you use for oak?")]
    verdicts = await classifier.judge(questions)
    told = await classifier.explain(questions, verdicts)
    named = 0
    for question, verdict, full in zip(questions, verdicts, told, strict=True):
        assert (full.probabilities, full.model, full.abstained) == (
            verdict.probabilities,
            verdict.model,
            verdict.abstained,
        )
        words = re.findall(r'; most of all "([^"]+)"', full.why)
        assert full.why.replace(f'; most of all "{"".join(words)}"', "") == verdict.why
        assert all(one in normalise(question.text) for one in words)
        assert not words or verdict.label is Label.PITCH
        named += len(words)
    assert named


async def test_another_classifiers_verdict_is_not_explained(classifier: LocalClassifier) -> None:
    questions = [Question(OFFERS[0], CHARTER, WORKSHOP)]
    verdicts = [Verdict(Probabilities(0.0, 0.0, 1.0), "the owner's model says so", "another")]
    assert await classifier.explain(questions, verdicts) == verdicts


@pytest.mark.parametrize(
    "text",
    ["x" * 1_000_000, "🎉" * 10_000, "\ud800 hi \u202e there", "\x00", "a\u0301" * 5000, "\n" * 500],
    ids=["x", "emoji", "surrogate", "null", "accents", "lines"],
)
def test_odd_texts_are_judged(classifier: LocalClassifier, text: str) -> None:
    assert len(classifier.judge_now([Question(text[:1_000_000], CHARTER, WORKSHOP)])) == 1


def test_an_empty_charter_is_judged(classifier: LocalClassifier) -> None:
    assert len(classifier.judge_now([Question("hello there everyone", Charter("", ""))])) == 1


def test_no_questions_no_verdicts(classifier: LocalClassifier) -> None:
    assert classifier.judge_now([]) == []


async def test_the_loop_goes_on_while_a_batch_runs(classifier: LocalClassifier) -> None:
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.005)
            longest = max(longest, time.perf_counter() - begun - 0.005)

    questions = [
        Question(f"how would you price job number {n} in ash?", CHARTER, WORKSHOP) for n in range(200)
    ]
    ticking = asyncio.create_task(tick())
    verdicts = await classifier.judge(questions)
    ticking.cancel()
    assert len(verdicts) == 200
    # The figure to reach is 50 ms (docs/benchmarks.md); a busy machine that runs tests is given more.
    assert longest < 0.25


def test_a_file_that_no_library_reads_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "model"))
    (folder / "text.onnx").write_bytes(b"not a network")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"]["text.onnx"] = digest_of(folder / "text.onnx")
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be loaded"):
        LocalClassifier(open_folder(folder))
