"""Who can be sent: the organisations of domain.md sections a and d, by code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from console.problems import Invalid
from devices.organisation import OUTSIDE, ROLES

LEAD: Final = "governance_center"

ORGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        LEAD: ("综治中心", "Governance centre"),
        **ROLES,
        **OUTSIDE,
        "police_command": ("公安指挥中心", "Police command centre"),
        "urban_mgmt": ("城管中心", "Urban management centre"),
    }
)
"""Chinese, English."""


def check_org(code: str) -> str:
    """Answer a known organisation's code.

    Raises Invalid naming the known ones.
    """
    if code not in ORGS:
        raise Invalid({"org": f"there is no organisation {code!r}: take one of {', '.join(ORGS)}"})
    return code
