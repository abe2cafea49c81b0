"""People, shifts and resources for a simulated community: `shequ up` and drills begin with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from devices.model import PlaceKind
from ingest.clock import system_clock
from ingest.store.organisation import PlaceFacts, link_logins, save_organisation
from ingest.store.registry import save_registry
from ingest.vault import Vault
from simulators.community import Community
from simulators.organisation import NEIGHBOUR, organise

_OFFICIAL = (PlaceKind.CITY, PlaceKind.TOWN, PlaceKind.COMMUNITY)
BY = "shequ simulate"


async def staff(
    connection: psycopg.AsyncConnection[Any], community: Community, logins: Mapping[str, str], vault: Vault
) -> None:
    """Give a registered community its people, shifts and resources; `logins`: person by user name."""
    now = system_clock()
    await save_registry(connection, places=(NEIGHBOUR,))
    made = organise(community, now=now)
    facts = [
        *(PlaceFacts(code=p.code, division=p.code) for p in community.places if p.kind in _OFFICIAL),
        *(PlaceFacts(code=code, lat=lat, lon=lon) for code, lat, lon in made.origins),
        PlaceFacts(code=NEIGHBOUR.code, division=NEIGHBOUR.code, neighbour=True),
    ]
    await save_organisation(
        connection,
        now=now,
        by=BY,
        facts=facts,
        grids=made.grids,
        people=made.people,
        posts=made.posts,
        shifts=made.shifts,
        resources=made.resources,
        vault=vault,
    )
    await link_logins(connection, logins)
