"""bot/playground/memory.py: it does what a chat platform does, so that what is tested on it is tested on something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.playground.memory import DELETE_OTHERS, MODERATORS_CHANNEL, MemoryPlatform
from bot.playground.world import What
from bot.wording import Voice
from moderation.actions import FloodHint, NudgeStretch, PitchCard, Welcome
from moderation.errors import Gone, NotAllowed, NotReachable, Unavailable
from moderation.messages import Attachment, Message, MessageKey, Platform
from moderation.notices import PitchShown
from moderation.ports import Abilities, Button, ChatPlatform, Community, Look, Press
from moderation.report_actions import ShowObjection

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NUDGE = NudgeStretch("shop/1", "sofa", ("ann",), ("1",), offer=True)
HERE = Community(Platform.PLAYGROUND, "playground")


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at


def a_platform(abilities: Abilities | None = None, voice: Voice | None = None) -> MemoryPlatform:
    platform = MemoryPlatform(Clock(), abilities=abilities, voice=voice)
    platform.add_member("ann")
    platform.add_member("ben", roles=("helper",))
    platform.add_member("mona", moderator=True)
    platform.add_channel("shop", purpose="jobs")
    platform.add_channel("sofa", social=True)
    platform.add_channel("office", for_moderators=True)
    return platform


@pytest.fixture
def platform() -> MemoryPlatform:
    return a_platform()


def key(channel: str, message: str) -> MessageKey:
    return MessageKey(HERE.platform, HERE.id, channel, message)


def test_it_is_a_chat_platform(platform: MemoryPlatform) -> None:
    port: ChatPlatform = platform
    assert port.abilities(HERE) == Abilities()
    assert port.abilities(Community(Platform.SLACK, "T9")) == Abilities(
        delete_others=False, private_notes=False
    )


# --- what people do --------------------------------------------------------------------------------------------


async def test_listeners_hear_what_people_do(platform: MemoryPlatform) -> None:
    heard: list[Message] = []
    gone: list[MessageKey] = []

    async def hear(message: Message) -> None:
        heard.append(message)

    async def hear_deletion(deleted: MessageKey) -> None:
        gone.append(deleted)

    platform.on_message(hear)
    platform.on_deletion(hear_deletion)
    posted = await platform.post("ben", "shop", "hello @Ann and @nobody", attachments=[Attachment("a.png")])
    edited = await platform.edit("shop", posted.key.message, "hello")
    await platform.delete("shop", posted.key.message)
    assert heard == [posted, edited]
    assert gone == [posted.key]
    assert (posted.author.id, posted.author.name, posted.author.roles) == ("ben", "Ben", ("helper",))
    assert (posted.channel_name, posted.mentions, posted.attachments) == (
        "shop",
        ("ann",),
        (Attachment("a.png"),),
    )
    assert (posted.revision, edited.revision, edited.text) == (0, 1, "hello")
    assert edited.posted_at == posted.posted_at


async def test_ids_and_times_go_on(platform: MemoryPlatform) -> None:
    posts = [await platform.post("ann", "shop", str(n)) for n in range(12)]
    assert sorted(posts, key=lambda post: post.key.message) == posts
    assert sorted(posts, key=lambda post: post.posted_at) == posts


async def test_who_left_cannot_post_or_see(platform: MemoryPlatform) -> None:
    await platform.post("ann", "shop", "bye")
    platform.leave("ann")
    assert platform.view("shop", "ann") == []
    assert len(platform.view("shop", "ben")) == 1
    with pytest.raises(Gone):
        await platform.post("ann", "shop", "still here")


async def test_private_channels_are_private(platform: MemoryPlatform) -> None:
    platform.add_channel("board", private_to=["ben"])
    await platform.post("ben", "board", "figures")
    assert [seen.text for seen in platform.view("board", "ben")] == ["figures"]
    assert platform.view("board", "ann") == []


async def test_a_press_is_heard_with_what_it_belongs_to(platform: MemoryPlatform) -> None:
    pressed: list[Press] = []

    async def hear(press: Press) -> None:
        pressed.append(press)

    platform.on_press(hear)
    post = await platform.say(HERE, "shop", NUDGE, buttons=[Button.WHY], marker=NUDGE.marker)
    press = await platform.press(post, Button.WHY, "mona")
    assert pressed == [press]
    assert (press.subject, press.channel, press.member, press.moderator) == (
        NUDGE.marker,
        "shop",
        "mona",
        True,
    )


async def test_only_buttons_that_one_sees_can_be_pressed(platform: MemoryPlatform) -> None:
    card = await platform.show_card(
        HERE, ShowObjection("n", "shop", "ann"), buttons=[Button.FINE], marker="c"
    )
    note = await platform.tell(HERE, "shop", "ann", NUDGE, buttons=[Button.WHY], marker="n")
    for post, button, member in [
        (card, Button.FINE, "ann"),
        (card, Button.REMOVE, "mona"),
        (note, Button.WHY, "ben"),
        ("000099", Button.WHY, "ann"),
    ]:
        with pytest.raises(LookupError):
            await platform.press(post, button, member)
    assert (await platform.press(note, Button.WHY, "ann")).subject == "n"


# --- what the bot does -----------------------------------------------------------------------------------------


async def test_what_is_said_is_there_once_and_found_again(platform: MemoryPlatform) -> None:
    first = await platform.say(HERE, "shop", NUDGE, buttons=[], marker="m")
    assert await platform.say(HERE, "shop", NUDGE, buttons=[], marker="m") == first
    assert await platform.find(HERE, "shop", "m") == first
    assert await platform.find(HERE, "sofa", "m") is None
    assert len(platform.view("shop", "ann")) == 1


async def test_a_deleted_one_is_not_found(platform: MemoryPlatform) -> None:
    first = await platform.say(HERE, "shop", NUDGE, buttons=[], marker="m")
    await platform.remove(key("shop", first), reason="done")
    assert await platform.find(HERE, "shop", "m") is None


async def test_a_note_is_seen_by_one_who_is_there(platform: MemoryPlatform) -> None:
    platform.add_member("zoe", present=False)
    for member in ("ann", "zoe"):
        await platform.tell(
            HERE, "shop", member, FloodHint(member, "1"), buttons=[], marker=f"flood:{member}"
        )
    assert [seen.private for seen in platform.view("shop", "ann")] == [True]
    assert platform.view("shop", "ben") == platform.view("shop", "zoe") == []
    assert await platform.find(HERE, "shop", "flood:ann") is None


async def test_who_takes_no_direct_messages_is_reached_where_notes_are_private_and_when_they_press() -> None:
    async def tell(platform: MemoryPlatform) -> str:
        return await platform.tell(HERE, "shop", "zoe", NUDGE, buttons=[], marker="n")

    async def answer(press: Press) -> None:
        assert press.button is Button.WHY
        await tell(open_only)

    open_only = a_platform(Abilities(private_notes=False))
    open_only.add_member("zoe", closed=True)
    with pytest.raises(NotReachable):
        await tell(open_only)
    open_only.on_press(answer)
    post = await open_only.say(HERE, "shop", NUDGE, buttons=[Button.WHY], marker="n")
    with pytest.raises(NotReachable):
        await open_only.press(post, Button.WHY, "ann")
    await open_only.press(post, Button.WHY, "zoe")
    with pytest.raises(NotReachable):
        await tell(open_only)
    assert len(open_only.world.notes) == 1
    private = a_platform()
    private.add_member("zoe", closed=True)
    assert await tell(private)


async def test_a_copy_bears_the_authors_name_and_is_ours(platform: MemoryPlatform) -> None:
    post = await platform.post("ann", "shop", "meow", attachments=[Attachment("cat.png")])
    copy = await platform.copy(post, "sofa", marker="copy:1")
    assert await platform.copy(post, "#SOFA", marker="copy:1") == copy
    seen = platform.view("sofa", "ben")[0]
    assert (seen.author, seen.text) == ("Ann", "meow")
    assert seen.line == "Ann · moved from #shop · 2026-03-02 09:01 UTC"
    assert [message async for message in platform.history(HERE, "sofa", None)] == []


async def test_a_copy_into_its_own_channel_brings_back(platform: MemoryPlatform) -> None:
    root = await platform.post("ben", "shop", "which glue?")
    post = await platform.post("ann", "shop", "meow", thread=root.key.message)
    await platform.remove(post.key, reason="moved")
    await platform.copy(post, "shop", marker="back:1")
    seen = platform.view("shop", "ben")[-1]
    assert (seen.thread, seen.line) == (root.key.message, "Ann · brought back · 2026-03-02 09:02 UTC")


async def test_deletions_of_others_posts_come_back_as_events(platform: MemoryPlatform) -> None:
    gone: list[MessageKey] = []

    async def hear(deleted: MessageKey) -> None:
        gone.append(deleted)

    platform.on_deletion(hear)
    post = await platform.post("ann", "shop", "meow")
    own = await platform.say(HERE, "shop", NUDGE, buttons=[], marker="m")
    await platform.remove(post.key, reason="moved")
    await platform.remove(key("shop", own), reason="done")
    assert gone == [post.key]
    with pytest.raises(Gone):
        await platform.remove(post.key, reason="again")


async def test_some_platforms_let_the_bot_delete_only_its_own() -> None:
    platform = a_platform(Abilities(delete_others=False))
    post = await platform.post("ann", "shop", "meow")
    copy = await platform.copy(post, "sofa", marker="copy:1")
    await platform.remove(key("sofa", copy), reason="undone")
    with pytest.raises(NotAllowed) as refused:
        await platform.remove(post.key, reason="moved")
    assert refused.value.permission == DELETE_OTHERS


async def test_a_card_is_renewed_in_place(platform: MemoryPlatform) -> None:
    pitch = PitchShown(PitchCard("shop/1", "shop/1", "ben", True, 0), "Ben", "ten leads", (), None)
    card = await platform.show_card(HERE, pitch, buttons=[Button.REMOVE], marker="card:1")
    assert await platform.show_card(HERE, pitch, buttons=[], marker="card:1") == card
    seen = platform.view("office", "mona")
    assert len(seen) == 1
    assert seen[0].labels == ()
    assert platform.view("office", "ann") == []
    assert (platform.world.count(What.CARD_SHOWN), platform.world.count(What.CARD_RENEWED)) == (1, 1)


async def test_without_a_moderators_channel_there_are_no_cards() -> None:
    platform = MemoryPlatform(Clock())
    with pytest.raises(NotAllowed) as refused:
        await platform.show_card(HERE, ShowObjection("n", "shop", "ann"), buttons=[], marker="c")
    assert refused.value.permission == MODERATORS_CHANNEL


async def test_a_look_shows_edits_threads_pins_and_reactions(platform: MemoryPlatform) -> None:
    post = await platform.post("ann", "shop", "meow")
    assert await platform.look(post.key) == Look()
    await platform.edit("shop", post.key.message, "meow!")
    await platform.post("ben", "shop", "aw", thread=post.key.message)
    platform.pin("shop", post.key.message)
    platform.react("shop", post.key.message, 2)
    assert await platform.look(post.key) == Look(1, has_thread=True, pinned=True, reactions=2)
    await platform.delete("shop", post.key.message)
    with pytest.raises(Gone):
        await platform.look(post.key)


async def test_history_holds_what_people_posted_after_a_moment(platform: MemoryPlatform) -> None:
    first, second = [await platform.post("ann", "shop", text) for text in ("one", "two")]
    await platform.say(HERE, "shop", NUDGE, buttons=[], marker="m")
    assert [message async for message in platform.history(HERE, "shop", None)] == [first, second]
    assert [message async for message in platform.history(HERE, "shop", first.posted_at)] == [second]


async def test_channels_have_names_and_purposes(platform: MemoryPlatform) -> None:
    assert [(each.id, each.purpose) for each in await platform.channels(HERE)] == [
        ("shop", "jobs"),
        ("sofa", ""),
        ("office", ""),
    ]


async def test_it_speaks_the_communitys_language() -> None:
    platform = a_platform(voice=Voice("de"))
    await platform.say(HERE, "shop", Welcome("ann", "1", "sofa"), buttons=[Button.WHY], marker="w")
    seen = platform.view("shop", "ann")[0]
    assert seen.text.startswith("Willkommen, @Ann!")
    assert "#sofa" in seen.text
    assert seen.labels == ("Warum?",)


# --- what goes wrong -------------------------------------------------------------------------------------------


async def test_another_community_or_channel_is_not_here(platform: MemoryPlatform) -> None:
    with pytest.raises(Gone):
        await platform.find(Community(Platform.SLACK, "T9"), "shop", "m")
    with pytest.raises(Gone):
        await platform.channels(Community(Platform.SLACK, "T9"))
    with pytest.raises(Gone):
        await platform.find(HERE, "attic", "m")


async def test_a_missing_permission_counts_for_one_channel(platform: MemoryPlatform) -> None:
    platform.troubles.forbid("shop", "Send Messages", "say")
    await platform.say(HERE, "sofa", NUDGE, buttons=[], marker="m")
    with pytest.raises(NotAllowed) as refused:
        await platform.say(HERE, "shop", NUDGE, buttons=[], marker="m")
    assert refused.value.permission == "Send Messages"
    platform.troubles.allow("shop", "say")
    assert await platform.say(HERE, "shop", NUDGE, buttons=[], marker="m")


@pytest.mark.parametrize("after", [False, True])
async def test_a_failure_comes_before_or_after_the_deed(platform: MemoryPlatform, after: bool) -> None:
    platform.troubles.fail_next("say", Unavailable("busy"), after=after, skip=1)
    await platform.say(HERE, "shop", NUDGE, buttons=[], marker="a")
    await platform.find(HERE, "shop", "a")
    with pytest.raises(Unavailable):
        await platform.say(HERE, "shop", NUDGE, buttons=[], marker="b")
    assert (await platform.find(HERE, "shop", "b") is not None) is after
    assert platform.troubles.calls == 4


async def test_a_plan_of_failures_can_be_cleared(platform: MemoryPlatform) -> None:
    platform.troubles.fail_next("", Unavailable("busy"), times=2)
    with pytest.raises(Unavailable):
        await platform.find(HERE, "shop", "a")
    platform.troubles.clear()
    assert await platform.find(HERE, "shop", "a") is None


async def test_the_journal_tells_what_happened_how_often(platform: MemoryPlatform) -> None:
    post = await platform.post("ann", "shop", "meow")
    await platform.copy(post, "sofa", marker="copy:1")
    await platform.remove(post.key, reason="moved")
    world = platform.world
    assert [event.what for event in world.journal] == [What.POSTED, What.COPIED, What.REMOVED]
    assert (world.count(What.COPIED, "copy:1"), world.count(What.REMOVED, post=post.key.message)) == (1, 1)
    assert world.count(What.COPIED, "copy:2") == 0
