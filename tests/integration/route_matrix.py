"""How the walk of tests/integration/test_route_matrix.py calls a route, and what it finds there.

A NEW ROUTE usually needs nothing here: it stands in console/permissions.py, its body is made from
its OpenAPI schema, and what its path names is one of OBJECTS. Otherwise the test says what to add:
- a path that names something new: one in EST1 in route_matrix_things.sql, and a line in OBJECTS
- a body that must make sense: a line in BODIES; a query that it cannot do without: one in QUERIES
- not about a place at all (rules, channels of everybody, one's own things): a line in UNPLACED, and why
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

MARK: Final = "Innenhof"  # stands in every name of EST1: nobody outside may ever read it

_HERE: Final = Path(__file__).parent
TOWN: Final = (_HERE / "route_matrix_places.sql").read_bytes()
THINGS: Final = (_HERE / "route_matrix_things.sql").read_bytes()

OBJECTS: Final[Mapping[str, object]] = {
    # what stands before the braces in a path, and the id of such a thing in EST1
    "alerts": 1,
    "anchors": "EST1",
    "attachments": 1,
    "cameras": "cam-1",
    "channels": "hook-1",
    "commands": 1,
    "contacts": "p-1",
    "consents": "contact",
    "device-groups": "g-1",
    "devices": "smoke-1",
    "enrolment": 1,
    "events": "g1",
    "floor-plans": "EST1-B1",
    "pins": "smoke-1",
    "grids": "510681101001001",
    "hushes": 1,
    "incidents": 1,
    "labels": "L-1",
    "leaves": 1,
    "letters": 1,
    "links": 1,
    "orders": 1,
    "organ-requests": 1,
    "people": "p-1",
    "picture-grants": 1,
    "places": "EST1-B1",
    "points": 1,
    "posts": "post-1",
    "quarantine": 1,
    "repairs": 1,
    "requests": 1,
    "resources": "aed-1",
    "reveals": 1,
    "rollouts": 1,
    "roster": 1,
    "snapshot-state": "EST1/cam-1/1.jpg",
    "targets": "ack_p90_s",
    "snapshots": "EST1/cam-1/1.jpg",
    "test-plans": 1,
    "users": "operator-EST1",
}
UNPLACED: Final[Mapping[str, tuple[object, str]]] = {
    # route: an id for its path, and why no place limits it
    "rule": ("fire-smoke", "rules are the same everywhere"),
    "act_on_rule": ("fire-smoke", "only who sees everything may, and is refused otherwise"),
    "nearest_people": ("GW", "names a role; the place is in the query"),
    "plan": ("standard-fire", "shipped plans are everybody's; local ones are in test_api_plans.py"),
    "map_tile": (1, "the background is everybody's"),
    "revoke_token": (1, "one's own tokens"),
    "end_session": (999, "one's own sessions"),
    "drop_queue_view": (999, "one's own views"),
    "act_on_plan": ("standard-fire", "likewise"),
}
INSIDE_404: Final[Mapping[str, str]] = {
    "read_reveal": "one's own, and they have none",
    "granted_pictures": "for people of the unit it was given to",
    # route: why even somebody inside gets 404
    "attachment": "the row is there, the photo's file is not",
    "set_responder": "one's own state; only the centre sets anybody's",
    "check_in": "likewise",
    "put_position": "likewise",
    "act_on_order": "for whoever was sent",
}
_CHANNEL: Final = {
    "code": "hook-1", "channel": "webhook", "driver": "http", "name_zh": "x", "name_en": "x", "place": "EST1",
    "settings": {"url": "https://hook.test/y"},
}  # fmt: skip
BODIES: Final[Mapping[str, Any]] = {
    "read_again": {"ids": [1]},
    "export_picture": {"ref": "EST1/cam-1/1.jpg", "reason": "x y", "recipient": "CP"},
    "take_organ_request": {
        "organ": "CP",
        "document": "n 1",
        "basis": "art. 20",
        "device": "cam-1",
        "recorded_from": "2026-06-01T08:00:00+08:00",
        "recorded_until": "2026-06-01T09:00:00+08:00",
        "officers": [{"name": "a", "badge": "b1"}, {"name": "c", "badge": "b2"}],
    },
    "grant_pictures": {
        "device": "cam-1",
        "recorded_from": "2026-06-01T08:00:00+08:00",
        "unit": "CP",
        "place": "EST2",
        "recorded_until": "2026-06-01T09:00:00+08:00",
        "reason": "x y",
        "expires_at": "2026-06-01T08:00:00+08:00",
    },
    "correct_resource": {
        "id": "aed-1",
        "kind": "aed",
        "name_zh": "x",
        "name_en": "x",
        "place": "EST1",
        "version": 1,
    },
    "add_channel": {**_CHANNEL, "code": "hook-2"},
    "change_channel": {**_CHANNEL, "version": 1},
    "act_on_order": {"action": "note", "key": "a-key-of-8", "text": "x"},
    "act_on_incident": {"action": "note", "reason": "x"},
    "act_on_repair": {"action": "dismiss", "note": "x"},
    "move_boundary": {"place": "EST1-B1", "since": "2026-01-01T00:00:00+08:00"},
}
QUERIES: Final[Mapping[str, str]] = {
    # for every query parameter of that name, wherever it is needed
    "place": "EST1-B1",
    "estate": "EST1",
    "scope": "EST1",
    "node": "EST1",
    "community": "EST1",
    "device": "smoke-1",
    "reason": "patrol",
}

_TEXTS: Final = {"date-time": "2026-06-01T08:00:00+08:00", "date": "2026-06-01", "time": "08:00:00"}


def path_of(route: str, path: str) -> tuple[str, bool]:
    """Fill a path in; also says whether it names something that lies in EST1.

    Raises AssertionError, saying what to add, where the table knows nothing of that name.
    """
    named = re.findall(r"([\w-]+)/\{([\w:]+)\}", path)
    if route in UNPLACED:
        return re.sub(r"\{[\w:]+\}", str(UNPLACED[route][0]), path), False
    for before, name in named:
        assert before in OBJECTS, (
            f"{route} ({path}): tests/integration/route_matrix.py knows no {before!r}:"
            " add one in EST1 to route_matrix_things.sql and its id to OBJECTS,"
            " or the route to UNPLACED with the reason"
        )
        path = path.replace(f"{{{name}}}", str(OBJECTS[before]))
    path = re.sub(r"\{(\w+)\}", lambda m: QUERIES.get(m[1], m[0]), path)  # a second name in one path
    return path, bool(named)


def body_of(route: str, operation: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:
    """Answer a body for a route: the table's, or the least that its schema takes."""
    if route in BODIES:
        return BODIES[route]
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return None if schema is None else _least(schema, schemas)


def _least(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "") -> Any:
    if "$ref" in schema:
        return _least(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    if "anyOf" in schema:
        return _least(schema["anyOf"][0], schemas, name)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    makers: Mapping[str, Callable[[], Any]] = {
        "object": lambda: {
            key: _least(schema["properties"][key], schemas, key) for key in schema.get("required", ())
        },
        "array": lambda: [_least(schema["items"], schemas, name)] * schema.get("minItems", 0),
        "string": lambda: (
            QUERIES.get(name) or _TEXTS.get(schema.get("format", ""), "x" * schema.get("minLength", 1))
        ),
        "integer": lambda: max(1, schema.get("minimum", 1)),
        "number": lambda: 1.0,
        "boolean": lambda: True,
    }
    return makers.get(schema.get("type", ""), lambda: None)()
