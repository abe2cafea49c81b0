"""`shequ user`: accounts of people. There is no default account and no default password."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from console.accounts import create_user, list_users, set_disabled, set_password
from console.commands.database import with_database
from console.permissions import Role

app = typer.Typer(no_args_is_help=True, help="People's accounts.")

Name = Annotated[str, typer.Argument(help="login name")]
Ask = Annotated[bool, typer.Option("--ask", help="type the password instead of having one made")]


@app.command()
def add(
    name: Name,
    *,
    role: Annotated[Role, typer.Option(help="what the person may do")] = Role.OPERATOR,
    scope: Annotated[str | None, typer.Option(help="place code: sees this place and below only")] = None,
    display: Annotated[str | None, typer.Option(help="name as the page shows it")] = None,
    ask: Ask = False,
) -> None:
    """Add a user and print the password, once."""
    password = _password(ask=ask)
    with_database(lambda c: create_user(c, name, password, role, display_name=display, scope=scope), "user")
    typer.echo(f"user {name} ({role}) added" + ("" if ask else f", password: {password}"))


@app.command()
def password(name: Name, *, ask: Ask = False) -> None:
    """Change a user's password; every session of the user ends."""
    new = _password(ask=ask)
    with_database(lambda c: set_password(c, name, new), "user")
    typer.echo(f"password of {name} changed" + ("" if ask else f": {new}"))


@app.command()
def disable(name: Name) -> None:
    """Shut a user out at once."""
    with_database(lambda c: set_disabled(c, name, disabled=True), "user")
    typer.echo(f"user {name} disabled")


@app.command()
def enable(name: Name) -> None:
    """Let a user in again."""
    with_database(lambda c: set_disabled(c, name, disabled=False), "user")
    typer.echo(f"user {name} enabled")


@app.command("list")
def list_() -> None:
    """List users."""
    for row in with_database(list_users, "user"):
        typer.echo("\t".join(str(value) for value in row.values()))


def _password(*, ask: bool) -> str:
    """Make a password, or have one typed."""
    if ask:
        return str(typer.prompt("password", hide_input=True, confirmation_prompt=True))
    return secrets.token_urlsafe(12)
