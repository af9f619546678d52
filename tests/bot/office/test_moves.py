"""bot/office/moves.py: shown first, moved by a press, brought back."""

from __future__ import annotations

from bot.office.moves import move, move_to_social, undo
from bot.office.setup import Wishes
from moderation.messages import Message
from moderation.move_actions import MoveStretch
from moderation.ports import Abilities
from tests.bot.office.house import ANN, BEN, MONA, OFFICE, SOCIAL, WORK, House


def ids(*messages: Message) -> tuple[str, ...]:
    return tuple(message.key.message for message in messages)


async def moves(house: House) -> list[MoveStretch]:
    return [each.action for each in await house.outbox() if isinstance(each.action, MoveStretch)]


async def test_a_moderator_sees_what_would_be_moved_and_then_it_is(house: House) -> None:
    talk = await house.talk()
    said = await move(house.office, house.by(MONA), WORK, ids(*talk[:2]))
    assert said.text.startswith("2 posts by 2 people would go to #teabreak:")
    assert "• Ann: “my cat ate the glue”" in said.text
    assert await moves(house) == []
    assert "On the way to #teabreak" in (await house.choose(MONA, said, "Move them")).text
    (action,) = await moves(house)
    assert (action.members, action.by) == (("ann", "ben"), "mona")
    await house.settle()
    assert house.seen(SOCIAL)[1:] == ["my cat ate the glue", "haha what a cat"]
    assert house.seen(WORK)[:2] == ["lunch then?", "pizza!"]
    assert house.woken > 0


async def test_the_whole_talk_of_a_post(house: House) -> None:
    await house.post("ben", "which saw for timber?")
    talk = await house.talk()
    await house.post("cara", "our timber comes on friday")
    said = await move(house.office, house.by(MONA), WORK, ids(talk[2]))
    whole = await house.choose(MONA, said, "Move the whole talk")
    assert whole.text.startswith("4 posts by 3 people")
    await house.choose(MONA, whole, "Move them")
    await house.settle()
    assert house.seen(WORK)[:2] == ["which saw for timber?", "our timber comes on friday"]


async def test_leaving_it(house: House) -> None:
    talk = await house.talk()
    said = await move(house.office, house.by(MONA), WORK, ids(talk[0]))
    await house.choose(MONA, said, "Leave it")
    assert await moves(house) == []
    assert "I no longer know" in (await house.choose(MONA, said, "Move it")).text


async def test_authors_move_their_own_post_alone(house: House) -> None:
    talk = await house.talk()
    said = await move_to_social(house.office, house.by(ANN), WORK, talk[0].key.message)
    assert said.text == "Move this post of yours to #teabreak? You can bring it back for 7 days."
    assert "for the moderators" in (await house.choose(BEN, said, "Move it")).text
    said = await move_to_social(house.office, house.by(ANN), WORK, talk[0].key.message)
    await house.choose(ANN, said, "Move it")
    (action,) = await moves(house)
    assert (action.messages, action.members, action.by) == (ids(talk[0]), ("ann",), "ann")
    other = await move_to_social(house.office, house.by(BEN), WORK, talk[0].key.message)
    assert "no post of yours" in other.text
    assert (
        "would go to" in (await move_to_social(house.office, house.by(MONA), WORK, talk[1].key.message)).text
    )


async def test_what_came_back_can_go_again() -> None:
    house = House(abilities=Abilities(delete_others=False))
    await house.set_up()
    talk = await house.talk()
    for _ in range(2):
        said = await move(house.office, house.by(MONA), WORK, ids(talk[0]))
        await house.choose(MONA, said, "Move it")
        await house.settle()
        assert house.seen(SOCIAL)[-1] == "my cat ate the glue"
        latest = await undo(house.office, house.by(MONA))
        assert "1. 1 post from #workshop to #teabreak" in latest.text
        assert "(the originals are still there)" in latest.text
        assert all(len(each.token) <= 90 for each in latest.choices)
        assert "On the way back" in (await house.choose(MONA, latest, "Bring back 1")).text
        await house.settle()
        assert house.seen(SOCIAL) == []
    assert len(await moves(house)) == 2


async def test_undo_by_a_message_or_its_copy(house: House) -> None:
    talk = await house.talk()
    await house.choose(MONA, await move(house.office, house.by(MONA), WORK, ids(talk[0])), "Move it")
    await house.settle()
    copy = next(seen.id for seen in house.platform.view(SOCIAL, "mona") if seen.text == talk[0].text)
    assert "No move of the last 7 days" in (await undo(house.office, house.by(MONA), WORK, "4711")).text
    assert "On the way back" in (await undo(house.office, house.by(MONA), SOCIAL, copy)).text
    await house.settle()
    assert "my cat ate the glue" in house.seen(WORK)
    assert "Nothing was moved" in (await undo(house.office, house.by(MONA))).text


async def test_what_cannot_be_moved_is_said(house: House) -> None:
    talk = await house.talk()
    assert "I have none of these posts" in (await move(house.office, house.by(MONA), WORK, ("4711",))).text
    assert "it is there already" in (await move(house.office, house.by(MONA), SOCIAL, ("4711",))).text
    assert "for the moderators" in (await move(house.office, house.by(ANN), WORK, ids(*talk))).text
    lonely = House()
    await lonely.set_up(Wishes(purpose="Joiners talk", moderators=OFFICE))
    assert (
        "No channel is for casual talk yet" in (await move(lonely.office, lonely.by(MONA), WORK, ("1",))).text
    )
    post = await lonely.post("ann", "my cat")
    said = await move_to_social(lonely.office, lonely.by(ANN), WORK, post.key.message)
    assert said.text == "No place is set for casual talk here yet."
