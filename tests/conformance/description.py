"""Discord's OpenAPI description, and in what a request deviates from it.

The file is https://github.com/discord/discord-api-spec (specs/openapi.json), OpenAPI 3.1: its schemas are JSON Schema 2020-12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

Json = Mapping[str, Any]
Found = tuple[str, str, object]
"""Where, what is wrong with it, and what stands there."""
BOOLEANS = {"True": True, "true": True, "1": True, "False": False, "false": False, "0": False}
"""How a query says yes and no: developers/reference (Boolean Query Strings)."""
_DOCUMENT = "urn:discord"
_PARAMETER = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was sent. `body` is JSON; of a form with files it is the payload_json."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: object = None


@dataclass(frozen=True, slots=True)
class Deviation:
    """`place` is where in the request: `path.channel_id`, `query.limit`, `body.embeds[].title`; empty for the route itself."""

    method: str
    route: str
    place: str
    says: str
    value: object = field(default=None, compare=False)  # what stands there, of one request


class Description:
    """One document. Formats (`int64`, `uri` ...) are not checked, types, lengths and patterns are."""

    def __init__(self, document: Json) -> None:
        # References with their document's name in front, so that a schema can be taken out and still finds its way.
        named = json.loads(json.dumps(document).replace('"$ref": "#/', f'"$ref": "{_DOCUMENT}#/'))
        self._paths: Json = named["paths"]
        resource: Resource[Any] = DRAFT202012.create_resource(named)
        self._registry: Registry[Any] = Registry().with_resource(_DOCUMENT, resource)
        self._resolver = self._registry.resolver()
        self._templates = [
            (template, re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", template))) for template in self._paths
        ]

    def deviations(self, asked: Asked) -> Iterator[Deviation]:
        """All of one request; none where it is as described."""
        template, arguments = self._route_of(asked.path)
        operation = self._paths.get(template, {}).get(asked.method.lower())
        if operation is None:
            yield Deviation(asked.method, template or asked.path, "", "the description has no such route")
            return
        for place, says, value in (
            *self._in_parameters(template, operation, arguments, asked.query),
            *self._in_body(operation, asked.body),
        ):
            yield Deviation(asked.method, template, place, says, value)

    def _route_of(self, path: str) -> tuple[str, Mapping[str, str]]:
        """The template with the fewest parameters that fits, and what stands in them."""
        found = [(each, match) for each, pattern in self._templates if (match := pattern.fullmatch(path))]
        if not found:
            return "", {}
        template, match = min(found, key=lambda each: len(each[1].groups()))
        return template, match.groupdict()

    # --- path and query -----------------------------------------------------------------------------------------

    def _in_parameters(
        self, template: str, operation: Json, arguments: Mapping[str, str], query: Mapping[str, str]
    ) -> Iterator[Found]:
        parameters = [*self._paths[template].get("parameters", []), *operation.get("parameters", [])]
        schemas = {(each["in"], each["name"]): each["schema"] for each in parameters}
        given = {("path", name): value for name, value in arguments.items()}
        given |= {("query", name): value for name, value in query.items()}
        for (within, name), value in given.items():
            schema = schemas.get((within, name))
            if schema is None:
                yield f"{within}.{name}", "the description has no such parameter", value
            else:
                for _, says, _ in self._in_value(self._read(value, schema), schema, ""):
                    yield f"{within}.{name}", says, value
        for each in parameters:
            if each.get("required") and (each["in"], each["name"]) not in given:
                yield f"{each['in']}.{each['name']}", "it is required", None

    def _read(self, value: str, schema: Json) -> object:
        """What a text of an address stands for, by the type that is wanted; the text itself where it is none of that."""
        kind = self._resolved(schema).get("type")
        if kind == "integer" and re.fullmatch(r"-?\d+", value):
            return int(value)
        if kind == "boolean":
            return BOOLEANS.get(value, value)
        return [value] if kind == "array" else value

    # --- body -----------------------------------------------------------------------------------------------------

    def _in_body(self, operation: Json, body: object) -> Iterator[Found]:
        described = operation.get("requestBody")
        if described is None:
            if body is not None:
                yield "body", "the description has none", body
            return
        if body is None:
            if described.get("required"):
                yield "body", "it is required", None
            return
        schema = described["content"]["application/json"]["schema"]
        yield from self._in_value(body, schema, "body")
        for place, value in self._unknown(body, schema, "body"):
            yield place, "the description has no such field", value

    def _in_value(self, value: object, schema: Json, place: str) -> Iterator[Found]:
        for error in self._validator(schema).iter_errors(value):
            for cause in _causes(error):
                path = _NUMBER.sub("[]", cause.json_path.removeprefix("$"))
                yield place + path, _said(cause), cause.instance

    def _unknown(self, value: object, schema: Json, place: str) -> Iterator[tuple[str, object]]:
        """Fields that no schema names which describes the object that they are in."""
        schemas = list(self._describing(value, schema))
        if isinstance(value, list):
            for items in [each["items"] for each in schemas if "items" in each]:
                for each in value:
                    yield from self._unknown(each, items, f"{place}[]")
        if not isinstance(value, dict) or any("additionalProperties" in each for each in schemas):
            return
        for name, within in value.items():
            described = [each["properties"][name] for each in schemas if name in each.get("properties", {})]
            if schemas and not described:
                yield f"{place}.{name}", within
            for each in described:
                yield from self._unknown(within, each, f"{place}.{name}")

    def _describing(self, value: object, schema: Json) -> Iterator[Json]:
        """The schemas without alternatives that hold for a value, through references and alternatives."""
        schema = self._resolved(schema)
        if "properties" in schema or "items" in schema or "additionalProperties" in schema:
            yield schema
        for each in schema.get("allOf", []):
            yield from self._describing(value, each)
        for each in [*schema.get("oneOf", []), *schema.get("anyOf", [])]:
            if self._validator(each).is_valid(value):
                yield from self._describing(value, each)

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self._resolver.lookup(schema["$ref"]).contents
        return schema

    def _validator(self, schema: Json) -> Draft202012Validator:
        return Draft202012Validator(schema, registry=self._registry)


def _causes(error: ValidationError) -> Iterator[ValidationError]:
    """What is wrong within the alternative that is meant: that of the same `type`, or else the nearest."""
    alternatives: dict[object, list[ValidationError]] = {}
    for each in error.context or ():
        alternatives.setdefault(each.relative_schema_path[0], []).append(each)
    meant = [errors for errors in alternatives.values() if not any(map(_is_another, errors))]
    if not meant:
        yield error
        return
    for each in min(meant, key=len):
        yield from _causes(each)


def _is_another(error: ValidationError) -> bool:
    """Whether this says that another alternative is meant."""
    path = list(error.relative_path)
    return path == ["type"] or (not path and error.validator in {"type", "const"})


def _said(error: ValidationError) -> str:
    """What is wrong, without the value, so that the same mistake is one."""
    found = type(error.instance).__name__
    if error.validator in {"oneOf", "anyOf"}:
        return f"none of the alternatives fits, it is {found}"
    return f"{error.validator} has to be {error.validator_value!r}, it is {found}"
