"""The states and guards of an incident, drawn as docs/reference/incident-states.md."""

from __future__ import annotations

from rules.incident import ACTION_NAMES, FIRST, MOVES, OVER, SENT, SIDE, STATE_NAMES, Action, State, legal
from rules.incident_guards import GUARDS, NEED_NAMES, RETURNS_TO_LEADER, WHO_NAMES, Guard


def page() -> str:
    """Draw diagram and tables."""
    return "\n".join([*_diagram(), *_states(), *_actions()]) + "\n"


def _diagram() -> list[str]:
    return [
        "# The life of an incident",
        "",
        "<!-- made by `make generate` from rules/incident.py and rules/incident_guards.py: do not edit -->",
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {FIRST}",
        *(f"    {state} --> {to}: {ACTION_NAMES[action][0]} {action}" for state, action, to in MOVES),
        *(f"    {state} --> [*]" for state in State if state in OVER),
        "```",
        "",
        "In every open state (all but " + ", ".join(f"`{s}`" for s in State if s in OVER) + "):",
        f"`merge` leads to `{State.MERGED}`; "
        + ", ".join(f"`{a}`" for a in SIDE)
        + " leave the state as it is.",
        "`reassign` leads from " + ", ".join(f"`{s}`" for s in SENT) + f" to `{State.DISPATCHED}`.",
        "",
    ]


def _states() -> list[str]:
    return [
        "| state | 中文 | English | legal now |",
        "|---|---|---|---|",
        *(f"| `{s}` | {STATE_NAMES[s][0]} | {STATE_NAMES[s][1]} | {_listed(legal(s))} |" for s in State),
        "",
    ]


def _actions() -> list[str]:
    return [
        f"An order that came back {RETURNS_TO_LEADER} times is a shift leader's to decide.",
        "The platform itself never takes a step marked *person*.",
        "",
        "| action | 中文 | English | who | needs | |",
        "|---|---|---|---|---|---|",
        *(_row(a, GUARDS[a]) for a in Action),
    ]


def _row(action: Action, guard: Guard) -> str:
    zh, en = ACTION_NAMES[action]
    needs = ", ".join(NEED_NAMES[n][1] for n in guard.needs) or "–"
    marks = [
        *(["person"] if guard.person else []),
        *([f"asks for {guard.asks}"] if guard.asks else []),
        *([f"settles a wish for {guard.settles}"] if guard.settles else []),
    ]
    return f"| `{action}` | {zh} | {en} | {WHO_NAMES[guard.who][1]} | {needs} | {', '.join(marks)} |"


def _listed(actions: tuple[Action, ...]) -> str:
    return ", ".join(f"`{action}`" for action in actions) or "–"
