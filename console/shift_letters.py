"""A shift's letters: whoever was sent by name was written to, what was sent arrived, and nothing else did."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from console.shift_report import ShiftReport
from simulators.shift_ledger import CaseLedger

_GONE: Final = frozenset({"sent", "delivered", "read"})
_SETTLED: Final = _GONE | {"withheld", "cancelled"}


def reconcile_letters(
    report: ShiftReport,
    ledgers: Iterable[CaseLedger],
    letters: Collection[Mapping[str, Any]],
    arrived: Collection[str],
) -> None:
    """Hold the outbox and the gateway's own book beside each other and beside the ledgers."""
    gone = {row["key"] for row in letters if row["state"] in _GONE}
    report.letters = len(gone)
    report.wrong_letters += [
        f"{row['key']}: {row['state']}: {row['last_error']}"
        for row in letters
        if row["state"] not in _SETTLED
    ]
    report.wrong_letters += [f"{key}: sent and never arrived" for key in sorted(gone - set(arrived))]
    known = {row["key"] for row in letters}
    report.wrong_letters += [f"{key}: arrived and nobody wrote it" for key in sorted(set(arrived) - known)]
    for ledger in ledgers:
        if ledger.named and not any(
            row["incident_id"] == ledger.incident
            and row["person"] == ledger.named
            and row["key"].startswith("order:")
            and row["key"] in gone
            for row in letters
        ):
            report.wrong_letters.append(f"{ledger.name}: {ledger.named} was sent and not told")
