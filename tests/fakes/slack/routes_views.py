"""views.* and apps.connections.open's sibling for people: docs.slack.dev/surfaces/modals, surfaces/app-home."""

from __future__ import annotations

from tests.fakes.slack import payloads
from tests.fakes.slack.blocks import check_view
from tests.fakes.slack.calls import Call, Endpoint
from tests.fakes.slack.entities import User, View
from tests.fakes.slack.errors import Json, SlackError
from tests.fakes.slack.moments import Trigger
from tests.fakes.slack.world import World

MOST_PUSHED = 3


def open_view(world: World, user: User, content: Json, on: View | None = None) -> View:
    """Shows a modal, upon `on` where that is open."""
    view_id = world.new_id("V")
    root = on.root_id if on else view_id
    view = View(view_id, user.workspace, user, content, world.new_ts(), root, on.id if on else None)
    world.views[view.id] = view
    if on is None:
        for each in world.modals.get(user.id, []):
            each.closed = True
        world.modals[user.id] = []
    world.modals[user.id].append(view)
    world.note("view opened", user, view.id, callback_id=content.get("callback_id", ""))
    return view


def change_view(world: World, view: View, content: Json) -> None:
    view.content, view.hash = content, world.new_ts()
    world.note("view updated", view.user, view.id, callback_id=content.get("callback_id", ""))


def _trigger(call: Call) -> Trigger:
    """Raises SlackError invalid_trigger_id, expired_trigger_id, exchanged_trigger_id."""
    trigger = call.world.triggers.get(call.required("trigger_id"))
    if trigger is None or trigger.user.workspace is not call.workspace:
        raise SlackError("invalid_trigger_id")
    if trigger.used:
        raise SlackError("exchanged_trigger_id")
    if (call.world.now() - trigger.created_at).total_seconds() > call.world.trigger_seconds:
        raise SlackError("expired_trigger_id")
    return trigger


def _content(call: Call, kind: str) -> Json:
    content = check_view(call.structure("view", "invalid_arguments"), kind)
    external = content.get("external_id")
    if external and any(
        each.content.get("external_id") == external and each.id != call.text("view_id") and not each.closed
        for each in call.world.views.values()
        if not call.text("external_id")
    ):
        raise SlackError("duplicate_external_id")
    return content


def _open(call: Call) -> Json:
    trigger, content = _trigger(call), _content(call, "modal")
    trigger.used = True
    view = open_view(call.world, trigger.user, content)
    trigger.interaction.opened.append(view)
    return {"view": payloads.view(call.world, view)}


def _push(call: Call) -> Json:
    trigger, content = _trigger(call), _content(call, "modal")
    stack = call.world.modals.get(trigger.user.id, [])
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= MOST_PUSHED:
        raise SlackError("push_limit_reached")
    trigger.used = True
    view = open_view(call.world, trigger.user, content, on=stack[-1])
    trigger.interaction.opened.append(view)
    return {"view": payloads.view(call.world, view)}


def _update(call: Call) -> Json:
    """A modal that is open, by its id or the app's own."""
    external = call.text("external_id")
    for view in call.world.views.values():
        named = view.id == call.text("view_id") or (external and view.content.get("external_id") == external)
        if named and not view.closed and view.workspace is call.workspace:
            _check_hash(call, view)
            change_view(call.world, view, _content(call, view.content["type"]))
            return {"view": payloads.view(call.world, view)}
    raise SlackError("not_found")


def _check_hash(call: Call, view: View) -> None:
    if call.text("hash") and call.text("hash") != view.hash:
        raise SlackError("hash_conflict")


def _publish(call: Call) -> Json:
    if not call.world.app.home_tab:
        raise SlackError("not_enabled")
    user = call.world.users.get(call.required("user_id"))
    if user is None or user.workspace is not call.workspace:
        raise SlackError("user_not_found")
    content, view = check_view(call.structure("view", "invalid_arguments"), "home"), None
    if view := call.world.homes.get(user.id):
        _check_hash(call, view)
        change_view(call.world, view, content)
    else:
        view_id = call.world.new_id("V")
        view = View(view_id, user.workspace, user, content, call.world.new_ts(), view_id)
        call.world.homes[user.id] = call.world.views[view_id] = view
        call.world.note("home published", user, view_id)
    return {"view": payloads.view(call.world, view)}


TRIGGER = "trigger_id interactivity_pointer view"
ENDPOINTS = (
    Endpoint("views.open", _open, TRIGGER, tier=4),
    Endpoint("views.push", _push, TRIGGER, tier=4),
    Endpoint("views.update", _update, "view view_id external_id hash", tier=4),
    Endpoint("views.publish", _publish, "view user_id hash", tier=4),
)
