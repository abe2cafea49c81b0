"""Personal data out of what is shown: which members of a record they are, and what stands in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

MASK = "•••"

PERSONAL = frozenset(
    {
        "person",
        "person_ref",
        "person_id",
        "plate",
        "phone",
        "mobile",
        "to",
        "recipient",
        "contact",
        "resident",
        "holder",
        "family",
        "relation",
        "lat",
        "lon",
        "latitude",
        "longitude",
        "position",
        "x",
        "y",
        "source",
        "words",
    }
)
"""Members that say who somebody is, where, or how to reach them."""

_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)")
"""A mobile number or an identity card number in running text."""


def mask(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without personal data; equal to it where it has none."""
    told = {text for text in _personal(body) if len(text) > 1}
    masked = _masked(body, told)
    if not isinstance(masked, dict):
        raise TypeError(masked)
    return masked


def _masked(value: Any, told: set[str]) -> Any:
    match value:
        case str():
            return _PHONE.sub(MASK, _without(value, told))
        case Mapping():
            return {
                key: MASK if _is_personal(key, member) else _masked(member, told)
                for key, member in value.items()
            }
        case Sequence():
            return [_masked(item, told) for item in value]
        case _:
            return value


def _is_personal(key: str, member: Any) -> bool:
    return key in PERSONAL and member not in (None, "", [], {})


def _without(text: str, told: set[str]) -> str:
    for name in sorted(told, key=len, reverse=True):
        text = text.replace(name, MASK)
    return text


def _personal(value: Any) -> Iterator[str]:
    """Every text under a personal member, so that it goes wherever it is repeated."""
    if isinstance(value, Mapping):
        for key, member in value.items():
            if key in PERSONAL and isinstance(member, str):
                yield member
            else:
                yield from _personal(member)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _personal(item)
