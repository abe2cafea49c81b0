"""`shequ camera`: run a camera node, check its settings, look for ONVIF cameras, serve rendered ones."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from ingest.__main__ import run_until_signalled
from ingest.camera.discovery import probe
from ingest.camera.node import run as run_node
from ingest.camera.onvif import OnvifCamera, OnvifError
from ingest.camera.settings import load
from ingest.clock import system_clock
from ingest.logs import set_up_logs
from simulators.scenes.catalogue import catalogue
from simulators.scenes.rtsp import serve_rtsp
from simulators.scenes.stream import serve

app = typer.Typer(no_args_is_help=True, help="Cameras: from a video stream to events.")

File = Annotated[Path, typer.Argument(help="settings of the node, TOML (docs/howto/cameras.md)")]


@app.command()
def run(settings: File) -> None:
    """Watch the cameras of a settings file and publish what they see."""
    set_up_logs()
    run_until_signalled(run_node(load(settings), system_clock))


@app.command()
def check(settings: File) -> None:
    """Read a settings file and say what it holds, or which key is wrong."""
    for camera in load(settings).cameras:
        zones = ", ".join(f"{z.name} ({', '.join(z.watch)})" for z in camera.zones) or "no zones"
        lines = ", ".join(line.name for line in camera.lines) or "no lines"
        typer.echo(f"{camera.device}\t{camera.frame_rate:g}/s\t{zones}\t{lines}")


@app.command()
def discover(
    *,
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="how long to listen")] = 3.0,
    user: Annotated[str, typer.Option(help="login of the cameras; the password is asked for")] = "",
) -> None:
    """Ask the network for ONVIF cameras (WS-Discovery); with a login, each for its stream too."""
    password = typer.prompt("password", hide_input=True) if user else ""
    for address in probe(seconds):
        typer.echo(address)
        if not user:
            continue
        try:
            OnvifCamera(service=address, user=user, password=password).stream(system_clock)
        except OnvifError as exc:
            typer.echo(f"  {exc}")
        else:
            typer.echo(f'  url = "{address.replace("http://", f"onvif://{user}:…@")}"')


@app.command()
def scenes(
    *,
    port: Annotated[int, typer.Option(help="TCP port; 0 takes any")] = 8090,
    seed: Annotated[int, typer.Option(help="seed of the scenes")] = 1,
    rtsp: Annotated[bool, typer.Option("--rtsp", help="H.264 over RTSP instead of MJPEG over HTTP")] = False,
) -> None:
    """Serve rendered scenes as HTTP MJPEG or RTSP streams, for a node without a camera."""
    set_up_logs()

    async def work() -> None:
        offered = catalogue(seed)
        async with (serve_rtsp if rtsp else serve)(offered, port=port) as taken:
            for name in offered:
                typer.echo(f"{'rtsp' if rtsp else 'http'}://127.0.0.1:{taken}/{name}")
            await asyncio.Event().wait()

    run_until_signalled(work())
