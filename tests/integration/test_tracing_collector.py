"""Spans reach a collector as OTLP over HTTP, with the ids that every log has."""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime, timedelta

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ingest.tracing import TRACES, collecting
from simulators.receivers.serving import serving

START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
END = START + timedelta(milliseconds=20)
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def test_a_collector_reads_the_ids_that_every_log_has() -> None:
    taken: list[ExportTraceServiceRequest] = []

    async def take(request: Request) -> Response:
        body = await request.body()
        packed = request.headers.get("content-encoding") == "gzip"
        taken.append(ExportTraceServiceRequest.FromString(gzip.decompress(body) if packed else body))
        return Response(media_type="application/x-protobuf")

    async with serving(Starlette(routes=[Route("/v1/traces", take, methods=["POST"])])) as port:
        await asyncio.to_thread(send, f"http://127.0.0.1:{port}/v1/traces")
    (resource,) = (spans for request in taken for spans in request.resource_spans)
    assert [a.value.string_value for a in resource.resource.attributes if a.key == "service.name"] == [
        "shequ-ingest"
    ]
    root, child = (span for scope in resource.scope_spans for span in scope.spans)
    _, trace, above, _ = PARENT.split("-")
    assert {root.trace_id.hex(), child.trace_id.hex()} == {trace}
    assert (root.name, root.span_id.hex(), root.parent_span_id) == ("event", above, b"")
    assert (child.name, child.parent_span_id.hex()) == ("store", above)
    assert {a.key: a.value.string_value for a in root.attributes} == {"event": "e1"}
    assert root.end_time_unix_nano - root.start_time_unix_nano == 20_000_000


def send(url: str) -> None:
    """Send a trace of two spans, as a process does that ends."""
    with collecting("ingest", url):
        TRACES.root(PARENT, "event", START, END, event="e1")
        TRACES.child(PARENT, "store", START, END)
    assert not TRACES.on
