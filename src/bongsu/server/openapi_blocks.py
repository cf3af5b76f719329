"""The building blocks of REST's description: operations, answers, parameters, schemas, and what a part adds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bongsu.http.errors import WrongHost
from bongsu.model.errors import TooMany

Json = dict[str, Any]

EXAMPLE_TIME = 1763778000000
"""Stands for a time in examples; the page at `/docs` shows the present one instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What one part adds to the whole: its tags, paths and schemas."""

    tags: tuple[Json, ...] = ()
    paths: Json = field(default_factory=dict)
    schemas: Json = field(default_factory=dict)


def operation(summary: str, ko: str, tag: str, answer: Json, *errors: int, **more: Any) -> Json:
    """One method of a path: the answer, and each of `errors` (statuses) as a problem."""
    responses: Json = {"200": answer}
    for status in (*errors, WrongHost.status, TooMany.status, 500):
        responses[str(status)] = {"$ref": "#/components/responses/Problem"}
    return {"summary": summary, "x-ko": ko, "tags": [tag], "responses": responses, **more}


def json_answer(description: str, schema: str, example: object = None) -> Json:
    """An answer of the schema of that name."""
    content: Json = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    if example is not None:
        content["example"] = example
    return {"description": description, "content": {"application/json": content}}


def parameter(name: str, text: str, ko: str, schema: Json, *, example: object, required: bool = False) -> Json:
    """A parameter in the query."""
    return {
        "name": name,
        "in": "query",
        "required": required,
        "description": text,
        "x-ko": ko,
        "schema": schema,
        "example": example,
    }


def an_object(required: list[str], **properties: Json) -> Json:
    """The schema of an object with these properties."""
    return {"type": "object", "required": required, "properties": properties}


def an_array(items: Json) -> Json:
    """The schema of a list."""
    return {"type": "array", "items": items}
