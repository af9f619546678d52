"""What Discord accepts in the body of a message or a modal; everything else is 50035 with the field named.

Sources: developers/resources/message (Create Message, Embed Limits), developers/components/reference (limits of
each component), specs of the HTTP API. A bot's `content` is held to the 2,000 of the documents, although the
OpenAPI file of the API names 4,000.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.discord.entities import Flag, parts
from tests.fakes.discord.errors import Faults, Json

EMBED_TEXTS = {"title": 256, "description": 4096}
BUTTON, TEXT_INPUT = 2, 4
MENUS = (3, 5, 6, 7, 8)
LINK, PREMIUM = 5, 6


def check_message(body: Json, *, prefix: str = "") -> None:
    """Raises ApiError 50035. `prefix` is "data." where the message is part of an interaction's answer."""
    faults = Faults()
    faults.too_long(f"{prefix}content", body.get("content"), 2000)
    faults.too_long(f"{prefix}nonce", body.get("nonce"), 25)
    _check_embeds(faults, body.get("embeds") or [], prefix)
    _check_components(faults, body, prefix)
    for index, attachment in enumerate(body.get("attachments") or []):
        faults.too_long(f"{prefix}attachments.{index}.description", attachment.get("description"), 1024)
    if len(body.get("sticker_ids") or []) > 3:
        faults.add(f"{prefix}sticker_ids", "BASE_TYPE_MAX_LENGTH", "Must be 3 or fewer in length.")
    _check_mentions(faults, body.get("allowed_mentions"), prefix)
    faults.raise_if_any()


def _check_embeds(faults: Faults, embeds: list[Json], prefix: str) -> None:
    if len(embeds) > 10:
        faults.add(f"{prefix}embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    total = 0
    for index, embed in enumerate(embeds):
        at = f"{prefix}embeds.{index}"
        fields = embed.get("fields") or []
        footer = (embed.get("footer") or {}).get("text")
        author = (embed.get("author") or {}).get("name")
        for key, most in EMBED_TEXTS.items():
            faults.too_long(f"{at}.{key}", embed.get(key), most)
        faults.too_long(f"{at}.footer.text", footer, 2048)
        faults.too_long(f"{at}.author.name", author, 256)
        if len(fields) > 25:
            faults.add(f"{at}.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
        for number, each in enumerate(fields):
            faults.length(f"{at}.fields.{number}.name", each.get("name"), 1, 256)
            faults.length(f"{at}.fields.{number}.value", each.get("value"), 1, 1024)
        texts = [embed.get("title"), embed.get("description"), footer, author]
        texts += [each.get(key) for each in fields for key in ("name", "value")]
        total += sum(len(text) for text in texts if isinstance(text, str))
    if total > 6000:
        faults.add(f"{prefix}embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _check_components(faults: Faults, body: Json, prefix: str) -> None:
    components = body.get("components") or []
    at = f"{prefix}components"
    if (body.get("flags") or 0) & Flag.COMPONENTS_V2:
        _check_layout(faults, body, components, prefix)
    else:
        _check_rows(faults, components, at)
    for path, component in _with_paths(components, at):
        if component.get("type") == 1:
            _check_row(faults, path, component)
        elif component.get("type") == BUTTON:
            _check_button(faults, path, component)
        elif component.get("type") in MENUS:
            _check_menu(faults, path, component)
    _check_doubles(faults, components, at)


def _check_layout(faults: Faults, body: Json, components: list[Json], prefix: str) -> None:
    """Components V2."""
    if len(parts(components)) > 40:
        faults.add(f"{prefix}components", "BASE_TYPE_MAX_LENGTH", "Must be 40 or fewer in length.")
    for key in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(key):
            faults.add(f"{prefix}{key}", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", key)


def _check_rows(faults: Faults, components: list[Json], at: str) -> None:
    if len(components) > 5:
        faults.add(at, "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for index, row in enumerate(components):
        if row.get("type") != 1:
            faults.add(f"{at}.{index}.type", "UNION_TYPE_CHOICES", "Value of field must be one of (1,).")


def _with_paths(components: list[Json], at: str) -> list[tuple[str, Json]]:
    found: list[tuple[str, Json]] = []
    for index, component in enumerate(components):
        path = f"{at}.{index}"
        found.append((path, component))
        found += _with_paths(component.get("components") or [], f"{path}.components")
        for key in ("accessory", "component"):
            if component.get(key):
                found.append((f"{path}.{key}", component[key]))
    return found


def _check_row(faults: Faults, path: str, row: Json) -> None:
    below = row.get("components") or []
    menus = [each for each in below if each.get("type") in MENUS]
    if not 1 <= len(below) <= 5:
        faults.add(f"{path}.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    if menus and len(below) > 1:
        faults.add(f"{path}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds")


def _check_button(faults: Faults, path: str, button: Json) -> None:
    faults.too_long(f"{path}.label", button.get("label"), 80)
    style = button.get("style")
    if style == LINK:
        if not button.get("url"):
            faults.add(f"{path}.url", "BASE_TYPE_REQUIRED", "A url is required")
        if button.get("custom_id"):
            faults.add(f"{path}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_WITH_URL", "A link has no custom id")
    elif style != PREMIUM:
        faults.length(f"{path}.custom_id", button.get("custom_id"), 1, 100)
        if button.get("url"):
            faults.add(
                f"{path}.url", "BUTTON_COMPONENT_URL_WITH_CUSTOM_ID", "Only a link button may have a url"
            )
    if style != PREMIUM and not (button.get("label") or button.get("emoji")):
        faults.add(path, "BUTTON_COMPONENT_INVALID", "A button must have a label or emoji")


def _check_menu(faults: Faults, path: str, menu: Json) -> None:
    faults.length(f"{path}.custom_id", menu.get("custom_id"), 1, 100)
    faults.too_long(f"{path}.placeholder", menu.get("placeholder"), 150)
    if menu.get("type") != 3:
        return
    options = menu.get("options") or []
    if not 1 <= len(options) <= 25:
        faults.add(f"{path}.options", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 25 in length.")
    for index, option in enumerate(options):
        faults.length(f"{path}.options.{index}.label", option.get("label"), 1, 100)
        faults.length(f"{path}.options.{index}.value", option.get("value"), 1, 100)
        faults.too_long(f"{path}.options.{index}.description", option.get("description"), 100)


def _check_doubles(faults: Faults, components: list[Json], at: str) -> None:
    seen: set[str] = set()
    for path, component in _with_paths(components, at):
        custom_id = component.get("custom_id")
        if custom_id in seen:
            faults.add(
                f"{path}.custom_id",
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        if custom_id:
            seen.add(custom_id)


def _check_mentions(faults: Faults, allowed: Json | None, prefix: str) -> None:
    if not allowed:
        return
    for key in ("users", "roles"):
        if len(allowed.get(key) or []) > 100:
            faults.add(
                f"{prefix}allowed_mentions.{key}", "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length."
            )
        if allowed.get(key) and key in (allowed.get("parse") or []):
            faults.add(
                f"{prefix}allowed_mentions.parse",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f"parse:[{key}]",
            )


def check_modal(data: Json) -> None:
    """Raises ApiError 50035."""
    faults = Faults()
    faults.length("data.title", data.get("title"), 1, 45)
    faults.length("data.custom_id", data.get("custom_id"), 1, 100)
    rows = data.get("components") or []
    if not 1 <= len(rows) <= 5:
        faults.add("data.components", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 5 in length.")
    for path, component in _with_paths(rows, "data.components"):
        if component.get("type") == 18:
            faults.length(f"{path}.label", component.get("label"), 1, 45)
            faults.too_long(f"{path}.description", component.get("description"), 100)
        if component.get("type") == TEXT_INPUT:
            _check_input(faults, path, component)
        if component.get("type") in MENUS:
            _check_menu(faults, path, component)
    _check_doubles(faults, rows, "data.components")
    faults.raise_if_any()


def _check_input(faults: Faults, path: str, text_input: Json) -> None:
    faults.length(f"{path}.custom_id", text_input.get("custom_id"), 1, 100)
    faults.too_long(f"{path}.label", text_input.get("label"), 45)
    faults.too_long(f"{path}.placeholder", text_input.get("placeholder"), 100)
    faults.too_long(f"{path}.value", text_input.get("value"), text_input.get("max_length") or 4000)
    for key in ("min_length", "max_length"):
        value: Any = text_input.get(key)
        if value is not None and not 0 <= value <= 4000:
            faults.add(f"{path}.{key}", "NUMBER_TYPE_COERCE", "Must be between 0 and 4000.")


def check_choices(choices: list[Json]) -> None:
    """Of an autocomplete's answer. Raises ApiError 50035."""
    faults = Faults()
    if len(choices) > 25:
        faults.add("data.choices", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for index, choice in enumerate(choices):
        faults.length(f"data.choices.{index}.name", choice.get("name"), 1, 100)
        if isinstance(choice.get("value"), str):
            faults.length(f"data.choices.{index}.value", choice["value"], 1, 100)
    faults.raise_if_any()
