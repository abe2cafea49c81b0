"""How the cost of an event grows with the number of devices and estates: it must not."""

from __future__ import annotations

from typing import Any, Final

from console.commands.bench_county import limit, open_bench, product, say, settle

SIZES: Final = ((1_000, 10), (10_000, 100), (100_000, 1_000))  # devices, estates


async def growth(*, messages: int) -> dict[str, Any]:
    """Measure `{limit, by_devices, cpu_growth}`: the same load from ever more devices of one platform."""
    by_devices: dict[str, dict[str, float]] = {}
    async with open_bench(*SIZES[0]) as bench:
        bare = await limit(bench, "limit-", messages)
        for devices, estates in SIZES:
            county = await settle(bench, devices, estates)
            speed = await product(county, f"d{devices}-", messages)
            by_devices[str(devices)] = {"estates": estates, **speed.as_json()}
            say(f"{devices:,} devices: {speed.per_s:,.0f}/s, {speed.cpu_us:.0f} us each")
    first, *_, last = by_devices.values()
    return {
        "limit": bare.as_json(),
        "by_devices": by_devices,
        "cpu_growth": round(last["cpu_us"] / first["cpu_us"], 2),
        "messages": messages,
    }
