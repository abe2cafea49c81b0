"""One id for everything that one message causes, and OpenTelemetry spans under it where they are wanted.

The id is derived from the event's key `(device, id)`, so that every process knows it without being told,
a message that is delivered again belongs to the same trace, and it is there whether or not anybody
collects traces. It is written beside the alert and its letters in W3C's form (`traceparent`). Spans are
made afterwards, of times that are known anyway, and only of what raised an alert: a county's telemetry
would be a flood, and costs nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from devices.errors import SettingError
from ingest.batch import Batch
from rules.alert import Signal

if TYPE_CHECKING:  # an extra: the platform runs without it
    from opentelemetry.sdk.trace.export import SpanExporter

_FORM: Final = "00-{trace}-{span}-01"


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """When a batch was where."""

    sorted_at: datetime
    began: datetime  # its transaction
    judged_from: datetime
    judged: datetime
    committed: datetime


def traceparent(signal: Signal) -> str:
    """The trace that a signal belongs to: that of the first event it rests on, else its own."""
    first = next(iter(signal.evidence), None)
    key = f"{first.device}\0{first.id}" if first else f"{signal.fingerprint}\0{signal.at.isoformat()}"
    digest = blake2b(key.encode(), digest_size=24).hexdigest()
    return _FORM.format(trace=digest[:32], span=digest[32:])


def trace_id(parent: str | None) -> str | None:
    """The trace's own id, as logs and collectors show it."""
    return None if parent is None else parent.split("-")[1]


class Traces:
    """Where spans go; nowhere until `collect` says where."""

    def __init__(self) -> None:
        self._tracer: Any = None
        self._provider: Any = None
        self._next: tuple[int, int] | None = None  # the ids that the next span must bear

    @property
    def on(self) -> bool:
        """Whether anybody collects."""
        return self._tracer is not None

    def collect(self, service: str, exporter: SpanExporter, *, at_once: bool = False) -> None:
        """Send spans to an exporter from now on."""
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor  # noqa: PLC0415
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415

        traces = self

        class Ids(RandomIdGenerator):
            """The root of a trace has the ids that everybody derives."""

            def generate_span_id(self) -> int:
                return traces._next[1] if traces._next else super().generate_span_id()

            def generate_trace_id(self) -> int:
                return traces._next[0] if traces._next else super().generate_trace_id()

        provider = TracerProvider(
            resource=Resource.create({"service.name": f"shequ-{service}"}), id_generator=Ids()
        )
        provider.add_span_processor(
            SimpleSpanProcessor(exporter) if at_once else BatchSpanProcessor(exporter)
        )
        self._provider, self._tracer = provider, provider.get_tracer("shequ")

    def close(self) -> None:
        """Send what waits, and stop."""
        if self._provider is not None:
            self._provider.shutdown()
        self._provider = self._tracer = None

    def root(self, parent: str, name: str, start: datetime, end: datetime, **about: str) -> None:
        """Record the span that all others of a trace hang on."""
        _, trace, span, _ = parent.split("-")
        self._next = (int(trace, 16), int(span, 16))
        try:
            made = self._tracer.start_span(name, start_time=_ns(start), attributes=about)
        finally:
            self._next = None
        made.end(_ns(end))

    def child(self, parent: str | None, name: str, start: datetime, end: datetime, **about: str) -> None:
        """Record one stage of a trace; nothing where nobody collects or it belongs to none."""
        if self._tracer is None or parent is None:
            return
        from opentelemetry.trace import (  # noqa: PLC0415
            NonRecordingSpan,
            SpanContext,
            TraceFlags,
            set_span_in_context,
        )

        _, trace, span, _ = parent.split("-")
        flags = TraceFlags(TraceFlags.SAMPLED)
        above = SpanContext(int(trace, 16), int(span, 16), is_remote=True, trace_flags=flags)
        context = set_span_in_context(NonRecordingSpan(above))
        made = self._tracer.start_span(name, context=context, start_time=_ns(start), attributes=about)
        made.end(_ns(end))

    def batch(self, batch: Batch, raised: Mapping[int, Signal], times: Times) -> None:
        """Record the stages of what raised alerts in a batch that has been committed."""
        if not self.on:
            return
        heard = {(e.device, e.id): e.received_at for e in batch.events()}
        for alert, signal in raised.items():
            parent = traceparent(signal)
            first = next(iter(signal.evidence), None)
            received = heard.get((first.device, first.id), times.sorted_at) if first else times.sorted_at
            about = {"alert": str(alert), "code": signal.code, "estate": signal.estate}
            if first:
                about |= {"device": first.device, "event": first.id}
            self.root(parent, "event", received, times.committed, **about)
            self.child(parent, "receive", received, times.sorted_at)
            self.child(parent, "store", times.began, times.committed)
            self.child(parent, "judge", times.judged_from, times.judged)


TRACES: Final = Traces()
"""The process' own."""


@contextmanager
def collecting(service: str, endpoint: str | None) -> Iterator[None]:
    """Send this process' spans to a collector (OTLP over HTTP) while the block runs, if one is named.

    Raises SettingError where the extra is not installed.
    """
    if endpoint is None:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    except ImportError as exc:
        raise SettingError("SHEQU_OTLP_URL", "traces need an extra: pip install 'shequ[traces]'") from exc
    TRACES.collect(service, OTLPSpanExporter(endpoint=endpoint))
    try:
        yield
    finally:
        TRACES.close()


def _ns(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000
