"""The accounts devices have on the broker, managed over MQTT through its dynamic security plugin.

A device may publish what it has to say and hear its own configuration and commands, nothing else; its
account also fixes its MQTT client id, so that no device can take over another's session.
Mosquitto 2.0 writes its whole account file after every single command and serves nobody meanwhile, so
rights are kept short (what all devices share is in one role) and many devices are added in moderate
batches, between which the broker serves everybody else.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode

from devices.errors import BrokerError, SettingError
from ingest.transport import Door, broker_context

CONTROL = "$CONTROL/dynamic-security/v1"
ANSWERS = f"{CONTROL}/response"
SAYS = ("event", "state", "availability", "reply")
HEARS = ("config", "command")
BATCH = 25
SHARED_ROLE = "device"
_REFUSED = 0x80
_ABSENT = ("Client not found", "Role not found")
_PRESENT = ("Client already exists", "Role already exists")
_PATIENCE = 30.0
_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Address(Door, Protocol):
    """Where the broker listens."""

    @property
    def host(self) -> str:
        """Return the host."""

    @property
    def port(self) -> int:
        """Return the TCP port."""


class Login(Protocol):
    """An account on the broker."""

    @property
    def username(self) -> str:
        """Return the name."""

    @property
    def password(self) -> str:
        """Return the password."""


@dataclass(kw_only=True)
class BrokerAdmin:
    """A conversation with the broker's account keeper."""

    client: aiomqtt.Client
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked: int = 0

    @classmethod
    @asynccontextmanager
    async def connect(cls, address: Address, login: Login) -> AsyncIterator[Self]:
        """Log in as the broker's administrator while the context is open."""
        client = aiomqtt.Client(
            address.host,
            address.port,
            username=login.username,
            password=login.password,
            identifier=f"{login.username}-{secrets.token_hex(4)}",
            protocol=aiomqtt.ProtocolVersion.V5,
            timeout=_PATIENCE,
            tls_context=broker_context(address),
        )
        try:
            async with client:
                granted = await client.subscribe(ANSWERS, qos=1)
                if any(_code(each) >= _REFUSED for each in granted):
                    raise BrokerError(f"{login.username!r} may not manage the broker's accounts")
                admin = cls(client=client)
                await admin._share()
                yield admin
        except aiomqtt.MqttError as exc:
            raise BrokerError(f"the broker at {address.host}:{address.port} broke off: {exc}") from exc

    async def add_device(self, estate: str, device: str) -> str:
        """Make a device's account and return its password, which is kept nowhere else."""
        return (await self.add_devices([(estate, device)]))[device]

    async def add_devices(self, devices: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Make an account for every (estate, device), all of them or none; return the passwords by device."""
        wanted = {device: estate for estate, device in devices}
        for word in (*wanted, *wanted.values()):
            _check(word)
        passwords = {device: new_password() for device in wanted}
        made: list[str] = []
        names = list(wanted)
        try:
            for start in range(0, len(names), BATCH):
                batch = names[start : start + BATCH]
                await self._make([(wanted[name], name, passwords[name]) for name in batch], made)
        except BrokerError:
            await self._forget(made)
            raise
        return passwords

    async def add_certified(self, estate: str, device: str) -> None:
        """Give a device that logs in with a certificate its rights; an account it has stays as it is."""
        for word in (estate, device):
            _check(word)
        role, client = _creation(estate, device, "")
        del client["password"]
        commands = [role, client]
        _raise_first(commands, _but(await self._ask(commands), _PRESENT))

    async def renew(self, estate: str, device: str) -> str:
        """Give a device a new password, and an account if it has none; its session ends."""
        try:
            return await self.rotate(device)
        except BrokerError as exc:
            if "Client not found" not in str(exc):
                raise
        return await self.add_device(estate, device)

    async def remove_device(self, device: str) -> None:
        """Delete a device's account; if it is connected, the broker shows it the door."""
        _check(device)
        commands = [
            {"command": "deleteClient", "username": device},
            {"command": "deleteRole", "rolename": _role(device)},
        ]
        _raise_first(commands, await self._ask(commands))

    async def forget_device(self, device: str) -> None:
        """Delete a device's account, whether it has one or not; a running session is cut."""
        _check(device)
        commands = [
            {"command": "deleteClient", "username": device},
            {"command": "deleteRole", "rolename": _role(device)},
        ]
        _raise_first(commands, _but(await self._ask(commands), _ABSENT))

    async def rotate(self, device: str) -> str:
        """Give a device a new password and return it."""
        _check(device)
        password = new_password()
        commands = [{"command": "setClientPassword", "username": device, "password": password}]
        _raise_first(commands, await self._ask(commands))
        return password

    async def _share(self) -> None:
        """Make the role every device has: it may receive orders (whose, its own role says)."""
        rights = [("publishClientReceive", f"shequ/v1/+/+/{name}") for name in HEARS]
        command = {"command": "createRole", "rolename": SHARED_ROLE, "acls": _acls(rights)}
        errors = await self._ask([command])
        if errors != ["Role already exists"]:
            _raise_first([command], errors)

    async def _make(self, batch: Sequence[tuple[str, str, str]], made: list[str]) -> None:
        commands = [command for row in batch for command in _creation(*row)]
        errors = await self._ask(commands)
        made += [
            command["username"]
            for command, error in zip(commands, errors, strict=True)
            if error is None and command["command"] == "createClient"
        ]
        _raise_first(commands, errors)

    async def _forget(self, made: Sequence[str]) -> None:
        commands = [
            command
            for device in made
            for command in (
                {"command": "deleteClient", "username": device},
                {"command": "deleteRole", "rolename": _role(device)},
            )
        ]
        if commands:
            await self._ask(commands)

    async def _ask(self, commands: Sequence[Mapping[str, Any]]) -> list[str | None]:
        """Send commands and return the plugin's error text, or None, for each."""
        async with self._turn:
            self._asked += 1
            marked = [{**each, "correlationData": f"{self._asked}.{n}"} for n, each in enumerate(commands)]
            answers: dict[str, str | None] = {}
            try:
                await self.client.publish(CONTROL, json.dumps({"commands": marked}), qos=1)
                async with asyncio.timeout(_PATIENCE):
                    async for message in self.client.messages:
                        answers |= _read(message.payload)
                        if all(each["correlationData"] in answers for each in marked):
                            break
            except TimeoutError as exc:
                raise BrokerError(f"the broker did not answer {len(marked)} account commands") from exc
            except aiomqtt.MqttError as exc:
                raise BrokerError(f"the broker broke off: {exc}") from exc
            return [answers.get(each["correlationData"]) for each in marked]


def new_password() -> str:
    """A device's password: 192 random bits."""
    return secrets.token_urlsafe(24)


def _code(answer: int | ReasonCode) -> int:
    return answer if isinstance(answer, int) else int(answer.value)


def _read(payload: object) -> dict[str, str | None]:
    """What became of each command; raises BrokerError for an answer that is none."""
    try:
        document = json.loads(payload) if isinstance(payload, (bytes, bytearray, str)) else {}
        return {row.get("correlationData", ""): row.get("error") for row in document.get("responses", ())}
    except (ValueError, AttributeError, TypeError, RecursionError) as exc:
        raise BrokerError(f"the broker's answer makes no sense: {exc}") from exc


def _creation(estate: str, device: str, password: str) -> tuple[dict[str, Any], dict[str, Any]]:
    own = f"shequ/v1/{estate}/{device}"
    rights = [("publishClientSend", f"{own}/{name}") for name in SAYS]
    rights.append(("subscribePattern", f"{own}/+"))
    role = {"command": "createRole", "rolename": _role(device), "acls": _acls(rights)}
    client = {
        "command": "createClient",
        "username": device,
        "clientid": device,
        "password": password,
        "roles": [{"rolename": _role(device)}, {"rolename": SHARED_ROLE}],
    }
    return role, client


def _acls(rights: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"acltype": kind, "topic": topic, "priority": 0, "allow": True} for kind, topic in rights]


def _role(device: str) -> str:
    return f"device-{device}"


def _check(word: str) -> None:
    if not _WORD.fullmatch(word):
        raise SettingError("device account", f"{word[:80]!r} is not 1 to 64 letters, digits, '-' or '_'")


def _but(errors: Sequence[str | None], harmless: Sequence[str]) -> list[str | None]:
    return [None if error in harmless else error for error in errors]


def _raise_first(commands: Sequence[Mapping[str, Any]], errors: Sequence[str | None]) -> None:
    for command, error in zip(commands, errors, strict=True):
        if error is not None:
            about = command.get("username") or command.get("rolename")
            raise BrokerError(f"the broker refused {command['command']} for {about!r}: {error}")
