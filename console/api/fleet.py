"""Every router of devices, in the order in which addresses are tried: words before device ids."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from console.api import device_import, device_life, devices

PUBLIC: Final[tuple[APIRouter, ...]] = ()
PROTECTED: Final[tuple[APIRouter, ...]] = tuple(
    module.router for module in (device_import, device_life, devices)
)
