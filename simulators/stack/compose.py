"""Make the passwords and broker accounts `compose.yaml` asks for: `python -m simulators.stack.compose`."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

from simulators.stack.accounts import dynamic_security, make_logins
from simulators.stack.model import Login

ENVIRONMENT = ".env"
ACCOUNTS = ".shequ/dynamic-security.json"


def main(folder: Path) -> int:
    """Write both files into the folder, once; files that are there are in use and stay as they are."""
    accounts, environment = folder / ACCOUNTS, folder / ENVIRONMENT
    if accounts.exists() or environment.exists():
        sys.stderr.write(f"{environment} or {accounts} is there already: nothing changed\n")
        return 1
    platform = Login("shequ", secrets.token_urlsafe(24))
    database = secrets.token_urlsafe(24)
    lines = [
        f"SHEQU_DATABASE_PASSWORD={database}",
        f"SHEQU_BROKER_ACCOUNTS={accounts.absolute()}",
        f"SHEQU_DATABASE_URL=postgresql://shequ:{database}@127.0.0.1:5432/shequ",
        f"SHEQU_BROKER_URL=mqtt://{platform.username}:{platform.password}@127.0.0.1:1883",
    ]
    accounts.parent.mkdir(mode=0o700, exist_ok=True)
    _write(accounts, dynamic_security(make_logins(), platform))
    _write(environment, "\n".join(lines) + "\n")
    sys.stdout.write(f"wrote {environment} and {accounts}; now run `docker compose up --detach --wait`\n")
    return 0


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
