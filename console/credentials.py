"""Devices' credentials: the broker keeps the accounts, the console asks it to make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingest.broker_admin import BrokerAdmin, new_password
from ingest.registry_ca import Authority
from ingest.settings import BrokerAdminSettings, BrokerUrl, load


class Credentials(Protocol):
    """Whoever gives devices their account on the broker."""

    @property
    def password_door(self) -> tuple[str, int]:
        """Where a device logs in with a password: host and port."""

    @property
    def certificate_door(self) -> tuple[str, int] | None:
        """Where a device logs in with a certificate."""

    @property
    def authority(self) -> Authority | None:
        """Who signs certificates."""

    async def add_device(self, estate: str, device: str) -> str:
        """Make an account and return its password."""

    async def add_devices(self, devices: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Make an account for every (estate, device), all or none; return the passwords by device."""

    async def add_certified(self, estate: str, device: str) -> None:
        """Make an account without a password, for a device with a certificate."""

    async def renew(self, estate: str, device: str) -> str:
        """Give the device a new password, and an account if it has none; its session ends."""

    async def remove_device(self, device: str) -> None:
        """Delete the account, if there is one; its session ends."""


@dataclass(frozen=True, slots=True)
class BrokerCredentials:
    """Makes device accounts over one short conversation each: they are rare."""

    url: BrokerUrl
    certificate_door: tuple[str, int] | None = None
    authority: Authority | None = None

    @property
    def password_door(self) -> tuple[str, int]:
        """Where a device logs in with a password: host and port."""
        return self.url.host, self.url.port

    async def add_device(self, estate: str, device: str) -> str:
        """Make the account and return its password; raises BrokerError."""
        return (await self.add_devices([(estate, device)]))[device]

    async def add_devices(self, devices: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Make the accounts, all or none, and return the passwords; raises BrokerError."""
        async with BrokerAdmin.connect(self.url, self.url) as admin:
            return await admin.add_devices(devices)

    async def add_certified(self, estate: str, device: str) -> None:
        """Make an account without a password; raises BrokerError."""
        async with BrokerAdmin.connect(self.url, self.url) as admin:
            await admin.add_certified(estate, device)

    async def renew(self, estate: str, device: str) -> str:
        """Give the device a new password, and an account if it has none; raises BrokerError."""
        async with BrokerAdmin.connect(self.url, self.url) as admin:
            return await admin.renew(estate, device)

    async def remove_device(self, device: str) -> None:
        """Delete the account, which cuts the device's session; raises BrokerError."""
        async with BrokerAdmin.connect(self.url, self.url) as admin:
            await admin.forget_device(device)


@dataclass(frozen=True, slots=True)
class OwnBroker:
    """A broker that asks us over HTTP who may come in: the hash of the password is all it takes."""

    password_door: tuple[str, int]
    certificate_door: tuple[str, int] | None = None
    authority: Authority | None = None

    async def add_device(self, estate: str, device: str) -> str:  # noqa: ARG002 - the protocol's
        """Make up a password."""
        return new_password()

    async def add_devices(self, devices: Sequence[tuple[str, str]]) -> Mapping[str, str]:
        """Make up passwords."""
        return {device: new_password() for _, device in devices}

    async def add_certified(self, estate: str, device: str) -> None:
        """Nothing to do: the registry knows the device."""

    async def renew(self, estate: str, device: str) -> str:  # noqa: ARG002 - the protocol's
        """Make up a new password."""
        return new_password()

    async def remove_device(self, device: str) -> None:
        """Nothing to do: the next question about this device is answered with no."""


def broker_credentials() -> Credentials | None:
    """Return the configured account keeper, if there is one."""
    settings = load(BrokerAdminSettings)
    certificates = settings.broker_certificate_url and BrokerUrl(settings.broker_certificate_url)
    door = (certificates.host, certificates.port) if certificates else None
    authority = Authority.open(settings.ca_folder) if settings.ca_folder else None
    if settings.broker_admin_url is not None:
        return BrokerCredentials(BrokerUrl(settings.broker_admin_url.get_secret_value()), door, authority)
    if settings.own_broker_url is not None:
        own = BrokerUrl(settings.own_broker_url)
        return OwnBroker((own.host, own.port), door, authority)
    return None
