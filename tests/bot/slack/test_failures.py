"""What Slack answers when it does not do what was asked, as our own errors."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError

from bot.slack.failures import ADMIN_TOKEN, OUR_TOKEN, Unanswered, plain_failures
from moderation.errors import Gone, NotAllowed, NotReachable, PlatformError, Unavailable


class Answer:
    """As much of slack_sdk's answer as an error holds."""

    def __init__(self, error: str, status: int = 200, **more: object) -> None:
        self.data = {"ok": False, "error": error, **more}
        self.status_code = status
        self.headers = {"Retry-After": "7"} if status == 429 else {}


def refused(error: str, status: int = 200, **more: object) -> SlackApiError:
    return SlackApiError("secret text", Answer(error, status, **more))  # type: ignore[no-untyped-call]


def raised(error: Exception, *about: str) -> PlatformError:
    with pytest.raises(PlatformError) as caught, plain_failures(*about):
        raise error
    return caught.value


@pytest.mark.parametrize(
    "error, kind",
    [
        ("channel_not_found", Gone),
        ("message_not_found", Gone),
        ("is_archived", Gone),
        ("user_not_in_channel", NotReachable),
        ("cannot_dm_bot", NotReachable),
        ("cant_delete_message", NotAllowed),
        ("not_in_channel", NotAllowed),
        ("invalid_blocks", NotAllowed),
        ("internal_error", Unanswered),
        ("service_unavailable", Unanswered),
    ],
)
def test_each_refusal_is_named_by_what_can_be_done(error: str, kind: type[PlatformError]) -> None:
    assert type(raised(refused(error))) is kind


def test_the_scope_that_is_missing_is_named() -> None:
    found = raised(refused("missing_scope", needed="chat:write.customize"), "chat:write")
    assert isinstance(found, NotAllowed)
    assert found.permission == "chat:write.customize"


def test_the_token_that_is_no_longer_good_is_named() -> None:
    error = refused("token_revoked")
    for given, named in ((("chat:write",), OUR_TOKEN), (("chat:write", ADMIN_TOKEN), ADMIN_TOKEN)):
        found = raised(error, *given)
        assert isinstance(found, NotAllowed)
        assert found.permission == named


def test_slack_says_how_long_to_wait() -> None:
    found = raised(refused("ratelimited", 429))
    assert type(found) is Unavailable
    assert found.retry_after == 7.0


def test_what_was_never_answered_may_have_been_done() -> None:
    assert type(raised(TimeoutError())) is Unanswered
    assert type(raised(aiohttp.ServerDisconnectedError())) is Unanswered
    assert type(raised(refused("", 503))) is Unanswered
    assert type(raised(SlackRequestError("no"))) is PlatformError


def test_nothing_that_was_sent_is_told() -> None:
    assert "secret" not in str(raised(refused("invalid_blocks")))
