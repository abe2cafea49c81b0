"""Reference pages that are made from the code: `python -m console.reference` writes them.

tests/unit/test_docs.py fails when one is out of date.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from console import permission_page
from console.app import openapi_json
from console.commands.backup import BackupSettings
from console.commands.stack import LocalSettings
from console.settings import CommandSettings, ConsoleSettings, DutySettings, PaceSettings, WatchSettings
from devices.adapter import SITE
from devices.adapters import ADAPTERS
from devices.contract import asyncapi, json_schema
from devices.profiles import PROFILES
from ingest.deliver.settings import DeliverSettings
from ingest.logs import LogSettings
from ingest.settings import (
    PREFIX,
    BrokerAdminSettings,
    DatabaseSettings,
    IngestSettings,
    Settings,
    TraceSettings,
    TransportSettings,
)
from ingest.store.roles import GRANTS, VERBS, Grant
from ingest.streams.settings import StreamSettings
from rules import incident_page

ROOT = Path(__file__).parent.parent

SECTIONS: tuple[tuple[str, tuple[type[Settings], ...]], ...] = (
    ("Everywhere", (DatabaseSettings, TransportSettings, BrokerAdminSettings, LogSettings, TraceSettings)),
    ("Ingest (`shequ ingest`)", (IngestSettings,)),
    ("HTTP event streams (`shequ streams`)", (StreamSettings,)),
    ("Console (`shequ serve`)", (ConsoleSettings,)),
    ("Promises: console and duty alike", (PaceSettings,)),
    ("Duty (`shequ duty`)", (DutySettings,)),
    ("Delivery (`shequ deliver`)", (DeliverSettings,)),
    ("The platform's own watch (`shequ watch`)", (WatchSettings,)),
    ("Commands (`shequ user`, `shequ device`, `shequ rule`)", (CommandSettings,)),
    ("Backup (`shequ backup`)", (BackupSettings,)),
    ("Local stack (`shequ up`, `shequ drill`, `shequ doctor`)", (LocalSettings,)),
)


def settings_page() -> str:
    """Every setting of every process, from the classes that read them."""
    lines = [
        "# Settings",
        "",
        "<!-- made by `make generate` from the code: do not edit -->",
        "",
        f"Each is an environment variable; or, without `{PREFIX}` and in lower case, a key of one TOML file,",
        f"which `{PREFIX}CONFIG` names. Without it the file that a running `shequ up` left in its data",
        "folder is read. The environment wins. Secrets never appear in logs.",
        "",
    ]
    told: set[str] = set()
    for title, kinds in SECTIONS:
        lines += [f"## {title}", "", "| variable | default | meaning |", "|---|---|---|"]
        for kind in kinds:
            for name, field in kind.model_fields.items():
                if kind is not LocalSettings and name in told:
                    continue
                told.add(name)
                default = "required" if field.is_required() else _shown(field.default)
                lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
        lines.append("")
    return "\n".join(lines)


def _shown(default: object) -> str:
    if default is None:
        return "none"
    if isinstance(default, Path):
        return f"`{default.relative_to(ROOT)}`" if default.is_relative_to(ROOT) else f"`{default}`"
    return f"`{default}`"


def adapters_page() -> str:
    """Every foreign dialect, from the adapters' own declarations."""
    lines = [
        "# Adapters",
        "",
        "<!-- made by `make generate` from the code: do not edit -->",
        "",
        "What speaks another dialect is registered with `dialect` and, unless it is its id, `foreign_name`.",
        "How to write an adapter: [write-an-adapter](../howto/write-an-adapter.md);",
        "why they are as they are: [ADR 013](../adr/013-adapters.md).",
        "",
        "| make | dialect | arrives by | families | finds devices | payload facts |",
        "|---|---|---|---|---|---|",
    ]
    for a in ADAPTERS.values():
        families = ", ".join(f"{PROFILES[f].name_en} `{f}`" for f in a.families)
        way = "MQTT" if a.transport == "mqtt" else "HTTP stream (`shequ streams`)"
        found = "yes" if a.propose else "–"
        lines.append(f"| {a.title} | `{a.dialect}` | {way} | {families} | {found} | {a.source} |")
    lines += ["", "## Topics", ""]
    for a in ADAPTERS.values():
        site = f"; the same under `{SITE}/<estate>/`" if a.transport == "mqtt" else ""
        lines.append(f"- `{a.dialect}`: {', '.join(f'`{f}`' for f in a.filters)}{site}")
    lines += ["", "## What each file says about its dialect", ""]
    for a in ADAPTERS.values():
        about = (sys.modules[a.decode.__module__].__doc__ or "").strip()
        lines += [f"### {a.title}", "", f"`{a.decode.__module__.replace('.', '/')}.py`", "", about, ""]
    return "\n".join(lines).rstrip() + "\n"


def roles_page() -> str:
    """Every table with the rights of each part, from the table that the database follows."""
    lines = [
        "# Database roles",
        "",
        "<!-- made by `make generate` from the code: do not edit -->",
        "",
        "What the account of each part may do in the database; nobody here may TRUNCATE or change a table.",
        "The table itself: `ingest/store/grants.txt`. Why: [ADR 054](../adr/054-database-roles.md).",
        "",
        "| table | " + " | ".join(GRANTS.parts) + " |",
        "|---" * (len(GRANTS.parts) + 1) + "|",
    ]
    for table in GRANTS.tables:
        cells = (
            ", ".join(word for word in VERBS.values() if Grant(part, table, word) in GRANTS.all) or "–"
            for part in GRANTS.parts
        )
        lines.append(f"| `{table}` | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Every generated file, by its place in the repository."""
    return {
        ROOT / "docs/reference/settings.md": settings_page(),
        ROOT / "docs/reference/adapters.md": adapters_page(),
        ROOT / "docs/reference/permissions.md": permission_page.page(),
        ROOT / "docs/reference/database-roles.md": roles_page(),
        ROOT / "docs/reference/incident-states.md": incident_page.page(),
        ROOT / "docs/reference/mqtt/message.schema.json": _json(json_schema()),
        ROOT / "docs/reference/mqtt/asyncapi.json": _json(asyncapi()),
        ROOT / "console/web/openapi.json": openapi_json(),
    }


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write all pages."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
