"""The table of console/permissions.py as a page: who may do what, route by route."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi.routing import APIRoute

from console.app import PROTECTED, PUBLIC
from console.permissions import PERMISSIONS, Role

NAMES = {
    Role.OPERATOR: "operator 值班员",
    Role.SHIFT_LEADER: "shift leader 值班长",
    Role.PROPERTY: "property 物业",
    Role.FIELD: "field 网格员",
    Role.DEVELOPER: "developer 开发",
    Role.SYSTEM_ADMIN: "system admin 系统管理员",
    Role.SECURITY_ADMIN: "security admin 安全管理员",
    Role.AUDITOR: "auditor 审计管理员",
}


def page() -> str:
    """Every protected route with the roles that may use it, then what needs no account."""
    lines = [
        "# Who may do what",
        "",
        "<!-- made by `make generate` from the code: do not edit -->",
        "",
        "Everything is limited to the caller's part of the place tree besides: outside it the answer is 404.",
        "Why there are three administrators: [ADR 040](../adr/040-administrators.md).",
        "",
        "| call | " + " | ".join(NAMES[role] for role in Role) + " |",
        "|---" * (len(Role) + 1) + "|",
        *(_line(f"`{call}`", name) for call, name in sorted(_calls())),
        "",
        "Inside these calls some steps need more:",
        "",
        "| step | " + " | ".join(NAMES[role] for role in Role) + " |",
        "|---" * (len(Role) + 1) + "|",
        *(_line(f"`{name}`", name) for name in PERMISSIONS if "." in name),
        "",
        "Without an account, some with a proof of their own (a signature, a link's token, a label's code):",
        "",
        *sorted(
            f"- `{method} {route.path_format}`"
            for router in PUBLIC
            for route in router.routes
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        ),
    ]
    return "\n".join(lines) + "\n"


def _calls() -> Iterator[tuple[str, str]]:
    for router in PROTECTED:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield from ((f"{route.path_format} {method}", route.name) for method in route.methods or ())


def _line(what: str, permission: str) -> str:
    allowed = PERMISSIONS.get(permission, frozenset())  # a route that is missing fails the route matrix
    return f"| {what} | " + " | ".join("✓" if role in allowed else "" for role in Role) + " |"
