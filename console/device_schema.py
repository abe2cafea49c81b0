"""A configuration or a command's arguments against its model's JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from devices.registry.models import Schema


def schema_errors(schema: Schema, data: Mapping[str, Any], root: str) -> dict[str, str]:
    """What is wrong, by field: `root.path`."""
    errors: dict[str, str] = {}
    for error in Draft202012Validator(schema).iter_errors(data):
        where = ".".join((root, *(str(part) for part in error.absolute_path)))
        errors.setdefault(where, error.message[:200])
    return errors
