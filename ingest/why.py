"""Why nothing fired, or what did: a device's stored events judged again with every answer written down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta

from devices.errors import NotFound
from devices.model import Registry
from ingest.replay import part_of
from ingest.store import history
from ingest.store.history import Connection, Span
from ingest.store.wishes import load_overrides
from rules.backtest import LATENESS
from rules.explain import Account, Tracer
from rules.ruleset import Ruleset

RUN_UP = timedelta(days=1)

Texts = Mapping[str, Mapping[str, Iterable[str]]]


async def why(
    connection: Connection,
    registry: Registry,
    ruleset: Ruleset,
    *,
    texts: Texts,
    device: str,
    span: Span,
    run_up: timedelta = RUN_UP,
) -> Account:
    """Judge the device's estate again over a span, and account for this device's events.

    The whole estate is judged, because a person or a place is heard of by several devices.
    """
    known = registry.devices.get(device)
    if known is None:
        raise NotFound("device", device)
    wide = Span(start=span.start - run_up, end=span.end, estates=(known.estate,))
    tracer = Tracer(
        ruleset,
        part_of(registry, wide.estates),
        device,
        wide.start,
        texts=texts,
        overrides=await load_overrides(connection),
    )
    begun = False
    async for chunk in history.events(connection, wide, None):
        for event in chunk:
            if not begun and event.received_at >= span.start:
                tracer.wait(span.start - LATENESS)
                tracer.begin(span.start)
                begun = True
            tracer.feed(event, event.received_at - LATENESS, wanted=begun)
        await asyncio.sleep(0)
    if not begun:
        tracer.wait(span.start - LATENESS)
        tracer.begin(span.start)
    tracer.wait(span.end - LATENESS)
    return tracer.account()
