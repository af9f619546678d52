"""What Slack accepts in blocks and views; everything else is refused with a JSON pointer to it.

Sources: docs.slack.dev/reference/block-kit/blocks, reference/block-kit/block-elements, reference/views; the same
numbers stand in slack_sdk (models/blocks, models/views). The limit of a message as a whole: slackapi/bolt-js#2509.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.fakes.slack.entities import elements
from tests.fakes.slack.errors import Json, SlackError, invalid

MOST_TEXT = 13_200  # characters of all blocks of a message together
IN_MESSAGES = frozenset(
    "actions context divider file header image markdown rich_text section table video context_actions".split()
)
IN_VIEWS = (IN_MESSAGES - {"markdown", "file", "table", "context_actions"}) | {"input"}
MOST_ELEMENTS = {"actions": 25, "context": 10}
TEXTS = {  # of an element or block: where, the longest
    "header": {"text": 150},
    "section": {"text": 3000},
    "button": {"text": 75},
    "input": {"label": 2000, "hint": 2000},
}
PLAIN = {"action_id": 255, "block_id": 255, "value": 2000, "url": 3000, "alt_text": 2000, "image_url": 3000}
MOST_OPTIONS = {"overflow": 5, "checkboxes": 10, "radio_buttons": 10}
WITHOUT_ACTION_ID = frozenset({"image", "mrkdwn", "plain_text"})
VIEW_TEXTS = {"title": 24, "submit": 24, "close": 24}
MOST_IN_A_VIEW, LARGEST_VIEW = 100, 250_000  # blocks; characters as JSON, here for "250kb"


class Faults:
    """Collects what is wrong, each with a JSON pointer."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, pointer: str, sentence: str) -> None:
        self.found.append(f"{sentence} [json-pointer:{pointer}]")

    def text(self, pointer: str, value: object, most: int) -> None:
        """Adds a fault where `value` is no text object of 1 to `most` characters."""
        text = value.get("text") if isinstance(value, Mapping) else None
        if not isinstance(text, str) or not isinstance(value, Mapping):
            self.add(pointer, "must provide an object with a text")
        elif value.get("type") not in ("plain_text", "mrkdwn"):
            self.add(f"{pointer}/type", "must be plain_text or mrkdwn")
        elif not 1 <= len(text) <= most:
            self.add(f"{pointer}/text", f"must be 1 to {most} characters")


def check_message_blocks(blocks: object) -> list[Json]:
    """Raises SlackError invalid_blocks_format, invalid_blocks, msg_blocks_too_long. Gives them with block ids."""
    if not isinstance(blocks, list) or not all(isinstance(each, dict) for each in blocks):
        raise invalid("invalid_blocks_format")
    faults = Faults()
    if len(blocks) > 50:
        faults.add("/blocks", "no more than 50 items allowed")
    _check(faults, blocks, IN_MESSAGES, "/blocks")
    if faults.found:
        raise invalid("invalid_blocks", *faults.found)
    if _length(blocks) > MOST_TEXT:
        raise SlackError("msg_blocks_too_long")
    return with_ids(blocks)


def check_view(view: object, kind: str) -> Json:
    """Raises SlackError invalid_arguments, view_too_large. `kind` is modal or home. Gives it with block ids."""
    if not isinstance(view, dict):
        raise invalid("invalid_arguments", "view must be an object [json-pointer:/view]")
    faults, blocks = Faults(), view.get("blocks")
    if view.get("type") != kind:
        faults.add("/view/type", f"must be {kind}")
    if kind == "modal":
        _check_titles(faults, view)
    for key, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        if len(view.get(key) or "") > most:
            faults.add(f"/view/{key}", f"must be no more than {most} characters")
    if not isinstance(blocks, list) or not all(isinstance(each, dict) for each in blocks):
        raise invalid("invalid_arguments", "must be an array [json-pointer:/view/blocks]")
    if len(blocks) > MOST_IN_A_VIEW:
        faults.add("/view/blocks", f"no more than {MOST_IN_A_VIEW} items allowed")
    _check(faults, blocks, IN_VIEWS, "/view/blocks")
    if faults.found:
        raise invalid("invalid_arguments", *faults.found)
    if len(str(view)) > LARGEST_VIEW:
        raise SlackError("view_too_large")
    return view | {"blocks": with_ids(blocks)}


def _check_titles(faults: Faults, view: Json) -> None:
    """A modal has a title, and with an input a button to send it."""
    for key, most in VIEW_TEXTS.items():
        if key == "title" or view.get(key):
            faults.text(f"/view/{key}", view.get(key), most)
    has_input = any(each.get("type") == "input" for each in view.get("blocks") or [])
    if has_input and not view.get("submit"):
        faults.add("/view", "submit is required where there is an input")


def with_ids(blocks: list[Json]) -> list[Json]:
    """What the app leaves out is given: a block_id for each, an action_id for each element."""
    found = [{"block_id": f"b{number}", **each} for number, each in enumerate(blocks)]
    for number, (_, element) in enumerate(elements(found)):
        if element.get("type") not in WITHOUT_ACTION_ID and not str(element.get("type")).startswith("rich"):
            element.setdefault("action_id", f"a{number}")
    return found


def _check(faults: Faults, blocks: list[Json], allowed: frozenset[str], at: str) -> None:
    for number, block in enumerate(blocks):
        pointer, kind = f"{at}/{number}", block.get("type")
        if kind not in allowed:
            faults.add(f"{pointer}/type", f"unsupported type: {kind}")
            continue
        _check_part(faults, block, pointer)
        _check_block(faults, block, pointer)
    ids = [each["block_id"] for each in blocks if each.get("block_id")]
    if len(ids) != len(set(ids)):
        faults.add(at, "block_id already exists")


def _check_block(faults: Faults, block: Json, pointer: str) -> None:
    kind, inside = block["type"], block.get("elements") or []
    if kind in MOST_ELEMENTS and not 1 <= len(inside) <= MOST_ELEMENTS[kind]:
        faults.add(f"{pointer}/elements", f"must be 1 to {MOST_ELEMENTS[kind]} items")
    if kind == "section":
        _check_section(faults, block, pointer)
    if kind == "input" and not isinstance(block.get("element"), dict):
        faults.add(f"{pointer}/element", "must provide an object")
    if kind == "context":
        return
    for _, element in elements([block]):
        if kind != "rich_text":
            _check_part(faults, element, pointer)
            _check_options(faults, element, pointer)
    ids = [element["action_id"] for _, element in elements([block]) if element.get("action_id")]
    if len(ids) != len(set(ids)):
        faults.add(pointer, "action_id already exists")


def _check_section(faults: Faults, block: Json, pointer: str) -> None:
    fields = block.get("fields") or []
    if not block.get("text") and not fields:
        faults.add(pointer, "must have a text or fields")
    if len(fields) > 10:
        faults.add(f"{pointer}/fields", "no more than 10 items allowed")
    for number, each in enumerate(fields):
        faults.text(f"{pointer}/fields/{number}", each, 2000)


def _check_part(faults: Faults, part: Json, pointer: str) -> None:
    """The texts and ids of one block or element."""
    for key, most in TEXTS.get(str(part.get("type")), {}).items():
        optional = key == "hint" or (part["type"] == "section" and part.get("fields"))
        if part.get(key) or not optional:
            faults.text(f"{pointer}/{key}", part.get(key), most)
    for key, most in PLAIN.items():
        if isinstance(part.get(key), str) and len(part[key]) > most:
            faults.add(f"{pointer}/{key}", f"must be no more than {most} characters")
    if part.get("placeholder"):
        faults.text(f"{pointer}/placeholder", part["placeholder"], 150)
    if part.get("type") == "button" and part.get("style") not in (None, "primary", "danger"):
        faults.add(f"{pointer}/style", "must be primary or danger")


def _check_options(faults: Faults, element: Json, pointer: str) -> None:
    if "options" not in element:
        return
    most = MOST_OPTIONS.get(element["type"], 100)
    if not 1 <= len(element["options"]) <= most:
        faults.add(f"{pointer}/options", f"must be 1 to {most} items")
    for option in element["options"]:
        faults.text(f"{pointer}/options", option.get("text"), 75)
        if not 1 <= len(str(option.get("value", ""))) <= 150:
            faults.add(f"{pointer}/options", "a value must be 1 to 150 characters")


def _length(part: object) -> int:
    """Characters of all texts below."""
    if isinstance(part, list):
        return sum(_length(each) for each in part)
    if isinstance(part, dict):
        own = len(part["text"]) if isinstance(part.get("text"), str) else 0
        return own + sum(_length(value) for value in part.values() if isinstance(value, dict | list))
    return 0
