"""The part of `shequ rule` that changes something, or tries a change on the past."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from console.commands.database import with_database
from console.database import Connection
from console.rulebook import report_body, stored_rule, try_out
from devices.errors import SettingError
from ingest.clock import system_clock
from ingest.store import rulebook
from ingest.store.history import Span
from ingest.store.rule_moves import RuleVerb, move
from rules.texts import only

Id = Annotated[str, typer.Argument(help="rule id")]
Reason = Annotated[str, typer.Option(help="why: it is kept with the change")]
Author = Annotated[str, typer.Option(help="who", default_factory=getpass.getuser)]
Version = Annotated[int | None, typer.Option(help="default: the newest that fits")]
Rows = Mapping[str, Any]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(draft)
    app.command()(backtest)
    app.command()(shadow)
    app.command()(promote)
    app.command()(rollback)


def draft(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)], *, reason: Reason, author: Author
) -> None:
    """Keep a file of one rule as a new version, not in force."""
    text = file.read_text(encoding="utf-8")

    async def work(connection: Connection) -> tuple[str, int]:
        await rulebook.import_shipped(connection)
        return await rulebook.draft(connection, text, file=str(file), author=author, reason=reason)

    rule, version = with_database(work, "rule")
    typer.echo(f"{rule}: draft {version}")


def backtest(
    what: Annotated[str, typer.Argument(help="a rule file, or a rule id")],
    *,
    version: Version = None,
    days: Annotated[float, typer.Option(min=0.01, max=92, help="how far back")] = 30,
    end: Annotated[datetime | None, typer.Option(help="default: now; UTC")] = None,
) -> None:
    """Try a rule on the stored past: what it would have raised, missed and spared."""
    file = Path(what)
    until = _utc(end) if end is not None else system_clock()
    span = Span(start=until - timedelta(days=days), end=until)

    async def work(connection: Connection) -> dict[str, Any]:
        if file.suffix in (".yaml", ".yml"):
            candidate = only(read(file), what)
        else:
            candidate = await stored_rule(connection, what, version)
        return report_body(await try_out(connection, candidate, span, None))

    for line in told(with_database(work, "rule")):
        typer.echo(line)


def shadow(rule: Id, *, version: Version = None, reason: Reason, author: Author) -> None:
    """Run a version beside the one in force: judged and written down, paging nobody."""
    _move(rule, RuleVerb.SHADOW, version, author, reason)


def promote(rule: Id, *, version: Version = None, reason: Reason, author: Author) -> None:
    """Put a version in force."""
    _move(rule, RuleVerb.PROMOTE, version, author, reason)


def rollback(rule: Id, *, reason: Reason, author: Author) -> None:
    """Go back to the version that was in force before."""
    _move(rule, RuleVerb.ROLLBACK, None, author, reason)


def _move(rule: str, verb: RuleVerb, version: int | None, author: str, reason: str) -> None:
    async def work(connection: Connection) -> dict[str, Any]:
        await rulebook.import_shipped(connection)
        return await move(connection, rule, verb, version, author=author, reason=reason)

    done = with_database(work, "rule")
    typer.echo(f"{rule}: version {done['version']} is {done['state']} (before: {done['before'] or '-'})")
    if "memory_en" in done:
        typer.echo(f"memory {done['memory']}: {done['memory_en']}")


def read(file: Path) -> str:
    """Read a file; raises SettingError where there is none."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as exc:
        raise SettingError(str(file), exc.strerror or "cannot be read") from exc


def told(report: Rows) -> list[str]:
    """A back-test as lines."""
    lines = [report["sentence_en"], report["sentence_zh"], ""]
    lines += [f"{'day':<12}{'would':>8}{'live':>8}{'stored':>8}"]
    for day, counts in report["days"].items():
        lines.append(f"{day:<12}{counts['would']:>8}{counts['live']:>8}{counts['stored']:>8}")
    for part in ("missed", "spared", "false", "fresh"):
        for alert in report[part]:
            number = "" if alert["id"] is None else f" alert {alert['id']}"
            lines.append(f"{part:<8}{alert['at'].isoformat()} {alert['fingerprint']}{number}")
    lines.append(f"{report['events']} events judged")
    return lines


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=system_clock().tzinfo)
