"""The console's way to a simulated community: only where `shequ up` or a developer set its address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import httpx

from console.problems import Invalid
from console.settings import ConsoleSettings
from devices.errors import NotFound

TIMEOUT: Final = 5.0  # seconds


async def ask_simulation(settings: ConsoleSettings, wish: Mapping[str, Any] | None) -> dict[str, Any]:
    """Send the simulator a wish, or only ask how things stand; answers how they stand now.

    Raises NotFound where no simulator is set or none answers: a platform of real devices has none;
    Invalid for a wish that it cannot fulfil.
    """
    if settings.simulation_url is None or settings.simulation_secret is None:
        raise NotFound("simulation", "SHEQU_SIMULATION_URL is not set")
    login = {"Authorization": f"Bearer {settings.simulation_secret.get_secret_value()}"}
    async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False, headers=login) as client:
        try:
            answer = await (
                client.get(settings.simulation_url)
                if wish is None
                else client.post(settings.simulation_url, json=wish)
            )
        except httpx.HTTPError as exc:
            raise NotFound("simulation", f"it does not answer: {type(exc).__name__}") from exc
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
        raise Invalid(answer.json())
    if not answer.is_success:
        raise NotFound("simulation", f"it answers {answer.status_code}")
    stand: dict[str, Any] = answer.json()
    return stand
