"""Devices' credentials: the broker keeps the accounts, the console asks it to make them."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.broker_admin import BrokerAdmin
from ingest.settings import BrokerAdminSettings, BrokerUrl, load


@dataclass(frozen=True, slots=True)
class BrokerCredentials:
    """Makes device accounts over one short conversation each: they are rare."""

    url: BrokerUrl

    async def add_device(self, estate: str, device: str) -> str:
        """Make the account and return its password; raises BrokerError."""
        async with BrokerAdmin.connect(self.url, self.url) as admin:
            return await admin.add_device(estate, device)

    async def rotate(self, device: str) -> str:
        """Give the device a new password and return it; raises BrokerError."""
        async with BrokerAdmin.connect(self.url, self.url) as admin:
            return await admin.rotate(device)


def broker_credentials() -> BrokerCredentials | None:
    """Return the configured account keeper, if there is one."""
    url = load(BrokerAdminSettings).broker_admin_url
    return None if url is None else BrokerCredentials(BrokerUrl(url.get_secret_value()))
