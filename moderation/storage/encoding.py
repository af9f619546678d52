"""Domain values as JSON and back, driven by their types, so that a new field or action needs no line here.

A dataclass becomes an object with its fields; one that lacks a field by now gets that field's default. Which action
it is says `kind`, the name of its class: renaming an action class therefore needs a migration. What a dataclass neither takes
nor compares (`init=False`, `compare=False`) follows from other things and is not stored.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import Field, fields, is_dataclass
from datetime import datetime, time
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from moderation.actions import Action
from moderation.charter import Charter
from moderation.errors import DatabaseTooNew
from moderation.policy import Policy
from moderation.storage.cleaning import clean_text

ACTIONS: dict[str, type[Action]] = {kind.__name__: kind for kind in get_args(Action)}

T = TypeVar("T")


def pack_actions(actions: Sequence[Action]) -> str | None:
    """The actions as JSON, or None where there are none (which is nearly always)."""
    return json.dumps([_tagged(action) for action in actions], separators=(",", ":")) if actions else None


def unpack_actions(packed: str | None) -> tuple[Action, ...]:
    """Raises DatabaseTooNew for an action that this program does not know."""
    return tuple(_untagged(plain) for plain in json.loads(packed)) if packed else ()


def pack_action(action: Action) -> str:
    """One action as JSON."""
    return json.dumps(_tagged(action), separators=(",", ":"))


def unpack_action(packed: str) -> Action:
    """Raises DatabaseTooNew for an action that this program does not know."""
    return _untagged(json.loads(packed))


def pack_rules(charter: Charter, policy: Policy) -> bytes:
    """Charter and policy as JSON in UTF-8."""
    return dumps({"charter": to_plain(charter), "policy": to_plain(policy)})


def unpack_rules(packed: bytes) -> tuple[Charter, Policy]:
    """The reverse of `pack_rules`."""
    plain = json.loads(packed)
    return from_plain(Charter, plain["charter"]), from_plain(Policy, plain["policy"])


def dumps(plain: object) -> bytes:
    """Compact JSON in UTF-8; lone surrogates, which UTF-8 cannot hold, become U+FFFD."""
    return clean_text(json.dumps(plain, ensure_ascii=False, separators=(",", ":"))).encode()


def to_plain(value: object) -> object:
    """A domain value as what JSON knows. Raises TypeError for a type that is not handled."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime | time):
        return value.isoformat()
    if isinstance(value, tuple):
        return [to_plain(part) for part in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in _stored_fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def from_plain(kind: type[T], plain: Any) -> T:
    """The domain value of type `kind` that `to_plain` made `plain` from."""
    hashable: Any = kind  # as every type is, which mypy cannot know
    value: T = _decoder(hashable)(plain)
    return value


def _stored_fields(kind: Any) -> list[Field[Any]]:
    """The fields of a dataclass, or of one's instance, that are stored."""
    return [field for field in fields(kind) if field.init and field.compare]


@cache
def _decoder(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of a type; worked out once for each, since actions are read by the ten thousand."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is UnionType or NoneType in args:
        (only,) = (_decoder(arg) for arg in args if arg is not NoneType)
        return lambda plain: None if plain is None else only(plain)
    if origin is tuple:
        part = _decoder(args[0])
        return lambda plain: tuple(map(part, plain))
    if isinstance(kind, type) and is_dataclass(kind):
        return _decoder_of_fields(kind)
    if isinstance(kind, type) and issubclass(kind, datetime | time):
        return kind.fromisoformat
    return kind if isinstance(kind, type) and issubclass(kind, Enum | float) else lambda plain: plain


def _decoder_of_fields(kind: Any) -> Callable[[Any], Any]:
    """Of the fields that are given; others follow from them."""
    hints = get_type_hints(kind)
    decoders = {field.name: _decoder(hints[field.name]) for field in _stored_fields(kind)}
    return lambda plain: kind(
        **{name: decoders[name](part) for name, part in plain.items() if name in decoders}
    )


def _tagged(action: Action) -> dict[str, object]:
    plain = to_plain(action)
    assert isinstance(plain, dict)  # noqa: S101 - an action is a dataclass; this is for the type checker
    return {"kind": type(action).__name__, **plain}


def _untagged(plain: dict[str, Any]) -> Action:
    kind = ACTIONS.get(str(plain.get("kind")))
    if kind is None:
        raise DatabaseTooNew(
            f"An action of the kind {plain.get('kind')!r} is stored; this Steward does not know it."
        )
    return from_plain(kind, plain)
