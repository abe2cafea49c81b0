"""The wire of devices: what docs/reference/http.md promises in its section "Devices"."""

from __future__ import annotations

from typing import Any, Literal

from console.schemas import Device, Event, Instant, Step, Wire


class Certificate(Wire):
    """A device's certificate, without its key."""

    serial: str
    not_after: Instant
    fingerprint: str


class CredentialState(Wire):
    """What a device can log in with."""

    state: Literal["none", "valid", "revoked"]
    kinds: list[str]
    username: str
    minted_at: Instant | None
    rotated_at: Instant | None
    revoked_at: Instant | None
    certificate: Certificate | None


class DeviceDetail(Device):
    """A device with where it is, what may be done with it, and what it said last, newest first."""

    place_path: list[Step]
    path_use: str | None
    legal: list[str]
    credentials: CredentialState
    events: list[Event]


class HistoryRow(Wire):
    """Something that was done to a device."""

    id: int
    at: Instant
    action: str
    actor: str
    from_state: str | None
    to_state: str | None
    reason: str
    detail: dict[str, Any]


class Record(Wire):
    """An entry of a device's installation and maintenance book."""

    id: int
    at: Instant
    kind: str
    by: str
    note: str
    actor: str
    written_at: Instant


class SheetFault(Wire):
    """What is wrong with one cell of an imported sheet."""

    row: int
    column: str
    value: str
    problem: str
    mend: str
    problem_zh: str
    mend_zh: str


class ImportPreview(Wire):
    """What an import would do."""

    rows: int
    good: int
    bad: int
    headings: dict[str, str]  # what the columns are called in Chinese
    unknown_columns: list[str]
    errors: list[SheetFault]
    sample: list[dict[str, Any]]


class Login(Wire):
    """A device's login; the password is shown once."""

    username: str
    password: str | None
    topic: str


class Imported(Wire):
    """What an import did."""

    added: int
    credentials: list[Login]


class MintedCredentials(Wire):
    """Fresh credentials: a password, or a certificate with its key, shown once."""

    username: str
    password: str | None = None
    topic: str
    host: str | None = None
    port: int | None = None
    certificate: str | None = None
    private_key: str | None = None
    ca: str | None = None
    not_after: Instant | None = None
