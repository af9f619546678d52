"""Whatever the domain holds comes back from its stored form as it was."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, timezone
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from moderation.actions import Action, Welcome
from moderation.charter import Charter
from moderation.decisions import Decision
from moderation.errors import DatabaseTooNew
from moderation.experiment import Experiment
from moderation.messages import Message
from moderation.policy import Policy
from moderation.storage import encoding, rows
from moderation.storage.cleaning import clean_id, clean_text
from moderation.storage.crypto import Vault
from moderation.storage.tables import EPOCH, Moment
from tests.factories import MONDAY, a_charter, a_message
from tests.moderation.storage.contract import a_decision

VAULT = Vault.make_throwaway()
TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
WILD = st.text(st.characters(exclude_categories=()), max_size=12)
NAME = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
MOMENT = st.datetimes(timezones=st.just(UTC))
st.register_type_strategy(datetime, MOMENT)
st.register_type_strategy(time, st.times())
# hypothesis would choose any text there is, lone surrogates too: those are tested on their own.
st.register_type_strategy(str, TEXT)
# A probability: what is no number is not equal to itself.
st.register_type_strategy(float, st.floats(0, 1))
st.register_type_strategy(
    Experiment,
    st.builds(
        Experiment, TEXT, st.sampled_from([0.5, 1 / 3, 0.25]), MOMENT, st.none(), st.just("Europe/Berlin")
    ),
)
ACTIONS = st.one_of(*(st.from_type(kind) for kind in get_args(Action)))


def test_every_action_has_a_kind_of_its_own() -> None:
    assert len(encoding.ACTIONS) == len(get_args(Action))


@given(actions=st.lists(ACTIONS, max_size=4).map(tuple))
def test_actions_come_back(actions: tuple[Action, ...]) -> None:
    packed = encoding.pack_actions(actions)
    assert encoding.unpack_actions(packed) == actions
    assert (packed is None) == (not actions)
    assert all(encoding.unpack_action(encoding.pack_action(action)) == action for action in actions)


@given(member=WILD)
def test_an_action_is_plain_ascii_whatever_is_in_it(member: str) -> None:
    action = Welcome(member, "1", "C3")
    assert encoding.pack_action(action).isascii()
    assert encoding.unpack_action(encoding.pack_action(action)) == action


@given(charter=st.from_type(Charter), policy=st.from_type(Policy))
def test_rules_come_back(charter: Charter, policy: Policy) -> None:
    assert encoding.unpack_rules(encoding.pack_rules(charter, policy)) == (charter, policy)


def test_rules_of_before_a_field_was_there_get_its_default() -> None:
    plain = json.loads(encoding.pack_rules(a_charter(), Policy(lone_limit=7, act_in_threads=True)))
    del plain["policy"]["act_in_threads"], plain["charter"]["tone"]
    plain["policy"]["dropped since"] = 1
    assert encoding.unpack_rules(json.dumps(plain).encode()) == (a_charter(), Policy(lone_limit=7))


def test_an_action_of_the_future_is_refused_in_a_sentence() -> None:
    with pytest.raises(DatabaseTooNew, match="'Applaud'"):
        encoding.unpack_action('{"kind": "Applaud", "member": "ann"}')


def test_what_has_no_stored_form_is_refused() -> None:
    @dataclass
    class Odd:
        what: complex

    with pytest.raises(TypeError, match="complex cannot be stored"):
        encoding.to_plain(Odd(1j))


@given(moment=MOMENT)
def test_a_moment_is_exact_and_keeps_its_order(moment: datetime) -> None:
    column, dialect = Moment(), sqlite.dialect()
    number = column.process_bind_param(moment, dialect)
    assert number is not None
    assert column.process_result_value(number, dialect) == moment
    assert (number < 0) == (moment < EPOCH)
    elsewhere = moment.astimezone(timezone(timedelta(hours=1))) if moment.year not in (1, 9999) else moment
    assert column.process_bind_param(elsewhere, dialect) == number


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(TypeError):
        Moment().process_bind_param(datetime(2026, 3, 2), sqlite.dialect())  # noqa: DTZ001 - the point


@given(text=WILD)
def test_cleaning_is_settled_after_once_and_leaves_what_can_be_kept(text: str) -> None:
    cleaned = clean_text(text)
    assert cleaned.encode().decode() == cleaned == clean_text(cleaned)
    assert len(cleaned) == len(text)
    assert clean_id(text) == clean_id(clean_id(text)) == cleaned.replace("\0", "\N{REPLACEMENT CHARACTER}")


MESSAGES = st.from_type(Message).map(
    lambda message: replace(message, thread=message.thread or None)  # an empty thread is stored as none
)


@given(message=st.deferred(lambda: MESSAGES))
def test_a_message_comes_back_from_its_row(message: Message) -> None:
    values = rows.message_values(message, MONDAY, VAULT)
    assert rows.message_of([values[column.name] for column in rows.MESSAGE], VAULT) == message


@given(decision=st.from_type(Decision).map(lambda one: replace(one, thread=one.thread or None)))
def test_a_decision_comes_back_from_its_row(decision: Decision) -> None:
    values = rows.decision_values(decision, VAULT)
    assert repr(rows.decision_of([values[column.name] for column in rows.DECISION], VAULT)) == repr(decision)


@given(texts=st.tuples(WILD, WILD, WILD))
def test_wild_texts_are_cleaned(texts: tuple[str, str, str]) -> None:
    message = replace(a_message(1, text=texts[0], mentions=texts), channel_name=texts[1])
    values = rows.message_values(message, MONDAY, VAULT)
    found = rows.message_of([values[column.name] for column in rows.MESSAGE], VAULT)
    assert (found.text, found.channel_name) == (clean_text(texts[0]), clean_text(texts[1]))
    assert found.mentions == tuple(map(clean_text, texts))


@given(
    names=st.lists(
        st.tuples(WILD, WILD, WILD), min_size=2, max_size=2, unique_by=lambda some: tuple(map(clean_id, some))
    )
)
def test_no_two_messages_share_a_place(names: list[tuple[str, str, str]]) -> None:
    keys = [replace(a_message(1).key, community=one, channel=two, message=three) for one, two, three in names]
    places = {rows.place_of(table, key) for key in keys for table in ("messages", "decisions")}
    assert len(places) == 4


def test_a_decision_knows_its_revision() -> None:
    first, second = a_decision(a_message(1)), a_decision(a_message(1, revision=1))
    assert rows.decision_values(first, VAULT)["revision"] == 0
    swapped = {**rows.decision_values(first, VAULT), "notes": rows.decision_values(second, VAULT)["notes"]}
    with pytest.raises(Exception, match="does not open"):
        rows.decision_of([swapped[column.name] for column in rows.DECISION], VAULT)
