"""The routers of delivery, for the composition root."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from console.api import cascade, deliver, deliver_public, deliver_tests

PUBLIC: Final[tuple[APIRouter, ...]] = (deliver_public.public, cascade.public)
PROTECTED: Final[tuple[APIRouter, ...]] = (deliver.router, deliver_tests.router, cascade.router)
