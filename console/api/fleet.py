"""Every router of devices, in the order in which addresses are tried: words before device ids."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from console.api import (
    callees,
    commands,
    configuration,
    credentials,
    device_import,
    device_life,
    devices,
    enrolment,
    health_of_devices,
    mqtt_auth,
    rollouts,
)

PUBLIC: Final[tuple[APIRouter, ...]] = (mqtt_auth.public, enrolment.public)
PROTECTED: Final[tuple[APIRouter, ...]] = tuple(
    module.router
    for module in (
        device_import,
        health_of_devices,
        device_life,
        callees,
        credentials,
        configuration,
        commands,
        rollouts,
        enrolment,
        devices,
    )
)
