"""GB/T 28181 device ids: 20 digits = centre 8 + industry 2 + type 3 + network 1 + sequence 6."""

from __future__ import annotations

import re

CAMERA_TYPES = frozenset({"131", "132"})  # camera, IP camera
_DIGITS = re.compile(r"[0-9]{20}")


def national_id_problem(value: str, profile: str) -> str | None:
    """Say what is wrong with an id, or None."""
    if not _DIGITS.fullmatch(value):
        return f"{value[:40]!r} has {len(value)} characters: a GB/T 28181 id is exactly 20 digits"
    if value[:2] == "00":
        return f"{value!r} begins with no province (first two digits)"
    kind = value[10:13]
    if profile == "camera" and kind not in CAMERA_TYPES:
        return f"digits 11 to 13 of a camera's id are its type, 131 or 132, not {kind}"
    if profile != "camera" and kind in CAMERA_TYPES:
        return f"type {kind} (digits 11 to 13) is a camera's, and this is no camera"
    return None
