#!/usr/bin/env python3
"""What pip-audit and npm audit found, in one sentence each: weak, sound, or not judged at all.

Both end well where they could ask nobody: pip-audit "skips" what its service does not know, npm writes an
error instead of a report. Here that is a verdict of its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many packages were judged, what is weak, and what was not judged."""

    judged: int
    weak: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """The exit code: 1 where something is weak, 2 where something was not judged, else 0."""
        return 1 if self.weak else 2 if self.unjudged or not self.judged else 0

    def __str__(self) -> str:
        lines = [f"{self.judged} judged, {len(self.weak)} weak, {len(self.unjudged)} not judged"]
        lines += [f"  WEAK {each}" for each in self.weak]
        lines += [f"  not judged: {each}" for each in self.unjudged[:5]]
        return "\n".join(lines)


def python_verdict(report: Mapping[str, Any]) -> Verdict:
    """Read pip-audit's JSON."""
    packages = report["dependencies"]
    weak = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or '-'}"
        for one in packages
        for flaw in one.get("vulns", ())
    ]
    skipped = [one["skip_reason"] for one in packages if "skip_reason" in one]
    return Verdict(len(packages) - len(skipped), tuple(weak), tuple(skipped))


def web_verdict(report: Mapping[str, Any]) -> Verdict:
    """Read npm's JSON: a report, or what went wrong instead of one."""
    if "metadata" not in report:
        return Verdict(0, unjudged=(str(report.get("message", "npm answered no report")),))
    weak = [f"{name} {one['range']}: {one['severity']}" for name, one in report["vulnerabilities"].items()]
    return Verdict(report["metadata"]["dependencies"]["total"], tuple(weak))


def main(python: Path, web: Path) -> int:
    """Tell both verdicts; answer the worse exit code, weakness first."""
    codes = set()
    for title, path, judge in (("Python", python, python_verdict), ("web", web, web_verdict)):
        try:
            verdict = judge(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as exc:
            verdict = Verdict(0, unjudged=(f"no report: {exc}",))
        sys.stdout.write(f"{title}: {verdict}\n")
        codes.add(verdict.code)
    return 1 if 1 in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:3])))
