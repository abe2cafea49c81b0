"""The reference of the alert catalogue, drawn from the data (docs/reference/catalogue.md)."""

from __future__ import annotations

from datetime import timedelta

from rules.ruleset import Rule, Ruleset

_HEAD = ("code", "中文", "English", "sev", "thresholds", "tells", "after confirming", "SLA", "repeat", "over")


def listing(ruleset: Ruleset) -> str:
    """Write every rule as a table row, and what it needs said about it below."""
    lines = [
        "# The alert catalogue",
        "",
        "Generated from `rules/catalogue/`; `tests/unit/test_rules_listing.py` keeps it fresh.",
        "Thresholds have overrides per estate, building or device (docs/howto/write-a-rule.md).",
        "",
        "| " + " | ".join(_HEAD) + " |",
        "|---" * len(_HEAD) + "|",
        *(_row(rule) for rule in ruleset.rules),
        "",
        *(line for rule in ruleset.rules for line in _notes(rule)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _row(rule: Rule) -> str:
    params = ", ".join(f"{k} = {_plain(v)}" for k, v in rule.params.items()) or "–"
    sla = " / ".join(_span(s) for s in (rule.sla.accept, rule.sla.arrive, rule.sla.close))
    name = rule.code if rule.id == rule.code else f"{rule.code} `{rule.id}`"
    cells = (
        name,
        rule.name_zh,
        rule.name_en,
        str(int(rule.severity)),
        params,
        " ".join(rule.roles),
        (" ".join(rule.roles_after_confirm) or "–") + (" (confirm)" if rule.confirm_required else ""),
        sla,
        _span(rule.repeat),
        "by itself" if rule.ends else "a human closes",
    )
    return "| " + " | ".join(cells) + " |"


def _plain(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, dict):  # hours by kind of day
        return "; ".join(f"{key} {_plain(part)}" for key, part in value.items())
    return (
        ", ".join(map(str, value)) if isinstance(value, list) and value else str(value).replace("[]", "none")
    )


def _notes(rule: Rule) -> list[str]:
    texts = [t for t in (rule.legal_note_zh, rule.legal_note_en, rule.note_zh, rule.note_en) if t]
    if rule.holds:
        whose = "the devices behind it" if rule.holds_by == "gateway" else "its building"
        texts.append(f"While it stands, alerts of {whose} are held back: {', '.join(rule.holds)}.")
    if rule.hidden_from:
        texts.append(f"Hidden from {', '.join(rule.hidden_from)}.")
    return [f"- **{rule.id}** " + " ".join(texts)] if texts else []


def _span(span: timedelta | None) -> str:
    if span is None:
        return "–"
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
