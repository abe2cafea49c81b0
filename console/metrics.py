"""What Prometheus may ask: requests by route, live readers, open alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


class Metrics:
    """One registry per application, so that two in one process do not mix."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("shequ_http_requests", "Requests served", labels, registry=self._registry)
        self._seconds = Histogram(
            "shequ_http_request_seconds",
            "Time to serve a request (streams until they end)",
            ("method", "route"),
            registry=self._registry,
        )
        self._readers = Gauge("shequ_live_readers", "Readers of the live feed", registry=self._registry)
        self._alerts = Gauge("shequ_alerts_open", "Open alerts", ("severity",), registry=self._registry)
        self._queued = self._channel("shequ_deliver_queued", "Letters that wait for a channel")
        self._oldest = self._channel("shequ_deliver_oldest_seconds", "Age of the oldest letter that is due")
        self._dead = self._channel("shequ_deliver_dead", "Dead letters")
        self._success = self._channel("shequ_deliver_last_success_timestamp_seconds", "Last letter taken")
        self._failing = self._channel("shequ_deliver_failure_ratio", "Failed attempts of the last hour")
        self._missed = self._channel("shequ_channel_tests_missed", "The newest test had no answer")

        self._invariants = Gauge(
            "shequ_invariant", "Counts of the watchdog that must be zero", ("name",), registry=self._registry
        )
        self._duty = Gauge(
            "shequ_duty_lag_seconds", "Seconds since duty looked last", registry=self._registry
        )

        self._ingest = Gauge(
            "shequ_ingest_lag_seconds", "Seconds since ingest committed last", registry=self._registry
        )
        self._canary = Histogram(
            "shequ_canary_seconds",
            "From a canary's button to the live feed",
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
            registry=self._registry,
        )
        self._findings = Gauge(
            "shequ_watch_findings", "What the platform's own watch finds wrong", registry=self._registry
        )
        self._watch = Gauge(
            "shequ_watch_lag_seconds",
            "Seconds since the platform's own watch looked",
            registry=self._registry,
        )
        self._behind = Gauge(
            "shequ_ingest_behind_seconds",
            "Age of the oldest message that may still wait to be judged",
            registry=self._registry,
        )
        self._backlog = Gauge(
            "shequ_ingest_backlog_messages",
            "Messages that came in faster than they could be judged, and wait in the database",
            registry=self._registry,
        )

        self._aside = self._gauge("shequ_quarantine_bytes", "Room that messages set aside take")
        self._room = self._gauge("shequ_quarantine_limit_bytes", "Room that they may take")
        self._folded = self._gauge("shequ_quarantine_folded", "Messages counted only, for want of room")

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, registry=self._registry)

    def _channel(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, ("endpoint",), registry=self._registry)

    def count(self, scope: Mapping[str, Any], status: int, seconds: float) -> None:
        """Count one request under its route's template, so that ids do not become labels."""
        route = getattr(scope.get("route"), "path", "(none)")
        method = scope["method"] if scope["method"] in {"GET", "POST", "HEAD"} else "(other)"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def canary(self, seconds: float) -> None:
        """Count one canary that has reached the live feed."""
        self._canary.observe(seconds)

    def watch_readers(self, readers: Callable[[], int]) -> None:
        """Take the number of live readers from here."""
        self._readers.set_function(lambda: float(readers()))

    def watch_channels(
        self, channels: Iterable[Mapping[str, Any]], missed: Iterable[Mapping[str, Any]]
    ) -> None:
        """Take what waits for each channel, what failed, and which test nobody answered."""
        for row in channels:
            self._queued.labels(row["code"]).set(row["queued"])
            self._oldest.labels(row["code"]).set(row["oldest_s"] or 0)
            self._dead.labels(row["code"]).set(row["dead"])
            self._success.labels(row["code"]).set(row["last_success_s"] or 0)
            self._failing.labels(row["code"]).set(row["failures"] / row["tries"] if row["tries"] else 0)
        for row in missed:
            self._missed.labels(row["code"]).set(row["missed"])

    def watch_quarantine(self, room: Mapping[str, Any]) -> None:
        """Take how much room messages set aside use, and how many had none."""
        self._aside.set(room["bytes"])
        self._room.set(room["limit_bytes"])
        self._folded.set(room["folded"])

    def exposition(
        self,
        open_alerts: Iterable[Mapping[str, Any]],
        duty: Mapping[str, Any] | None = None,
        ingest: Mapping[str, Any] | None = None,
        watch: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Answer everything in Prometheus' text format."""
        for name, count in ((duty or {}).get("counts") or {}).items():
            self._invariants.labels(name).set(count)
        if duty and duty["lag_s"] is not None:
            self._duty.set(duty["lag_s"])
        if ingest and ingest["lag_s"] is not None:
            self._ingest.set(ingest["lag_s"])
        if ingest and ingest["behind_s"] is not None:
            self._behind.set(ingest["behind_s"])
        if ingest:
            self._backlog.set(ingest["waiting"])
        if watch:
            self._findings.set(watch["findings"])
        if watch and watch["lag_s"] is not None:
            self._watch.set(watch["lag_s"])
        for row in open_alerts:
            self._alerts.labels(str(row["severity"])).set(row["n"])
        return generate_latest(self._registry)
