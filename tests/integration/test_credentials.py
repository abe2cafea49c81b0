"""Credentials on the real broker: passwords and certificates, and how fast a session ends."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiomqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from console.api.mqtt_auth import may
from ingest.broker_admin import BrokerAdmin
from ingest.registry_ca import Authority, BadRequest, Issued
from simulators.stack import BrokerAddress, Mosquitto, StackSettings, TlsFiles, open_mosquitto

CUT_WITHIN = 5.0  # s, issue 6


@dataclass
class House:
    """A broker with TLS, its account keeper and the authority."""

    broker: Mosquitto
    admin: BrokerAdmin
    authority: Authority
    folder: Path

    def context(self, issued: Issued | None = None) -> ssl.SSLContext:
        """A device's TLS settings: it trusts our authority only."""
        context = ssl.create_default_context(cadata=self.authority.pem)
        if issued is not None:
            files = (self.folder / f"{issued.serial}.pem", self.folder / f"{issued.serial}.key")
            files[0].write_text(issued.certificate)
            files[1].write_text(issued.key or "")
            context.load_cert_chain(*files)
        return context


@pytest.fixture
async def house() -> AsyncIterator[House]:
    with tempfile.TemporaryDirectory(prefix="shequ-tls-") as name:
        folder = Path(name)
        await asyncio.to_thread(folder.chmod, 0o711)  # as root the broker runs as somebody else
        authority = Authority.open(folder / "ca")
        server = authority.issue_server(("localhost", "127.0.0.1"))
        tls = TlsFiles(authority.pem, server.certificate, server.key or "")
        settings = StackSettings(data=folder / "data", broker_port=0, durable=False, tls=tls)
        async with (
            open_mosquitto(settings, say=print) as broker,
            BrokerAdmin.connect(broker.address, broker.admin) as admin,
        ):
            yield House(broker, admin, authority, folder)


def client(
    address: BrokerAddress | None,
    device: str,
    password: str | None = None,
    tls: ssl.SSLContext | None = None,
    identifier: str | None = None,
) -> aiomqtt.Client:
    assert address is not None
    return aiomqtt.Client(
        address.host,
        address.port,
        username=device if password else None,
        password=password,
        identifier=identifier or device,
        protocol=aiomqtt.ProtocolVersion.V5,
        tls_context=tls,
        timeout=30,
    )


@asynccontextmanager
async def cut(device: aiomqtt.Client) -> AsyncIterator[None]:
    """A live session that must be over within five seconds of what the block does."""

    async def live() -> float:
        with pytest.raises(aiomqtt.MqttError):
            async for _ in device.messages:
                pass
        return time.monotonic()

    listening = asyncio.create_task(live())
    began = time.monotonic()
    yield
    async with asyncio.timeout(CUT_WITHIN):
        ended = await listening
    assert ended - began < CUT_WITHIN


async def turned_away(address: BrokerAddress | None, tls: ssl.SSLContext) -> bool:
    """Whether the TLS handshake fails, or the door is shut right after it."""
    assert address is not None
    try:
        async with asyncio.timeout(30):
            reader, writer = await asyncio.open_connection(address.host, address.port, ssl=tls)
            try:
                return not await reader.read(1)
            finally:
                writer.close()
    except (ssl.SSLError, ConnectionError):
        return True


async def refused(device: aiomqtt.Client) -> bool:
    try:
        async with device:
            return False
    except aiomqtt.MqttError:
        return True


async def test_a_live_session_ends_when_its_password_is_rotated_or_revoked(house: House) -> None:
    old = await house.admin.add_device("E", "lock")
    door = house.broker.address
    device = client(door, "lock", old)
    await device.__aenter__()
    async with cut(device):
        new = await house.admin.renew("E", "lock")
    assert await refused(client(door, "lock", old))
    device = client(door, "lock", new)
    await device.__aenter__()
    async with cut(device):
        await house.admin.forget_device("lock")
    assert await refused(client(door, "lock", new))
    await house.admin.forget_device("lock")
    again = await house.admin.renew("E", "lock")
    assert not await refused(client(door, "lock", again))


async def test_passwords_travel_over_tls_that_our_authority_vouches_for(house: House) -> None:
    password = await house.admin.add_device("E", "gate")
    assert not await refused(client(house.broker.tls, "gate", password, house.context()))
    assert await turned_away(house.broker.tls, ssl.create_default_context())


async def test_a_certificate_is_a_login_with_the_rights_of_its_device_only(house: House) -> None:
    await house.admin.add_certified("E", "cam-a")
    await house.admin.add_certified("E", "cam-a")
    victim = await house.admin.add_device("E", "cam-b")
    issued = house.authority.issue_device("cam-a")
    door, tls = house.broker.certificates, house.context(issued)
    assert await refused(client(house.broker.address, "cam-a", "guess"))
    async with client(house.broker.address, "cam-b", victim) as other:
        device = client(door, "cam-a", tls=tls, identifier="cam-b")  # pretends to be the other's session
        await device.__aenter__()
        for topic in ("#", "shequ/v1/#", "shequ/v1/E/cam-b/config", "shequ/v1/E/cam-b/+"):
            (answer,) = await device.subscribe(topic, qos=1)
            assert not isinstance(answer, int)
            assert answer.is_failure, topic
        (granted,) = await device.subscribe("shequ/v1/E/cam-a/config", qos=1)
        assert not isinstance(granted, int)
        assert not granted.is_failure
        async with client(
            house.broker.address, house.broker.ingest.username, house.broker.ingest.password
        ) as ear:
            await ear.subscribe("shequ/v1/E/#", qos=1)
            await device.publish("shequ/v1/E/cam-b/event", b"forged", qos=1)
            await device.publish("shequ/v1/E/cam-a/event", b"own", qos=1)
            async with asyncio.timeout(30):
                assert (await anext(ear.messages)).payload == b"own"
            async with cut(device):
                await house.admin.forget_device("cam-a")
            late = client(door, "cam-a", tls=tls)
            if not await refused(
                late
            ):  # the door opens for any good certificate: but nothing is allowed inside
                async with client(door, "cam-a", tls=tls) as powerless:
                    (answer,) = await powerless.subscribe("shequ/v1/E/cam-a/config", qos=1)
                    assert not isinstance(answer, int)
                    assert answer.is_failure
                    await powerless.publish("shequ/v1/E/cam-a/event", b"after the end", qos=1)
            await other.publish("shequ/v1/E/cam-b/event", b"still here", qos=1)
            async with asyncio.timeout(30):
                assert (await anext(ear.messages)).payload == b"still here"
    stranger = Authority.open(house.folder / "another-ca").issue_device("cam-b")
    assert await turned_away(door, house.context(stranger))
    assert await turned_away(door, house.context())


def test_a_signing_request_keeps_the_key_in_the_device_and_cannot_choose_a_name(tmp_path: Path) -> None:
    authority = Authority.open(tmp_path / "ca")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "somebody-else")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    issued = authority.issue_device("cam-a", request.public_bytes(serialization.Encoding.PEM).decode())
    certificate = x509.load_pem_x509_certificate(issued.certificate.encode())
    assert certificate.subject.rfc4514_string() == "CN=cam-a"
    assert issued.key is None
    assert certificate.public_key() == key.public_key()
    with pytest.raises(BadRequest):
        authority.issue_device("cam-a", "rubbish")
    assert Authority.open(tmp_path / "ca").certificate == authority.certificate
    assert (tmp_path / "ca" / "ca-key.pem").stat().st_mode & 0o077 == 0


def test_on_a_broker_of_your_own_a_device_has_its_own_topics_only() -> None:
    for word in ("event", "state", "availability", "reply"):
        assert may("E", "a", f"shequ/v1/E/a/{word}", hears=False)
        assert not may("E", "a", f"shequ/v1/E/b/{word}", hears=False)
    assert may("E", "a", "shequ/v1/E/a/config", hears=True)
    for topic in ("#", "shequ/v1/E/b/config", "shequ/v1/E/+/config", "shequ/v1/E/a/event", None):
        assert not may("E", "a", topic, hears=True)
