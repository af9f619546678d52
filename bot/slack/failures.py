"""What Slack answers when it does not do what was asked, as our own errors.

Errors: each method's page under https://docs.slack.dev/reference/methods; limits: https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from moderation.errors import Gone, NotAllowed, NotReachable, PlatformError, Unavailable

GONE = frozenset(
    "channel_not_found message_not_found thread_not_found user_not_found users_not_found file_not_found file_deleted "
    "is_archived team_not_found".split()
)
NOT_REACHABLE = frozenset(
    "user_not_in_channel cannot_dm_bot user_disabled user_not_visible messages_tab_disabled".split()
)
SIGNED_OUT = frozenset(
    "invalid_auth not_authed token_revoked token_expired account_inactive app_uninstalled org_login_required".split()
)
BUSY = frozenset({"ratelimited", "rate_limited"})
TROUBLE = frozenset(
    "internal_error fatal_error service_unavailable request_timeout team_added_to_org".split()
)
OUTSIDE = frozenset({"not_in_channel", "no_permission"})
OUR_TOKEN = "STEWARD_SLACK_BOT_TOKEN"  # noqa: S105 - the name of a setting
ADMIN_TOKEN = "STEWARD_SLACK_ADMIN_TOKEN"  # noqa: S105 - the name of a setting
MEMBERSHIP = "Membership in the channel (/invite @Steward)"
"""The name under which its absence is reported."""
CONSENT = "Slack's consent"
"""The same of every other refusal: to ask again would be in vain, and people should hear of it."""
BUSY_STATUS = 429
FIRST_SERVER_ERROR = 500


class Unanswered(Unavailable):
    """A request ended without an answer: perhaps it was done."""


@contextmanager
def plain_failures(scope: str = "", token: str = OUR_TOKEN) -> Iterator[None]:
    """Raise PlatformError's kinds for what slack_sdk raises.

    `scope` is what is missing where Slack refuses and does not name it, `token` the setting whose token is used. Unavailable itself
    is only raised where Slack surely did nothing; where that is not known, Unanswered.
    """
    try:
        yield
    except SlackApiError as error:
        raise refusal(error, scope, token) from error
    except SlackClientError as error:
        raise PlatformError(f"Slack cannot be asked so: {type(error).__name__}") from error
    except aiohttp.ClientConnectorError as error:
        raise Unavailable("Slack cannot be reached.") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Unanswered("Slack did not answer.") from error


def refusal(error: SlackApiError, scope: str = "", token: str = OUR_TOKEN) -> PlatformError:
    """Our error for one of Slack's, with its words but without what was sent."""
    said, status = code_of(error), status_of(error)
    sentence = f"Slack refused: {said or status or 'no reason given'}"
    if said in GONE:
        return Gone(sentence)
    if said in NOT_REACHABLE:
        return NotReachable(sentence)
    if said in BUSY or status == BUSY_STATUS:
        return Unavailable(sentence, retry_after(error))
    if said in TROUBLE or status >= FIRST_SERVER_ERROR:
        return Unanswered(sentence)
    if said == "missing_scope":
        return NotAllowed(sentence, str(_data(error).get("needed") or scope))
    if said in SIGNED_OUT:
        return NotAllowed(sentence, token)
    if said in OUTSIDE:
        return NotAllowed(sentence, MEMBERSHIP)
    if said.startswith(("cant_", "restricted_action", "not_allowed", "access_denied", "team_access")):
        return NotAllowed(sentence, scope)
    return NotAllowed(sentence, CONSENT)


def code_of(error: SlackApiError) -> str:
    """Slack's word for what went wrong, such as `channel_not_found`; empty where it gave none."""
    return str(_data(error).get("error") or "")


def status_of(error: SlackApiError) -> int:
    """The status of the HTTP answer, 0 where there is none."""
    found = getattr(error.response, "status_code", None) or getattr(error.response, "status", 0)
    return int(found or 0)


def retry_after(error: SlackApiError) -> float:
    """Seconds that Slack asks us to wait; 1 where it does not say."""
    headers = getattr(error.response, "headers", None) or {}
    try:
        return max(float(headers.get("Retry-After", 1.0)), 0.0)
    except ValueError:
        return 1.0


def _data(error: SlackApiError) -> Mapping[str, object]:
    data = getattr(error.response, "data", error.response)
    return data if isinstance(data, dict) else {}
