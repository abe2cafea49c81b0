"""Every router of people: organisation, people, rosters, resources, advice and plans."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from console.api import organisation, people, plans, privacy, resources, reveals, rosters

PROTECTED: Final[tuple[APIRouter, ...]] = tuple(
    module.router for module in (organisation, people, rosters, resources, plans, privacy, reveals)
)
