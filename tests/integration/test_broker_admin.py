"""Device accounts on the real broker: each device speaks for itself and for nobody else."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator

import aiomqtt
import pytest

from devices.errors import BrokerError, SettingError
from ingest.broker_admin import BrokerAdmin
from simulators.stack import Broker, Login

_serial = itertools.count(1)


@pytest.fixture
def estate() -> str:
    return f"admin-{os.getpid()}-{next(_serial)}"


@pytest.fixture
async def admin(broker: Broker) -> AsyncIterator[BrokerAdmin]:
    async with BrokerAdmin.connect(broker.address, broker.admin) as admin:
        yield admin


def client(broker: Broker, login: Login | None, identifier: str | None = None) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.address.host,
        broker.address.port,
        username=login.username if login else None,
        password=login.password if login else None,
        identifier=identifier or (login.username if login else "nobody"),
        protocol=aiomqtt.ProtocolVersion.V5,
    )


async def heard(broker: Broker, estate: str, sender: aiomqtt.Client, topics: list[str]) -> list[str]:
    """Return which of the topics the platform hears when the sender publishes to all of them."""
    arrived: list[str] = []
    async with client(broker, broker.ingest, f"hear-{estate}") as ear:
        await ear.subscribe(f"shequ/v1/{estate}/#", qos=1)
        await ear.subscribe("shequ-platform/#", qos=1)
        for topic in topics:
            await sender.publish(topic, b"{}", qos=1)
        # the broker keeps the order, so whatever was let through arrives before this marker
        await ear.publish("shequ-platform/marker", estate.encode(), qos=1)
        async with asyncio.timeout(60):
            async for message in ear.messages:
                if message.topic.value == "shequ-platform/marker":
                    if message.payload == estate.encode():
                        break
                else:
                    arrived.append(message.topic.value)
    return arrived


async def test_a_device_publishes_its_own_topics_only(
    broker: Broker, admin: BrokerAdmin, estate: str
) -> None:
    one, two = f"{estate}-one", f"{estate}-two"
    passwords = await admin.add_devices([(estate, one), (estate, two)])
    own = [f"shequ/v1/{estate}/{one}/{name}" for name in ("event", "state", "availability", "reply")]
    foreign = [
        f"shequ/v1/{estate}/{two}/event",
        f"shequ/v1/elsewhere/{one}/event",
        f"shequ/v1/{estate}/{one}/command",
        f"shequ/v1/{estate}/{one}/event/deeper",
        "shequ-platform/marker",
    ]
    async with client(broker, Login(one, passwords[one])) as device:
        assert await heard(broker, estate, device, [*own, *foreign]) == own


async def test_a_device_hears_its_own_orders_only(broker: Broker, admin: BrokerAdmin, estate: str) -> None:
    one, two = f"{estate}-one", f"{estate}-two"
    passwords = await admin.add_devices([(estate, one), (estate, two)])
    async with (
        client(broker, Login(one, passwords[one])) as device,
        client(broker, broker.ingest, f"orders-{estate}") as platform,
    ):
        for topic in ("#", "shequ/v1/#", f"shequ/v1/{estate}/{two}/command", "$CONTROL/#"):
            (answer,) = await device.subscribe(topic, qos=1)
            assert not isinstance(answer, int)
            assert answer.is_failure, topic
        for name in ("config", "command"):
            await device.subscribe(f"shequ/v1/{estate}/{one}/{name}", qos=1)
        for topic in (f"{two}/command", f"{one}/config", f"{one}/command"):
            await platform.publish(f"shequ/v1/{estate}/{topic}", b"{}", qos=1)
        async with asyncio.timeout(60):
            got = [(await anext(device.messages)).topic.value for _ in range(2)]
    assert got == [f"shequ/v1/{estate}/{one}/config", f"shequ/v1/{estate}/{one}/command"]


async def test_nobody_gets_in_without_the_right_name_and_password(
    broker: Broker, admin: BrokerAdmin, estate: str
) -> None:
    device = f"{estate}-door"
    password = await admin.add_device(estate, device)
    wrong = [
        client(broker, None),
        client(broker, Login(device, "guess")),
        client(broker, Login("stranger", password)),
        client(broker, Login(device, password), "somebody-elses-session"),
    ]
    for stranger in wrong:
        with pytest.raises(aiomqtt.MqttError):
            async with stranger:
                pytest.fail("let in")


async def test_rotation_and_removal_end_the_old_password(
    broker: Broker, admin: BrokerAdmin, estate: str
) -> None:
    device = f"{estate}-lock"
    old = await admin.add_device(estate, device)
    new = await admin.rotate(device)
    with pytest.raises(aiomqtt.MqttError):
        async with client(broker, Login(device, old)):
            pytest.fail("the old password still opens")
    async with client(broker, Login(device, new)):
        pass
    await admin.remove_device(device)
    with pytest.raises(aiomqtt.MqttError):
        async with client(broker, Login(device, new)):
            pytest.fail("a removed device still gets in")
    assert await admin.add_device(estate, device)


async def test_adding_is_all_or_nothing_and_says_what_the_broker_said(
    admin: BrokerAdmin, estate: str
) -> None:
    await admin.add_device(estate, f"{estate}-taken")
    with pytest.raises(BrokerError, match=r"createRole for 'device-.*-taken': Role already exists"):
        await admin.add_devices([(estate, f"{estate}-fresh"), (estate, f"{estate}-taken")])
    assert await admin.add_device(estate, f"{estate}-fresh")
    assert await admin.rotate(f"{estate}-taken")
    with pytest.raises(BrokerError, match="Client not found"):
        await admin.rotate(f"{estate}-missing")


async def test_an_account_name_cannot_smuggle_a_wildcard(admin: BrokerAdmin, estate: str) -> None:
    for name in ("+", "a/b", "#", "", "x" * 65, "门"):
        with pytest.raises(SettingError):
            await admin.add_device(estate, name)


async def test_sixty_devices_are_added_over_several_batches(admin: BrokerAdmin, estate: str) -> None:
    passwords = await admin.add_devices([(estate, f"{estate}-{n}") for n in range(60)])
    assert len(set(passwords.values())) == 60


async def test_only_the_administrator_manages_accounts(broker: Broker) -> None:
    with pytest.raises(BrokerError, match="may not manage"):
        async with BrokerAdmin.connect(broker.address, broker.gateway):
            pytest.fail("the gateway became administrator")
