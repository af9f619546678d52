"""bot/office/charters.py, comparing.py, drafts.py: every change is shown on real messages first, and published by a press."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.office import comparing
from bot.office.charters import (
    ChannelEdit,
    Edit,
    charter_channel,
    charter_edit,
    charter_example,
    charter_show,
    charter_text,
    diff,
    mode,
    promise,
    unwatch,
    watch,
)
from bot.office.setup import Wishes
from bot.office.status import pause
from moderation.charter import ChannelCharter
from moderation.charter_file import render
from moderation.messages import Channel
from moderation.policy import Mode
from moderation.promise import Promise
from tests.bot.office.house import ANN, BUSINESS, MONA, WORK, House

WORKSHOP = Channel(WORK, "workshop", "jobs, timber and machines")


async def test_the_charter_is_shown_in_words_and_as_a_file(house: House) -> None:
    said = await charter_show(house.office, house.by(MONA))
    assert "Casual talk #teabreak" in said.text
    assert said.files[0].name == "charter.toml"
    assert said.files[0].content.decode() == render(*await house.rules())


async def test_a_change_is_shown_on_real_messages_and_published_by_a_press(house: House) -> None:
    await house.talk()
    await house.post("ben", "which saw for oak?")
    said = await charter_channel(
        house.office, house.by(MONA), WORKSHOP, ChannelEdit(purpose="cats and pizza, and nothing else")
    )
    assert "compared  5 messages" in said.text
    assert "flips" in said.text
    assert "#workshop: was counted as casual talk, now left alone" in said.text
    assert (await house.rules())[0].channel(WORK) == ChannelCharter("workshop", WORKSHOP.purpose, WORK)
    assert (await house.choose(MONA, said, "Publish")).text.startswith("Published")
    entry = (await house.rules())[0].channel(WORK)
    assert entry is not None
    assert entry.purpose == "cats and pizza, and nothing else"


async def test_only_what_reads_otherwise_is_judged_again(house: House) -> None:
    await house.talk()
    await house.post("ben", "our pricing, anyone?", BUSINESS)
    house.classifier.batches.clear()
    await charter_channel(house.office, house.by(MONA), WORKSHOP, ChannelEdit(purpose="other timber"))
    assert house.classifier.batches == [4]
    house.classifier.batches.clear()
    await mode(house.office, house.by(MONA), "nudge")
    assert house.classifier.batches == []


async def test_of_many_messages_the_newest_are_compared(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "NEWEST", 3)
    await house.talk()
    said = await mode(house.office, house.by(MONA), "nudge")
    assert "compared  3 messages" in said.text
    assert "Compared are the newest 3 of 4 messages" in said.text


async def test_a_louder_mode_says_who_would_have_been_told(house: House) -> None:
    await house.talk()
    said = await mode(house.office, house.by(MONA), "Offer")
    assert "now 1 offer to move posts" in said.text
    assert "This talk has a cosy home in #teabreak" in said.text
    await house.choose(MONA, said, "Publish")
    assert (await house.rules())[1].mode is Mode.OFFER


async def test_dropping_changes_nothing_and_a_press_works_once(house: House) -> None:
    said = await mode(house.office, house.by(MONA), "nudge")
    assert "Dropped" in (await house.choose(MONA, said, "Drop")).text
    assert "I no longer have this change" in (await house.choose(MONA, said, "Publish")).text
    assert (await house.rules())[1].mode is Mode.OBSERVE


async def test_a_change_waits_for_an_hour_and_no_restart(house: House) -> None:
    said = await mode(house.office, house.by(MONA), "nudge")
    house.clock.pass_by(minutes=61)
    assert "I no longer have this change" in (await house.choose(MONA, said, "Publish")).text
    again = await mode(house.office, house.by(MONA), "nudge")
    restarted = House(store=house.store, clock=house.clock)
    assert "I no longer have this change" in (await restarted.choose(MONA, again, "Publish")).text
    assert (await house.rules())[1].mode is Mode.OBSERVE


async def test_what_was_shown_is_not_published_over_what_others_changed(house: House) -> None:
    said = await mode(house.office, house.by(MONA), "nudge")
    await house.set_up(Wishes(purpose="Something else entirely"))
    assert "Somebody changed the rules meanwhile" in (await house.choose(MONA, said, "Publish")).text
    assert (await house.rules())[1].mode is Mode.OBSERVE


async def test_a_pause_meanwhile_stays(house: House) -> None:
    said = await mode(house.office, house.by(MONA), "nudge")
    await pause(house.office, house.by(MONA), 5)
    await house.choose(MONA, said, "Publish")
    _, policy = await house.rules()
    assert policy.mode is Mode.NUDGE
    assert policy.is_paused(house.clock() + timedelta(hours=1))


async def test_members_can_neither_ask_nor_press(house: House) -> None:
    said = await mode(house.office, house.by(MONA), "nudge")
    assert "for the moderators" in (await house.choose(ANN, said, "Publish")).text
    assert "for the moderators" in (await mode(house.office, house.by(ANN), "move")).text
    assert (await house.rules())[1].mode is Mode.OBSERVE


async def test_the_head_of_the_charter(house: House) -> None:
    edit = Edit("Bench", "Joiners talk shop about timber", "German", "Formal")
    said = await charter_edit(house.office, house.by(MONA), edit)
    assert "Tone or languages change" in said.text
    await house.choose(MONA, said, "Publish")
    charter, _ = await house.rules()
    assert (charter.name, charter.purpose, charter.languages, charter.tone) == (
        "Bench",
        "Joiners talk shop about timber",
        ("de",),
        "formal",
    )


async def test_a_whole_file(house: House) -> None:
    charter, policy = await house.rules()
    text = render(replace(charter, name="Plane"), replace(policy, lone_limit=7)).encode()
    shown = await diff(house.office, house.by(MONA), text)
    assert shown.choices == ()
    await house.choose(MONA, await charter_text(house.office, house.by(MONA), text), "Publish")
    assert ((await house.rules())[0].name, (await house.rules())[1].lone_limit) == ("Plane", 7)
    assert "in force already" in (await diff(house.office, house.by(MONA), text)).text
    wrong = await charter_text(house.office, house.by(MONA), b"name = 1")
    assert 'charter.toml: "purpose" is missing' in wrong.text


async def test_channels_come_and_go(house: House) -> None:
    await house.choose(MONA, await unwatch(house.office, house.by(MONA), WORKSHOP), "Publish")
    assert not (await house.rules())[0].is_watched(WORK)
    said = await watch(house.office, house.by(MONA), WORKSHOP)
    assert "not read now are not stored" in said.text
    await house.choose(MONA, said, "Publish")
    assert (await house.rules())[0].is_watched(WORK)
    new = await watch(house.office, house.by(MONA), Channel("C7", "jobs", "who hires"))
    await house.choose(MONA, new, "Publish")
    assert (await house.rules())[0].channel("C7") == ChannelCharter("jobs", "who hires", "C7")
    own = await watch(house.office, house.by(MONA), Channel("C9", "office"))
    assert "moderators' own channel" in own.text
    assert "how it is already" in (await watch(house.office, house.by(MONA), WORKSHOP)).text


async def test_examples(house: House) -> None:
    said = await charter_example(house.office, house.by(MONA), "Chatter", "my cat is nice", "#workshop")
    await house.choose(MONA, said, "Publish")
    (example,) = (await house.rules())[0].examples
    assert (example.label, example.text, example.channel) == ("chatter", "my cat is nice", "workshop")
    for label, text, channel, why in (
        ("chatter", "my cat is nice", "workshop", "in the charter already"),
        ("spam", "x", "", "is no label: write on_topic, chatter, pitch"),
        ("pitch", "x", "nowhere", "is not in the charter yet"),
        ("pitch", "  ", "", '"text"'),
    ):
        assert why in (await charter_example(house.office, house.by(MONA), label, text, channel)).text


async def test_promises(house: House) -> None:
    assert "is no promise: write" in (await promise(house.office, house.by(MONA), "be good")).text
    said = await promise(house.office, house.by(MONA), str(Promise()))
    assert "as if the promise were kept" in said.text
    await house.choose(MONA, said, "Publish")
    said = await charter_edit(house.office, house.by(MONA), Edit(purpose="Joiners talk about timber"))
    assert "with this one it begins anew" in said.text
    await house.choose(MONA, await mode(house.office, house.by(MONA), "move"), "Publish")
    refused = await promise(house.office, house.by(MONA), "off")
    assert 'typing "move whole talks"' in refused.text
    allowed = await promise(house.office, house.by(MONA), "off", "move whole talks")
    assert "goes by your word alone" in allowed.text
