"""What members do with the app: buttons, menus, commands, shortcuts, forms, the Home tab.

Each waits for the app's acknowledgement, three seconds at most. Sources: docs.slack.dev/reference/interaction-payloads,
interactivity/implementing-slash-commands, reference/events/app_home_opened.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from tests.fakes.slack import payloads, response_urls
from tests.fakes.slack.deliveries import Deliveries
from tests.fakes.slack.entities import Channel, Message, User, View, elements
from tests.fakes.slack.errors import Json
from tests.fakes.slack.forms import Value, chosen, initial_values, state_values
from tests.fakes.slack.moments import Interaction, Trigger
from tests.fakes.slack.people_posts import NotPossible, Posts
from tests.fakes.slack.routes_views import change_view, open_view
from tests.fakes.slack.world import Event


class Presses(Posts):
    deliveries: Deliveries

    async def press(
        self, user: User, where: Message | View, action_id: str, *, value: str | None = None
    ) -> Interaction:
        """A click on a button; `value` tells buttons with the same action_id apart.

        Raises NotPossible where the person does not see such a button.
        """
        block, element = self._element(user, where, action_id, value)
        if element["type"] != "button":
            raise NotPossible(f"{action_id} is no button")
        more: Json = {key: element[key] for key in ("text", "value", "style", "url") if key in element}
        return await self._act(user, where, block, element, more)

    async def choose(self, user: User, where: Message | View, action_id: str, value: Value) -> Interaction:
        """A choice in a menu, radio buttons, check boxes or a date. Raises NotPossible where it is not offered."""
        block, element = self._element(user, where, action_id, None)
        return await self._act(user, where, block, element, chosen(element, value))

    async def command(self, user: User, channel: Channel, line: str) -> Interaction:
        """A slash command as typed, e.g. "/relevance setup". Raises NotPossible where it is not known."""
        name, _, text = line.partition(" ")
        known = self.world.app.commands
        if known is not None and name not in known:
            raise NotPossible(f"{name} is not a valid command")
        if user.workspace.bot is None:
            raise NotPossible("the app is not installed")
        self._require(user, channel)
        asked = self._begin("slash_command", user, channel)
        team = user.workspace
        payload: Json = {
            "token": self.world.app.verification_token,
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": channel.id,
            "channel_name": "directmessage" if channel.is_direct else channel.name,
            "user_id": user.id,
            "user_name": user.name,
            "command": name,
            "text": text,
            "api_app_id": self.world.app.id,
            "is_enterprise_install": "false",
            "response_url": asked.response_url.url if asked.response_url else "",
            "trigger_id": asked.trigger.id if asked.trigger else "",
        }
        payload |= {"enterprise_id": team.enterprise_id} if team.enterprise_id else {}
        await self._ask(asked, "slash_commands", payload)
        if asked.response_url and (said := _response(asked)) and (said.get("text") or said.get("blocks")):
            response_urls.answer(self.world, asked.response_url, said)
        return asked

    async def shortcut(self, user: User, callback_id: str, message: Message | None = None) -> Interaction:
        """One of the message menu ("More actions"), or without a message a global one."""
        known = self.world.app.shortcuts
        if known is not None and callback_id not in known:
            raise NotPossible(f"there is no shortcut {callback_id!r}")
        if message is None:
            asked = self._begin("shortcut", user)
            await self._ask(asked, "interactive", self._payload(asked) | {"callback_id": callback_id})
            return asked
        if not self.sees(user, message) or message.only_for:
            raise NotPossible(f"{user.name} does not see the message")
        asked = self._begin("message_action", user, message.channel, message)
        payload = self._payload(asked) | {"callback_id": callback_id, "message_ts": message.ts}
        payload["message"] = payloads.message(self.world, message)
        await self._ask(asked, "interactive", payload)
        return asked

    async def submit(self, user: User, values: Mapping[str, Value] | None = None) -> Interaction:
        """Fills in and sends the modal that is open; what is left out stays as it was.

        Values go by action_id. Raises NotPossible where Slack itself would not send the form.
        """
        view = self.modal(user)
        if view is None:
            raise NotPossible(f"no modal is open before {user.name}")
        state = state_values(view.content, values or {})
        asked = self._begin("view_submission", user, view=view)
        payload = self._payload(asked) | {"view": payloads.view(self.world, view, state=state)}
        await self._ask(asked, "interactive", payload | {"response_urls": []}, accepts_response=True)
        if asked.acknowledged:
            self._after_submission(asked, view)
        return asked

    def _after_submission(self, asked: Interaction, view: View) -> None:
        """docs.slack.dev/surfaces/modals (response_action)."""
        said = _response(asked) or {}
        action = said.get("response_action")
        if action == "errors":
            asked.errors = said["errors"]
        elif action == "update":
            change_view(self.world, view, said["view"])
            asked.opened.append(view)
        elif action == "push":
            asked.opened.append(open_view(self.world, asked.user, said["view"], on=view))
        elif action == "clear":
            self._close_all(asked.user)
        else:
            self._close(asked.user)

    async def close(self, user: User) -> Interaction | None:
        """Cancels the modal that is open; the app is told only if it asked for that."""
        view = self.modal(user)
        if view is None:
            raise NotPossible(f"no modal is open before {user.name}")
        self._close(user)
        if not view.content.get("notify_on_close"):
            return None
        asked = self._begin("view_closed", user, view=view)
        payload = self._payload(asked) | {"view": payloads.view(self.world, view), "is_cleared": False}
        await self._ask(asked, "interactive", payload)
        return asked

    def open_home(self, user: User, tab: str = "home") -> None:
        """Clicks on the app; the app is told and may publish."""
        if user.workspace.bot is None:
            raise NotPossible("the app is not installed")
        channel = self._with_bot(user)
        data: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": tab}
        data["event_ts"] = self.world.new_ts()
        if home := self.home(user):
            data["view"] = payloads.view(self.world, home)
        self.world.tell(Event(data, user.workspace, everyone=True))

    # How that reaches the app.

    def _element(
        self, user: User, where: Message | View, action_id: str, value: str | None
    ) -> tuple[Json, Json]:
        self._require_seen(user, where)
        for block, element in elements(where.blocks):
            if element.get("action_id") == action_id and value in (None, element.get("value")):
                return block, element
        raise NotPossible(f"there is no {action_id}, only {where.action_ids()}")

    def _require_seen(self, user: User, where: Message | View) -> None:
        if isinstance(where, Message):
            if where.deleted or not self.sees(user, where):
                raise NotPossible(f"{user.name} does not see the message")
        elif where is not self.modal(user) and where is not self.home(user):
            raise NotPossible(f"{user.name} does not see that view")

    async def _act(
        self, user: User, where: Message | View, block: Json, element: Json, more: Json
    ) -> Interaction:
        """block_actions. An ephemeral message is named by its ts alone."""
        if isinstance(where, View):
            asked = self._begin("block_actions", user, view=where)
            about: Json = {"view": payloads.view(self.world, where, state=initial_values(where.content))}
            container: Json = {"type": "view", "view_id": where.id}
        else:
            asked = self._begin("block_actions", user, where.channel, where)
            about = {"state": {"values": {}}}
            about |= {} if where.only_for else {"message": payloads.message(self.world, where)}
            container = {"type": "message", "message_ts": where.ts, "channel_id": where.channel.id}
            container["is_ephemeral"] = where.only_for is not None
            container |= {"thread_ts": where.thread_ts} if where.thread_ts else {}
        action = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
        action |= {"action_ts": self.world.new_ts(), **more}
        payload = self._payload(asked) | about | {"container": container, "actions": [action]}
        await self._ask(asked, "interactive", payload)
        return asked

    def _begin(
        self,
        kind: str,
        user: User,
        channel: Channel | None = None,
        message: Message | None = None,
        view: View | None = None,
    ) -> Interaction:
        asked = Interaction(kind, user, channel, message, view)
        name = f"{len(self.world.triggers) + 1}.{user.workspace.id}.{secrets.token_hex(8)}"
        asked.trigger = self.world.triggers[name] = Trigger(name, user, self.world.now(), asked)
        if channel:
            asked.response_url = response_urls.make(self.world, asked)
        self.world.interactions.append(asked)
        self.world.note("interaction", user, name, channel=channel, kind=kind)
        return asked

    def _payload(self, asked: Interaction) -> Json:
        user, team = asked.user, asked.user.workspace
        about = {"id": user.id, "username": user.name, "name": user.name, "team_id": team.id}
        found: Json = {
            "type": asked.kind,
            "token": self.world.app.verification_token,
            "action_ts": self.world.new_ts(),
            "team": {"id": team.id, "domain": team.domain},
            "user": about,
            "api_app_id": self.world.app.id,
            "is_enterprise_install": False,
            "enterprise": {"id": team.enterprise_id, "name": team.name} if team.enterprise_id else None,
        }
        if asked.trigger:
            found["trigger_id"] = asked.trigger.id
        if asked.channel and asked.response_url:
            name = "directmessage" if asked.channel.is_direct else asked.channel.name
            found |= {"channel": {"id": asked.channel.id, "name": name}}
            found["response_url"] = asked.response_url.url
        return found

    async def _ask(
        self, asked: Interaction, kind: str, payload: Json, *, accepts_response: bool = False
    ) -> None:
        asked.payload = payload
        accepts = accepts_response or kind == "slash_commands"
        asked.delivery = await self.deliveries.ask(kind, payload, accepts_response=accepts)

    def _close(self, user: User) -> None:
        if stack := self.world.modals.get(user.id):
            stack.pop().closed = True

    def _close_all(self, user: User) -> None:
        while self.modal(user):
            self._close(user)


def _response(asked: Interaction) -> Json | None:
    """What came with the acknowledgement."""
    attempts = asked.delivery.attempts if asked.delivery else []
    return attempts[-1].response if attempts else None
