"""L33t and split words are read as the words that they stand for; names of the trade are not."""

import pytest
from tokenizers import Tokenizer

from moderation.classifier.folder import SHIPPED
from moderation.classifier.spelling import respell


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(SHIPPED / "tokenizer.json"))


@pytest.mark.parametrize(
    "written, read",
    [
        ("fr33 m0n3y f0ll0wers ch34p", "free money followers cheap"),
        ("d1sc0unt!! p@ssive inc0me", "discount!! passive income"),
        ("fr.ee mo.ney fol.low.ers", "free money followers"),
        ("an err0r", "an error"),
    ],
)
def test_what_is_meant_is_read(tokenizer: Tokenizer, written: str, read: str) -> None:
    assert respell(written, tokenizer) == read


@pytest.mark.parametrize(
    "text",
    [
        "log4j k8s b2b w3c i18n node.js e.g. v2.1 3am 5k p2p h264 s3 web3 mp4 12% c++ 100$",
        "don't, l'équipe, part-time, self-employed, and/or",
        "MTD error 403, VAT on 1099-K and form P11D(b)",
        "see config.yml and main.rs at 10:30",
        "и/или это",
        "",
    ],
)
def test_names_and_numbers_stay(tokenizer: Tokenizer, text: str) -> None:
    assert respell(text, tokenizer) == text
