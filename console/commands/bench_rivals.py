"""The product beside what else would do the job: Node-RED, and a script of an afternoon, in the same run.

Both rivals judge nine rules without memory and store in batches or one by one, and both have acknowledged a
message before it is committed: what they lose at a power cut is theirs. Node-RED is installed from the
package registry into `build/`, where it is not there yet.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import psycopg

from console.commands.bench_county import Bench, Speed, limit, middle, open_bench, product, put, say
from console.commands.local import free_port
from console.reference import ROOT
from ingest.store import sql
from simulators.chaos.sample import processor_seconds

Q: Final = sql.load("console.store", "commands.sql")
SOURCE: Final = ROOT / "benchmarks" / "node_red"
HOME: Final = ROOT / "build" / "node-red"
BATCH, COMPANY = 500, 0.05  # messages, seconds: how Node-RED joins rows for one statement
WITHIN: Final = 300.0  # seconds
SCRIPT_SHARE: Final = 10  # the script gets so many times fewer messages, or it would take minutes


async def rivals_speed(*, messages: int, runs: int) -> dict[str, Any]:
    """Measure `{limit, product, node_red, script, times_node_red, times_script}` in alternating runs."""
    await asyncio.to_thread(_install)
    speeds: dict[str, list[Speed]] = {"limit": [], "product": [], "node_red": [], "script": []}
    async with open_bench() as bench:
        await _make_table(bench)
        for run in range(runs):
            speeds["limit"].append(await limit(bench, f"limit{run}-", messages))
            speeds["product"].append(await product(bench, f"run{run}-", messages))
            async with _node_red(bench) as pid:
                speeds["node_red"].append(await _rival(bench, pid, f"red{run}-", messages))
            async with _script(bench) as pid:
                speeds["script"].append(await _rival(bench, pid, f"script{run}-", messages // SCRIPT_SHARE))
            say(", ".join(f"{name} {each[-1].per_s:,.0f}/s" for name, each in speeds.items()))
    middles = {name: middle(each) for name, each in speeds.items()}
    ours = middles["product"].per_s
    return {
        **{name: speed.as_json() for name, speed in middles.items()},
        "times_node_red": round(ours / middles["node_red"].per_s, 2),
        "times_script": round(ours / middles["script"].per_s, 2),
        "messages": messages,
        "runs": runs,
    }


async def _make_table(bench: Bench) -> None:
    url = bench.local.stack.database_url
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        for name in ("rival_table", "rival_hypertable", "rival_once", "rival_device"):
            await connection.execute(Q[name])


async def _rival(bench: Bench, pid: int, prefix: str, messages: int) -> Speed:
    """From the first row's arrival to the last one's commit."""
    url = bench.local.stack.database_url
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await _hears(bench, connection, f"hello-{prefix}")
        before = processor_seconds(pid)
        await put(bench, prefix, messages)
        await _stored(connection, prefix, messages)
        spent = processor_seconds(pid) - before
        row = await (await connection.execute(Q["rival_span"], {"prefix": f"{prefix}%"})).fetchone()
    if row is None:
        raise RuntimeError("nothing was stored")
    return Speed(per_s=messages / float(row[0]), cpu_us=spent / messages * 1e6)


async def _hears(bench: Bench, connection: psycopg.AsyncConnection[Any], prefix: str) -> None:
    """Send a message until one arrives: only then does the rival listen."""
    async with asyncio.timeout(WITHIN):
        for n in range(1_000_000):
            await put(bench, f"{prefix}{n}-", 1)
            if await _count(connection, prefix):
                return
            await asyncio.sleep(1)


async def _stored(connection: psycopg.AsyncConnection[Any], prefix: str, messages: int) -> None:
    async with asyncio.timeout(WITHIN):
        while True:
            if await _count(connection, prefix) >= messages:
                return
            await asyncio.sleep(1)  # the rows tell when they came: asking more often would only cost


async def _count(connection: psycopg.AsyncConnection[Any], prefix: str) -> int:
    row = await (await connection.execute(Q["rival_stored"], {"prefix": f"{prefix}%"})).fetchone()
    return int(row[0]) if row else 0


@asynccontextmanager
async def _script(bench: Bench) -> AsyncIterator[int]:
    login = bench.local.stack.ingest
    words = (*bench.where, login.username, bench.local.stack.database_url)
    argv = (sys.executable, "-m", "benchmarks.script", *words)
    async with _process(argv, {"LOAD_PASSWORD": login.password}, bench.room / "script.log") as pid:
        yield pid


@asynccontextmanager
async def _node_red(bench: Bench) -> AsyncIterator[int]:
    home = bench.room / "node-red"
    home.mkdir(exist_ok=True)
    for name in ("settings.js", "package.json"):
        shutil.copy(SOURCE / name, home)
    (home / "flows.json").write_text(json.dumps(_flow(bench)), encoding="utf-8")
    login = bench.local.stack.ingest
    secret = {"broker": {"user": login.username, "password": login.password}}
    (home / "flows_cred.json").write_text(json.dumps(secret), encoding="utf-8")
    modules = home / "node_modules"
    if not modules.exists():
        modules.symlink_to(HOME / "node_modules")
    argv = ("node", str(HOME / "node_modules/node-red/red.js"), "--userDir", str(home))
    extra = {"RIVAL_PORT": str(free_port()), "RIVAL_DATABASE": bench.local.stack.database_url}
    async with _process(argv, extra, bench.room / "node-red.log") as pid:
        yield pid


def _flow(bench: Bench) -> list[dict[str, Any]]:
    """MQTT in, a function that judges, rows joined, a function that stores."""
    host, port = bench.where
    judge, store = ((SOURCE / name).read_text(encoding="utf-8") for name in ("judge.js", "store.js"))
    opens = 'context.set("pool", new pg.Pool({ connectionString: env.get("RIVAL_DATABASE"), max: 4 }));'
    drawn = {"z": "flow", "x": 1, "y": 1}  # a node without a place on the sheet is taken for a setting
    function = {"type": "function", **drawn, "outputs": 1, "timeout": 0, "noerr": 0}
    join = {"mode": "custom", "build": "array", "property": "payload", "propertyType": "msg"}
    more = {"joiner": "", "joinerType": "str", "count": str(BATCH), "timeout": str(COMPANY)}
    listen = {"topic": "shequ/v1/+/+/+", "qos": "1", "datatype": "json", "broker": "broker"}
    broker = {"broker": host, "port": port, "clientid": "node-red", "protocolVersion": "4", "keepalive": "60"}
    return [
        {"id": "flow", "type": "tab", "label": "shequ"},
        {"id": "broker", "type": "mqtt-broker", "cleansession": True, "autoConnect": True, **broker},
        {"id": "in", "type": "mqtt in", **drawn, **listen, "wires": [["judge"]]},
        {"id": "judge", **function, "func": judge, "libs": [], "wires": [["join"]]},
        {"id": "join", "type": "join", **drawn, **join, **more, "wires": [["store"]]},
        {
            "id": "store",
            **function,
            "func": store,
            "initialize": opens,
            "libs": [{"var": "pg", "module": "pg"}],
            "wires": [[]],
        },
    ]


@asynccontextmanager
async def _process(argv: tuple[str, ...], extra: dict[str, str], log: Path) -> AsyncIterator[int]:
    """Run a rival while the block runs."""
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *argv, env={**os.environ, **extra}, stdout=out, stderr=out, cwd=ROOT
        )
        try:
            yield process.pid
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def _install() -> None:
    """Fetch Node-RED and its PostgreSQL driver, at the versions of package.json."""
    HOME.mkdir(parents=True, exist_ok=True)
    wanted = (SOURCE / "package.json").read_text(encoding="utf-8")
    here = HOME / "package.json"
    if (HOME / "node_modules").exists() and here.exists() and here.read_text(encoding="utf-8") == wanted:
        return
    here.write_text(wanted, encoding="utf-8")
    say("fetching Node-RED")
    quiet = ("--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")
    subprocess.run(  # noqa: S603 - our own words
        ("npm", "install", *quiet),  # noqa: S607 - whichever npm builds the page
        cwd=HOME,
        check=True,
        stdout=subprocess.DEVNULL,
    )
