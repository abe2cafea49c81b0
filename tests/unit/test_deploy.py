"""What is shipped for supervisors and monitors names things that exist."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from console.__main__ import COMMANDS
from console.metrics import Metrics
from console.reference import ROOT

DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"\bshequ_[a-z0-9_]+")


def measured() -> set[str]:
    """Every series that `/metrics` tells of a platform in which everything has happened once."""
    metrics = Metrics()
    metrics.count({"method": "GET", "route": None}, 200, 0.1)
    channel = {"code": "sms", "queued": 1, "oldest_s": 1, "dead": 1, "last_success_s": 1, "failures": 1}
    metrics.watch_channels([{**channel, "tries": 2}], [{"code": "sms", "missed": 1}])
    metrics.watch_quarantine({"bytes": 1, "limit_bytes": 2, "folded": 0})
    heard = {"lag_s": 1.0, "behind_s": 1.0, "waiting": 1}
    watch = {"findings": 0, "lag_s": 1.0}
    metrics.canary(0.1)
    text = metrics.exposition([{"severity": 1, "n": 1}], {"counts": {"x": 0}, "lag_s": 1.0}, heard, watch)
    return {
        sample.name for family in text_string_to_metric_families(text.decode()) for sample in family.samples
    }


def expressions() -> Iterator[tuple[str, str]]:
    """What the dashboard and the rules ask, with where."""
    dashboard: dict[str, Any] = json.loads((DEPLOY / "grafana/shequ.json").read_text("utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for group in rules()["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]


def rules() -> Any:
    return yaml.safe_load((DEPLOY / "prometheus/shequ.rules.yml").read_text("utf-8"))


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_monitors_ask_for_what_the_console_tells(where: str, expression: str) -> None:
    asked = set(METRIC.findall(expression))
    assert asked <= measured(), where
    assert asked or "up{" in expression, where


def test_every_alert_of_a_monitor_leads_to_its_place_in_the_runbook() -> None:
    text = (ROOT / "docs/howto/operate.md").read_text("utf-8")
    anchors = {
        f"docs/howto/operate.md#{title.lower().replace(' ', '-')}"
        for title in re.findall(r"^### (.*)$", text, re.MULTILINE)
    }
    told = {rule["annotations"]["runbook"] for group in rules()["groups"] for rule in group["rules"]}
    assert told <= anchors


def test_the_units_start_commands_that_exist() -> None:
    commands = set(COMMANDS)
    target = (DEPLOY / "systemd/shequ.target").read_text("utf-8")
    parts = re.findall(r"shequ@(\w+)\.service", target)
    assert len(parts) == 6
    assert set(parts) <= commands
    assert "shequ backup" in (DEPLOY / "systemd/shequ-backup.service").read_text("utf-8")
    assert "backup" in commands
