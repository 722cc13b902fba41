"""Whether a request is one that a vendor's own description of its API allows. Descriptions are read from the folder of real data; they are not ours to ship."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import jsonschema
from fakes.serving import Request


def checker(
    description: Mapping[str, Any], prefix: str, *, also: Collection[str] = (), also_properties: Collection[str] = ()
) -> Callable[[Request], None]:
    """A check for Fake.checks, by an OpenAPI document.

    ``prefix`` is what stands before its paths; ``also`` the operations (``GET /contactTags``) and ``also_properties`` the properties that its authors left out. A property that the
    description does not name is an error: a mistyped one would be ignored there in silence.
    """
    operations = {
        f"{method.upper()} {path}": (re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))), method.upper(), operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }

    def check(request: Request) -> None:
        path = request.path.removeprefix(prefix)
        assert path != request.path, f"not under {prefix}"
        if f"{request.method} {path}" in also:
            return
        found = [
            operation
            for pattern, method, operation in operations.values()
            if method == request.method and pattern.fullmatch(path)
        ]
        assert found, "not described"
        queries = {parameter["name"] for parameter in found[0].get("parameters", ()) if parameter["in"] == "query"}
        unknown = {re.sub(r"\[\w+\]$", "[<operator>]", name) for name in request.query} - queries
        assert not unknown, f"unknown in the query: {unknown}"
        schema = found[0].get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            assert request.body is None, "a body where none is described"
        else:
            jsonschema.validate(request.body, strict(schema, description["components"]["schemas"], also_properties))

    return check


def strict(schema: Any, schemas: Mapping[str, Any], also_properties: Collection[str]) -> Any:
    """A schema with its references resolved, in which an object has no property but those that are named."""
    if isinstance(schema, list):
        return [strict(one, schemas, also_properties) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    if "$ref" in schema:
        return strict(schemas[schema["$ref"].rpartition("/")[2]], schemas, also_properties)
    resolved = {
        name: strict(value, schemas, also_properties) for name, value in schema.items() if name not in {"example", "examples"}
    }
    if isinstance(schema.get("properties"), Mapping) and "additionalProperties" not in schema:
        resolved["additionalProperties"] = False
        resolved["properties"] = {**resolved["properties"], **{name: {} for name in also_properties}}
    return resolved
