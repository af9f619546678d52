"""bot/wording.py: every line in every language and tone is there, is kind, and names nobody it must not name."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.voice import FRIENDLY, TONED
from bot.wording import LANGUAGES, TONES, Voice, brought_back, label, moved_from, word
from moderation.actions import (
    Answered,
    FloodHint,
    NudgeAuthor,
    NudgeStretch,
    OfferNote,
    PitchCard,
    RemovePitch,
    RenewCard,
    RestorePitch,
    ReturnText,
    ShowAppeal,
    TakeBack,
    TellAppealAnswer,
    Welcome,
)
from moderation.charter import Charter
from moderation.decisions import Probabilities, Ruled, Ruling
from moderation.labels import Label
from moderation.messages import ContextLine
from moderation.move_actions import DeleteCopy, EditCopy, MoveStretch, TellOfReply, UndoMove
from moderation.notices import (
    Answer,
    AppealShown,
    BacklogShown,
    DrawnShown,
    MoveGivenUp,
    MoveHeader,
    MovePointer,
    Notice,
    PassedShown,
    PitchShown,
    Reply,
    TextReturned,
)
from moderation.pitch_actions import (
    ClaimPitch,
    HoldPitch,
    News,
    PromotePitch,
    ReleasePitch,
    ShowBacklog,
    TellNews,
)
from moderation.pitch_states import Claim, PitchState, Stage
from moderation.policy import Policy
from moderation.ports import Button
from moderation.report_actions import (
    AskAboutDrawn,
    RenewQuestion,
    ReportPermission,
    ReportStanding,
    ShowObjection,
)
from moderation.wording_keys import LINES, problem_of

AT = datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
VOICES = [Voice(language, tone) for language in LANGUAGES for tone in TONES]

UNKIND = {
    "en": "spam violation violate rule rules warning warn off-topic wrong stop forbidden please guideline guidelines "
    "inappropriate reported must offence",
    "de": "spam verstoß verstöße regel regeln warnung verwarnung falsch verboten unangebracht melden müsst musst",
    "es": "spam infracción regla reglas norma normas advertencia prohibido incorrecto debes debe",
    "fr": "spam infraction règle règles avertissement interdit inapproprié dois devez faute",
    "pt": "spam infração violação regra regras advertência proibido errado inadequado deve",
    "it": "spam violazione infrazione regola regole avvertimento vietato sbagliato inappropriato devi deve",
    "nl": "spam overtreding regel regels waarschuwing verboden verkeerd ongepast moet",
}


class Plain:
    def channel(self, channel: str) -> str:
        return f"#{channel}"

    def member(self, member: str) -> str:
        return f"@{member}"

    def time(self, moment: datetime) -> str:
        return f"{moment:%H:%M}"


CARD = PitchCard("shop/1", "talk/2", "ben", drive_by=True, exchanges=0, copies=("shop/1", "talk/2"))
SHOWN = PitchShown(
    CARD,
    "Ben B.",
    "ten leads a day",
    ("offer and link", "no exchange with anyone here"),
    Probabilities(0.01, 0.04, 0.95),
    (Ruling("card:shop/1", Ruled.NOT_NOW, "mona", AT, moderator=True),),
)
STRETCH = NudgeStretch("shop/1", "sofa", ("ann", "ben"), ("1", "2"), offer=True)
TO_MEMBERS: list[Notice] = [
    STRETCH,
    NudgeStretch("shop/1", "sofa", ("ann", "ben"), ("1", "2"), offer=False),
    NudgeStretch("shop/1", "", ("ann", "ben"), ("1", "2"), offer=False),
    NudgeAuthor("ann", "1", "sofa"),
    NudgeAuthor("ann", "1", ""),
    Welcome("ann", "1", "sofa"),
    Welcome("ann", "1", ""),
    FloodHint("ann", "1"),
    OfferNote("returned:shop/1", "ann"),
    MoveHeader("shop"),
    MovePointer("sofa", stayed=False),
    MovePointer("sofa", stayed=True),
    MovePointer("sofa", stayed=False, told=("ann", "ben"), pinged=("ann",)),
    TellOfReply("ann", "shop/1", "9", "sofa"),
    MoveGivenUp("sofa"),
    TextReturned("shop", "ten leads a day"),
    TextReturned("shop", ""),
    *(Answer(reply, "sofa", ("offer and link",)) for reply in Reply),
    Answer(Reply.REASONS),
]
DRAWN = "drawn:flagged:shop/1"
RULED_TWICE = (
    Ruling(DRAWN, Ruled.CHATTER, "mona", AT, moderator=True),
    Ruling(DRAWN, Ruled.FINE, "max", AT, moderator=True),
)
QUESTION = DrawnShown("shop", "my cat", Label.CHATTER, 0.913, RULED_TWICE)
PROMISE = "at most 5 wrong nudges in 100, 95 % sure"
TO_MODERATORS: list[Notice] = [
    SHOWN,
    QUESTION,
    DrawnShown("shop", "", Label.PITCH, 0.913),
    PassedShown("shop", "my cat"),
    *(AppealShown("shop", "ben", "Ben B.", "ten leads", RULED_TWICE, each) for each in (None, *Answered)),
    AskAboutDrawn(DRAWN, "shop/1", 0, Label.CHATTER, 0.9),
    RenewQuestion(DRAWN, "shop/1", "fine"),
    *(
        ReportStanding(label, 1, PROMISE, acts_from, 93, 1, broken)
        for label in (Label.CHATTER, Label.PITCH)
        for acts_from, broken in ((0.75, False), (None, False), (None, True))
    ),
    *(ShowAppeal("shop/1", "shop/1", "ben", each) for each in (None, *Answered)),
    RestorePitch("shop/1", "shop/1", "ben", "mona"),
    TellAppealAnswer("shop/1", "ben", Answered.STANDS),
    TakeBack("lone:1", "2", "ann"),
    EditCopy("move:shop/1:ann:copy:1", "shop/1", "ann", 1),
    DeleteCopy("move:shop/1:ann:copy:1", "shop/1", "ann"),
    ClaimPitch("shop/1", "mona", AT.isoformat()),
    PromotePitch("shop/1", ("shop/1",), "market", "ben", "mona"),
    HoldPitch("shop/1", "shop/1", 0, "ben"),
    ReleasePitch("shop/1", "shop/1", 0, "ben"),
    TellNews("shop/1", "ben", News.HELD, "shop"),
    ShowBacklog("2026-03-02T09", "2026-03-02T09:05"),
    *(BacklogShown(waiting) for waiting in (0, 1, 1_200)),
    ReportPermission("c", "Manage Messages", "", "It is missing."),
    CARD,
    MoveStretch("shop/1", "sofa", ("1",), ("ann",), "ann"),
    UndoMove("move:shop/1:ann", ("ann",), "ann"),
    RemovePitch("shop/1", ("shop/1",), "ben", "mona"),
    ReturnText("shop/1", "shop/1", "ben"),
    RenewCard("shop/1", "fine"),
    ShowObjection("nudge:shop/1", "shop", "ann"),
    ReportPermission("c", "Manage Messages", "shop", "It is missing."),
]


def _name(voice: Voice) -> str:
    return f"{voice.language}-{voice.tone}"


@pytest.mark.parametrize("voice", VOICES, ids=_name)
def test_every_notice_has_words_with_nothing_left_open(voice: Voice) -> None:
    for notice in [*TO_MEMBERS, *TO_MODERATORS]:
        said = word(notice, voice, Plain())
        assert said.strip(), notice
        assert not re.search(r"[{}]", said), said
        assert said.count("!") <= 1, said


@pytest.mark.parametrize("voice", VOICES, ids=_name)
def test_what_members_read_accuses_nobody(voice: Voice) -> None:
    unkind = set(UNKIND[voice.language].split()) | {"spam", "warning", "violation"}
    for notice in TO_MEMBERS:
        said = word(notice, voice, Plain())
        polite = {"please"} if voice.tone == "formal" and isinstance(notice, Welcome) else set()
        assert not set(re.findall(r"[\w-]+", said.casefold())) & (unkind - polite), said


@pytest.mark.parametrize("voice", VOICES, ids=_name)
@pytest.mark.parametrize("offer", [True, False])
def test_a_talk_is_spoken_to_by_place_and_not_by_name(voice: Voice, offer: bool) -> None:
    said = word(NudgeStretch("shop/1", "sofa", ("ann", "ben"), ("1",), offer), voice, Plain())
    assert "#sofa" in said
    assert "@" not in said
    assert "ann" not in re.findall(r"\w+", said.casefold())
    assert ("?" in said) is offer


@pytest.mark.parametrize("voice", VOICES, ids=_name)
def test_a_line_for_one_member_names_them_and_the_place(voice: Voice) -> None:
    for notice in (NudgeAuthor("ann", "1", "sofa"), Welcome("ann", "1", "sofa")):
        said = word(notice, voice, Plain())
        assert "@ann" in said
        assert "#sofa" in said
    assert "@ann" in word(FloodHint("ann", "1"), voice, Plain())


@pytest.mark.parametrize("voice", VOICES, ids=_name)
def test_a_removed_text_comes_back_as_it_was(voice: Voice) -> None:
    text = "ten {channel} leads\n\\1 $text {0.__class__}"
    said = word(TextReturned("shop", text), voice, Plain())
    assert text in said
    assert word(Answer(Reply.RETURNED, "shop", text=text), voice, Plain()) == said


@pytest.mark.parametrize("voice", VOICES, ids=_name)
def test_a_line_that_offers_a_note_says_whose_it_is_and_nothing_more(voice: Voice) -> None:
    said = word(OfferNote("returned:shop/1", "ann"), voice, Plain())
    assert said.startswith("@ann, ")
    assert "shop" not in said
    assert len(said) < 60


@pytest.mark.parametrize("voice", VOICES, ids=_name)
def test_authors_of_whom_nobody_asked_are_all_named(voice: Voice) -> None:
    said = word(MovePointer("sofa", stayed=False, told=("ann", "ben")), voice, Plain())
    assert said.startswith(word(MovePointer("sofa", stayed=False), voice, Plain()))
    assert "@ann, @ben" in said


@pytest.mark.parametrize("voice", VOICES, ids=_name)
def test_every_button_has_a_short_label(voice: Voice) -> None:
    labels = [label(button, voice) for button in Button]
    assert len(set(labels)) == len(labels)
    assert all(0 < len(each) <= 30 for each in labels)


@pytest.mark.parametrize("voice", VOICES, ids=_name)
def test_a_copy_says_whose_it_is(voice: Voice) -> None:
    over = moved_from("Ann", "shop", AT, voice, Plain())
    assert "Ann" in over
    assert "#shop" in over
    assert "09:05" in over
    assert "Ann" in brought_back("Ann", AT, voice, Plain())


def test_languages_have_the_same_phrases_and_tones_only_change_known_ones() -> None:
    for language in LANGUAGES:
        assert FRIENDLY[language].keys() == FRIENDLY["en"].keys(), language
    for (language, tone), phrases in TONED.items():
        assert phrases.keys() <= FRIENDLY["en"].keys(), (language, tone)


def test_phrases_in_all_languages_and_tones_fill_in_the_same_names() -> None:
    def names(phrase: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", phrase))

    for phrases in [*FRIENDLY.values(), *TONED.values()]:
        for key, phrase in phrases.items():
            assert names(phrase) == names(FRIENDLY["en"][key]), phrase


@pytest.mark.parametrize(
    "language, address", [("de", "Sie"), ("es", "usted"), ("fr", "vous"), ("it", "Suoi"), ("nl", "u")]
)
def test_a_formal_community_is_addressed_formally(language: str, address: str) -> None:
    formal, friendly = (word(STRETCH, Voice(language, tone), Plain()) for tone in ("formal", "friendly"))
    assert address in re.findall(r"\w+", formal)
    assert address not in re.findall(r"\w+", friendly)


def test_a_card_tells_moderators_all_they_need() -> None:
    assert word(SHOWN, Voice("de"), Plain()).splitlines() == [
        "Open.",
        "Looks like a pitch by @ben (Ben B.) in #shop",
        "ten leads a day",
        "pitch 95%, casual 4%, on topic 1%",
        "• offer and link",
        "• no exchange with anyone here",
        "No exchange with anyone here yet.",
        "The same text 1 more time: #talk",
        "@mona: not now (09:05)",
    ]


RULING = Ruling("card:shop/1", Ruled.FINE, "max", AT, moderator=True)
CLAIMS = (Claim("mona", AT - timedelta(minutes=5)),)


@pytest.mark.parametrize(
    "state, line",
    [
        (PitchState(), "Open."),
        (
            PitchState(held_until=AT),
            "Open. Its post is held until 09:05 at most.",
        ),
        (
            PitchState(Stage.CLAIMED, ("mona", "max"), AT),
            "Being looked at by @mona and @max (until 09:05).",
        ),
        (PitchState(Stage.RULED, ruling=RULING), "Ruled by @max (09:05): fine as it is."),
        (
            PitchState(Stage.AGAIN, ruling=RULING),
            "Open again: not all of it was dealt with. Ruled before by @max (09:05): fine as it is.",
        ),
        (
            PitchState(Stage.APPEALED, ruling=RULING),
            "Appealed: its author asks you to look again. Ruled before by @max (09:05): fine as it is.",
        ),
        (
            PitchState(Stage.BROUGHT_BACK, ruling=RULING, back_at=AT),
            "Brought back (09:05). Ruled by @max (09:05): fine as it is.",
        ),
        (PitchState(Stage.OPEN, back_at=AT), "Open. Brought back (09:05)."),
    ],
)
def test_the_first_line_of_a_card_says_how_it_stands(state: PitchState, line: str) -> None:
    assert word(replace(SHOWN, state=state), Voice(), Plain()).splitlines()[0] == line


def test_a_ruling_against_a_claim_says_so() -> None:
    shown = replace(SHOWN, rulings=(RULING,), claims=CLAIMS)
    assert word(shown, Voice(), Plain()).splitlines()[-1] == (
        "@max: fine as it is (09:05), while @mona looked at it"
    )
    own = replace(SHOWN, rulings=(replace(RULING, by="mona"),), claims=CLAIMS)
    assert word(own, Voice(), Plain()).splitlines()[-1] == "@mona: fine as it is (09:05)"


def test_a_card_whose_text_was_forgotten_says_so() -> None:
    bare = PitchShown(PitchCard("shop/1", "shop/1", "ben", drive_by=False, exchanges=2), "", "", (), None)
    assert word(bare, Voice(), Plain()).splitlines() == [
        "Open.",
        "Looks like a pitch by @ben in #shop",
        "(its text is no longer stored)",
        "2 exchanges with others here.",
    ]


def test_a_question_about_a_drawn_message_names_nobody_but_who_ruled() -> None:
    assert word(QUESTION, Voice(), Plain()).splitlines() == [
        "Drawn at random: a message in #shop, taken for casual talk (91%)",
        "my cat",
        "Was that right? Only answers to drawn messages count for the promise; one without an answer counts as wrong.",
        "@mona: casual talk (09:05)",
        "@max: fine as it is (09:05)",
        "You see this differently. Until you agree, it counts as taken wrongly.",
    ]


def test_a_question_about_what_was_not_flagged_leads_nobody() -> None:
    before = (ContextLine("Ann", "which glue?"), ContextLine("Ben", "epoxy"))
    assert word(PassedShown("shop", "my cat", before), Voice(), Plain()).splitlines() == [
        "Drawn at random among what I did not flag: a message in #shop",
        "› Ann: which glue?",
        "› Ben: epoxy",
        "my cat",
        "Does it belong there? From your answers I learn what I miss.",
    ]
    flagged = word(replace(QUESTION, before=before, rulings=()), Voice(), Plain()).splitlines()
    assert flagged[1:4] == ["› Ann: which glue?", "› Ben: epoxy", "my cat"]


def test_beginning_and_ceasing_to_act_are_told_with_the_evidence() -> None:
    begins = ReportStanding(Label.CHATTER, 1, PROMISE, 0.75, 93, 1)
    assert word(begins, Voice(), Plain()) == (
        f"Casual talk: your rulings bear the promise “{PROMISE}” (1 of 93 drawn ones with an answer were taken wrongly). "
        "From now on I act on what is at least 75% sure, as far as the mode goes."
    )
    ceases = ReportStanding(Label.CHATTER, 2, PROMISE, None, 0, 0, broken=True)
    assert word(ceases, Voice(), Plain()) == (
        f"Casual talk: I can no longer promise “{PROMISE}”: too many of the drawn ones were taken wrongly, or had no answer. "
        "From now on I only show cards, until your rulings bear it again."
    )


def test_a_missing_permission_is_named() -> None:
    said = word(TO_MODERATORS[-1], Voice(), Plain())
    assert said == "I could not act in #shop: Manage Messages is missing. It is missing."


def test_a_voice_is_the_first_language_that_we_speak() -> None:
    assert Voice.of(Charter("c", "p", ("fi", "nl"), "Formal")) == Voice("nl", "Formal")
    assert Voice.of(Charter("c", "p", ("fi",))) == Voice("en", "friendly")


def test_an_unknown_language_or_tone_is_no_reason_to_fall_silent() -> None:
    assert word(STRETCH, Voice("xx", "grumpy"), Plain()) == word(STRETCH, Voice(), Plain())


def test_a_community_may_use_its_own_words() -> None:
    voice = Voice(own={"stretch_offer": "Kettle is on in {channel}! {nonsense}"})
    assert word(STRETCH, voice, Plain()) == "Kettle is on in #sofa! {nonsense}"


def test_a_policy_brings_a_communitys_own_words() -> None:
    policy = Policy(wording=(("stretch_offer", "Kettle is on in {channel}!"), ("press_why", "How come?")))
    voice = Voice.of(Charter("c", "p", ("de",)), policy)
    assert word(STRETCH, voice, Plain()) == "Kettle is on in #sofa!"
    assert label(Button.WHY, voice) == "How come?"
    assert label(Button.UNDO, voice) == label(Button.UNDO, Voice("de"))


@pytest.mark.parametrize("key", LINES)
def test_own_lines_may_have_what_ours_have(key: str) -> None:
    names = set(re.findall(r"\{(\w+)\}", FRIENDLY["en"][key]))
    line = LINES[key]
    assert set(line.needed) <= names <= {*line.needed, *line.allowed}
    for voice in VOICES:
        assert len(voice.phrase(key)) <= line.longest
        assert problem_of(key, voice.phrase(key)) == ""


@given(st.text(), st.text(min_size=1))
def test_no_text_can_break_a_line(name: str, text: str) -> None:
    assert text in word(TextReturned(name, text), Voice(), Plain())
