"""Every router of devices, in the order in which addresses are tried: words before device ids."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from console.api import credentials, device_import, device_life, devices, mqtt_auth

PUBLIC: Final[tuple[APIRouter, ...]] = (mqtt_auth.public,)
PROTECTED: Final[tuple[APIRouter, ...]] = tuple(
    module.router for module in (device_import, device_life, credentials, devices)
)
