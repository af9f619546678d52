"""What lives only for a while: triggers, response_urls, and what a person did with the app."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fakes.slack.entities import Channel, Message, User, View
from tests.fakes.slack.errors import Json

USES, LIFE = (
    5,
    timedelta(minutes=30),
)  # docs.slack.dev/interactivity/handling-user-interaction (Message responses)


@dataclass(slots=True, eq=False)
class Attempt:
    """One sending of a payload. Times are of `time.monotonic`, in seconds."""

    number: int  # 0 for the first
    reason: str  # why it is sent again; empty for the first
    sent_at: float
    acknowledged_at: float | None = None
    failure: str = ""  # timeout, http_error, ... empty where it was acknowledged
    response: Json | None = None  # what came with the acknowledgement
    status: int = 0  # of HTTP
    socket: int = 0  # of Socket Mode
    no_retry: bool = False

    @property
    def seconds(self) -> float | None:
        """From sending to acknowledgement."""
        return None if self.acknowledged_at is None else self.acknowledged_at - self.sent_at


@dataclass(slots=True, eq=False)
class Delivery:
    """One payload for the app with every attempt to bring it."""

    id: str  # event_id, or of an interaction the envelope's id
    kind: str  # events_api, interactive or slash_commands
    payload: Json
    accepts_response: bool = False
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def acknowledged(self) -> bool:
        return any(each.acknowledged_at is not None for each in self.attempts)

    @property
    def seconds(self) -> float | None:
        """How long the first acknowledgement took, from its own sending."""
        return next((each.seconds for each in self.attempts if each.seconds is not None), None)


@dataclass(slots=True, eq=False)
class Trigger:
    id: str
    user: User
    created_at: datetime
    interaction: Interaction = field(repr=False)
    used: bool = False


@dataclass(slots=True, eq=False)
class ResponseUrl:
    id: str
    url: str
    user: User
    channel: Channel
    created_at: datetime
    interaction: Interaction = field(repr=False)
    message: Message | None = None  # the one with the button
    uses: int = 0


@dataclass(slots=True, eq=False)
class Interaction:
    """Something a person did with the app, and what the app did about it."""

    kind: str  # block_actions, slash_command, view_submission, view_closed, message_action, shortcut
    user: User
    channel: Channel | None = field(default=None, repr=False)
    message: Message | None = None
    view: View | None = None
    trigger: Trigger | None = None
    response_url: ResponseUrl | None = None
    payload: Json = field(default_factory=dict, repr=False)
    delivery: Delivery | None = None
    answers: list[Message] = field(default_factory=list)  # by response_url or with the acknowledgement
    opened: list[View] = field(default_factory=list)  # modals, by the trigger or in answer to a submission
    errors: Json = field(default_factory=dict)  # of a submission: block_id, sentence

    @property
    def acknowledged(self) -> bool:
        """Whether the app did within three seconds; else the person sees a warning."""
        return bool(self.delivery and self.delivery.acknowledged)

    @property
    def modal(self) -> View | None:
        """The modal that it led to."""
        return self.opened[-1] if self.opened else None

    @property
    def text(self) -> str:
        """The last answer; empty without one."""
        return self.answers[-1].text if self.answers else ""
