"""What a person fills in, as Slack sends it: the state of a view.

Source: docs.slack.dev/reference/views (state), reference/block-kit/block-elements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.fakes.slack.entities import elements
from tests.fakes.slack.errors import Json
from tests.fakes.slack.people_posts import NotPossible

Value = str | Sequence[str] | None
TEXTS = ("plain_text_input", "number_input", "email_text_input", "url_text_input")
SINGLE = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
}
SEVERAL = {
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
}
OPTION = ("static_select", "radio_buttons", "overflow", "external_select")
OPTIONS = ("multi_static_select", "checkboxes", "multi_external_select")
LONGEST_INPUT = 3000


def chosen(element: Json, value: Value) -> Json:
    """The part of an action or of the state that tells the choice. Raises NotPossible where it is not offered."""
    kind = element["type"]
    several = [value] if isinstance(value, str) else list(value or ())
    if kind in TEXTS:
        return {"value": value or None}
    if kind in SINGLE:
        return {SINGLE[kind]: value or None}
    if kind in SEVERAL:
        return {SEVERAL[kind]: several}
    if kind in OPTION:
        return {"selected_option": _option(element, several[0]) if several else None}
    if kind in OPTIONS:
        return {"selected_options": [_option(element, each) for each in several]}
    raise NotPossible(f"nothing can be chosen in a {kind}")


def _option(element: Json, value: str) -> Json:
    groups = [group["options"] for group in element.get("option_groups") or []]
    for option in [*(element.get("options") or []), *(each for group in groups for each in group)]:
        if option["value"] == value:
            found: Json = option
            return found
    raise NotPossible(f"{element.get('action_id')} does not offer {value!r}")


def _initial(element: Json) -> Json:
    """What the app filled in before."""
    kind = element["type"]
    if kind in TEXTS:
        return {"value": element.get("initial_value") or None}
    if kind in OPTION:
        return {"selected_option": element.get("initial_option")}
    if kind in OPTIONS:
        return {"selected_options": element.get("initial_options") or []}
    if kind in SINGLE:
        return {SINGLE[kind]: element.get(SINGLE[kind].replace("selected", "initial"))}
    return {SEVERAL[kind]: element.get(SEVERAL[kind].replace("selected", "initial")) or []}


def _can_be_filled_in(element: Json) -> bool:
    known = (*TEXTS, *SINGLE, *SEVERAL, *OPTION, *OPTIONS)
    return element.get("type") in known and element.get("type") != "overflow"


def initial_values(view: Json) -> Json:
    """The state as the app set it up."""
    state: Json = {}
    for block, element in elements(view.get("blocks") or []):
        if _can_be_filled_in(element):
            value = {"type": element["type"], **_initial(element)}
            state.setdefault(block["block_id"], {})[element["action_id"]] = value
    return state


def state_values(view: Json, values: Mapping[str, Value]) -> Json:
    """`state.values` when someone sends the form with these. Raises NotPossible where Slack would not send it."""
    state = initial_values(view)
    known = {action_id for block in state.values() for action_id in block}
    if unknown := set(values) - known:
        raise NotPossible(f"the form has no {sorted(unknown)}, only {sorted(known)}")
    for block, element in elements(view.get("blocks") or []):
        if not _can_be_filled_in(element):
            continue
        name = element["action_id"]
        if name in values:
            state[block["block_id"]][name] = {"type": element["type"], **chosen(element, values[name])}
        if block["type"] == "input":
            _check(block, element, state[block["block_id"]][name])
    return state


def _check(block: Json, element: Json, found: Json) -> None:
    given = next(value for key, value in found.items() if key != "type")
    if not given:
        if not block.get("optional"):
            raise NotPossible(f"{element['action_id']} must be filled in")
        return
    if element["type"] not in TEXTS:
        return
    least, most = element.get("min_length") or 0, element.get("max_length") or LONGEST_INPUT
    if not least <= len(given) <= most:
        raise NotPossible(f"{element['action_id']} takes {least} to {most} characters")
