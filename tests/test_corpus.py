"""The corpus keeps its own form, and nothing of the locked part stands in another."""

from training.corpus import faults, near_duplicates


def test_the_corpus_is_without_faults() -> None:
    assert list(faults()) == []


def test_near_duplicates_are_found_and_idioms_are_not() -> None:
    others = [
        "well, does anybody here know a good dentist in the north of town please",
        "pics or it didn't happen lol",
    ]
    found = near_duplicates(
        ["does anybody here know a good dentist in the north of town?", "pics or it didn't happen", "short"],
        others,
    )
    assert found == ["does anybody here know a good dentist in the north of town?"]
