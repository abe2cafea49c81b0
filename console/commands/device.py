"""`shequ device`: register devices, give them credentials, import and export them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from console import device_import as importing
from console import device_registry as registry
from console.api.credentials import mint
from console.api.devices import add as add_device
from console.commands.database import with_database
from console.credentials import Credentials, broker_credentials
from console.database import Connection
from console.device_registry import Actor
from console.device_sheet import write_csv, write_xlsx
from console.device_wishes import NewDevice, WantedCredentials
from console.problems import Invalid
from devices.errors import RowError, SettingError
from devices.profiles import PROFILES
from devices.registry.record import complete

app = typer.Typer(no_args_is_help=True, help="Devices.")
ACTOR = Actor(name="shequ device")
SHOWN = 50  # errors printed


@app.command()
def add(
    device: Annotated[str, typer.Argument(help="device id: letters, digits, _ and -")],
    *,
    profile: Annotated[str, typer.Option(help="device family: " + ", ".join(PROFILES))],
    place: Annotated[str, typer.Option(help="place code where it is installed")],
    name_zh: Annotated[str, typer.Option(help="名称")] = "",
    name_en: Annotated[str, typer.Option(help="name")] = "",
    offline_after: Annotated[float | None, typer.Option(help="seconds of silence that mean offline")] = None,
) -> None:
    """Register a device; print its MQTT user, password (once) and topic."""
    credentials = _keeper()

    async def work(connection: Connection) -> str:
        wish = complete(
            {
                "id": device,
                "place": place,
                "profile": profile,
                "name_zh": name_zh,
                "name_en": name_en,
                "offline_after_s": offline_after,
                "callees": (),
            }
        )
        async with connection.transaction():
            try:
                papers = await registry.check_new(connection, wish, None)
            except Invalid as exc:
                first = exc.errors[0]
                raise RowError(1, first["field"], first["problem"]) from exc
            answer = await add_device(connection, ACTOR, NewDevice(**papers), credentials)
        login = answer.body["credentials"]
        host, port = credentials.password_door
        return "\n".join(
            (
                f"broker:   {host}:{port}",
                f"username: {login['username']}",
                f"password: {login['password']}",
                f"client:   {login['username']}",
                f"topic:    {login['topic']}",
            )
        )

    typer.echo(with_database(work, "device"))


@app.command()
def rotate(device: Annotated[str, typer.Argument(help="device id")]) -> None:
    """Give a device a new password and print it, once; its session ends."""
    credentials = _keeper()

    async def work(connection: Connection) -> str:
        async with connection.transaction():
            answer = await mint(connection, ACTOR, device, WantedCredentials(), credentials)
        return str(answer.body["password"])

    typer.echo("password: " + with_database(work, "device"))


@app.command()
def certificate(
    device: Annotated[str, typer.Argument(help="device id")],
    *,
    folder: Annotated[Path, typer.Option(help="where device.pem, device-key.pem and ca.pem go")],
) -> None:
    """Give a device a certificate of the platform's own authority; its key is written here only."""
    credentials = _keeper()

    async def work(connection: Connection) -> dict[str, str]:
        async with connection.transaction():
            answer = await mint(connection, ACTOR, device, WantedCredentials(kind="certificate"), credentials)
        return dict(answer.body)

    made = with_database(work, "device")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, part in (("device.pem", "certificate"), ("device-key.pem", "private_key"), ("ca.pem", "ca")):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(made[part], encoding="utf-8")
    typer.echo(f"broker:   {made['host']}:{made['port']} (TLS)\ntopic:    {made['topic']}")


@app.command()
def revoke(
    device: Annotated[str, typer.Argument(help="device id")],
    *,
    reason: Annotated[str, typer.Option(help="why")],
) -> None:
    """Take a device's credentials away; a live session is cut."""
    credentials = _keeper()

    async def work(connection: Connection) -> None:
        async with connection.transaction():
            await registry.held(connection, ACTOR, device, None)
            await connection.execute(registry.SQL["revoked"], {"device": device})
            await registry.note(connection, ACTOR, device, "device.revoke", reason=reason)
            await credentials.remove_device(device)

    with_database(work, "device")


@app.command("import")
def import_(
    sheet: Annotated[Path, typer.Argument(help="CSV or XLSX; `shequ device export` shows the columns")],
    *,
    check: Annotated[bool, typer.Option("--check", help="only say what is wrong")] = False,
    accounts: Annotated[bool, typer.Option(help="make accounts; without, devices are planned")] = True,
    passwords: Annotated[Path | None, typer.Option(help="where the passwords go, as CSV")] = None,
) -> None:
    """Import devices: all rows, or none where one is wrong."""
    content = _read(sheet)

    async def work(connection: Connection) -> dict[str, str]:
        async with connection.transaction(force_rollback=check):
            if check:
                found, good = await importing.inspect(connection, sheet.name, content, None)
                if found.faults:
                    raise importing.BadRows(found)
                return {papers["id"]: "" for papers in good}
            credentials = _keeper() if accounts else None
            return await importing.commit(connection, ACTOR, sheet.name, content, credentials)

    try:
        made = with_database(work, "device")
    except importing.BadRows as exc:
        for each in exc.errors[:SHOWN]:
            typer.echo(f"row {each['row']}, {each['column']}: {each['problem']}: {each['mend']}", err=True)
        if len(exc.errors) > SHOWN:
            typer.echo(f"and {len(exc.errors) - SHOWN} more", err=True)
        raise typer.Exit(2) from exc
    if passwords is not None and not check:
        passwords.touch(mode=0o600)
        lines = (f"{device},{password}\n" for device, password in made.items())
        passwords.write_text("device,password\n" + "".join(lines), encoding="utf-8")
    typer.echo(f"{len(made)} devices {'would be ' if check else ''}imported")


@app.command()
def export(
    sheet: Annotated[Path, typer.Argument(help="file to write: .csv or .xlsx")],
    *,
    estate: Annotated[str | None, typer.Option(help="only this estate")] = None,
    profile: Annotated[str | None, typer.Option(help="only this family")] = None,
) -> None:
    """Export devices as a sheet, ready to be imported again."""
    rows = with_database(lambda connection: _papers(connection, estate, profile), "device")
    sheet.write_bytes(write_csv(rows) if sheet.suffix.lower() == ".csv" else write_xlsx(rows))
    typer.echo(f"{len(rows)} devices exported")


@app.command("list")
def list_() -> None:
    """List devices: id, profile, place."""
    for row in with_database(_papers, "device"):
        typer.echo(f"{row['id']}\t{row['profile']}\t{row['place']}\t{row['name_zh']}")


async def _papers(
    connection: Connection, estate: str | None = None, profile: str | None = None
) -> list[dict[str, Any]]:
    wanted = {"estate": estate, "profile": profile, "scope": None, "network": None, "lifecycle": None}
    return await (await connection.execute(registry.SQL["export"], wanted)).fetchall()


def _read(sheet: Path) -> bytes:
    try:
        return sheet.read_bytes()
    except OSError as exc:
        raise SettingError("SHEET", f"{sheet} cannot be read: {exc.strerror}") from exc


def _keeper() -> Credentials:
    keeper = broker_credentials()
    if keeper is None:
        raise SettingError(
            "SHEQU_BROKER_ADMIN_URL", "not set: start `shequ up`, or name the broker's admin account"
        )
    return keeper
