"""The first account of a new platform: made by whoever can read its log, with a code that opens once."""

from __future__ import annotations

import hashlib
import secrets
import sys
from typing import Final

from psycopg.rows import DictRow
from tenacity import AsyncRetrying, retry_if_exception_type, wait_fixed

from console import accounts
from console.access_schemas import FirstAccount
from console.database import Connection, Database, fetch
from console.permissions import Role
from console.problems import WrongLogin
from devices.errors import StoreError

TRIES: Final = 10
RETRY_S: Final = 2.0


class FirstRun:
    """The door that stands open while nobody has an account."""

    def __init__(self) -> None:
        self._digest: bytes | None = None
        self._tries = 0

    @property
    def open(self) -> bool:
        """Say whether the first account is still to be made."""
        return self._digest is not None

    async def look(self, database: Database) -> None:
        """Open the door where nobody has an account, and print the code; waits for the database."""
        anybody: DictRow | None = None
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type(StoreError), wait=wait_fixed(RETRY_S)
        ):
            with attempt:
                anybody = await database.row(accounts.SQL["anybody"])
        if anybody is None:
            code = secrets.token_urlsafe(12)
            self._digest = hashlib.sha256(code.encode()).digest()
            sys.stdout.write(
                f"shequ: nobody has an account yet; open /first-run and use this code once: {code}\n"
            )
            sys.stdout.flush()

    async def take(self, database: Database, wish: FirstAccount) -> None:
        """Make the first account, a security administrator, and shut the door.

        Raises WrongLogin for a wrong code, or where somebody was faster.
        """
        self._tries += 1
        given = hashlib.sha256(wish.code.strip().encode()).digest()
        if self._digest is None or self._tries > TRIES or not secrets.compare_digest(given, self._digest):
            raise WrongLogin

        async def work(connection: Connection) -> None:
            await connection.execute(accounts.SQL["lock_users"])
            if await fetch(connection, accounts.SQL["anybody"]) is not None:
                raise WrongLogin
            await accounts.create_user(
                connection, wish.name, wish.password, Role.SECURITY_ADMIN, actor="first run"
            )

        await database.write(work)
        self._digest = None
