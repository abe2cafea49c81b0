"""Both servers together: started in order, stopped in reverse, never half of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from simulators.stack.choice import choose
from simulators.stack.model import Part, Stack, StackSettings
from simulators.stack.mosquitto import open_mosquitto
from simulators.stack.postgres import open_postgres


@asynccontextmanager
async def open_stack(settings: StackSettings, *, say: Callable[[str], None]) -> AsyncIterator[Stack]:
    """Run a database and a broker while the context is open; `say` hears what is being set up."""
    database, broker = choices = choose(settings)
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(open_postgres(settings, say=say, choice=database))
        mosquitto = await stack.enter_async_context(open_mosquitto(settings, say=say, choice=broker))
        yield Stack(
            database_url=postgres.url,
            broker=mosquitto.address,
            admin=mosquitto.admin,
            ingest=mosquitto.ingest,
            gateway=mosquitto.gateway,
            data=settings.data,
            choices=choices,
            broker_tls=mosquitto.tls,
            broker_certificates=mosquitto.certificates,
            services={Part.DATABASE: postgres, Part.BROKER: mosquitto},
        )
