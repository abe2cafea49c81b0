"""`shequ rule`: the rulebook in a terminal: look, check, change, try on the past, put in force, go back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from psycopg.rows import tuple_row

from console.commands.database import with_database
from console.commands.rule_change import register
from console.database import Connection
from console.explaining import engine_state
from console.past import rehearse
from devices.errors import NotFound, RuleError, SettingError
from ingest.store import history, rulebook
from rules.examples import play_examples
from rules.ruleset import Rule, parse
from rules.texts import shipped, split

app = typer.Typer(no_args_is_help=True, help="Rules.")
register(app)

Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)]


@app.command("list")
def list_() -> None:
    """List the rules with the versions in force and in the shadow."""

    async def work(connection: Connection) -> list[str]:
        await rulebook.import_shipped(connection)
        return [
            f"{row['code']}\t{row['id']}\tlive {_number(row['live'])}\tshadow {_number(row['shadow'])}\t"
            f"newest {row['newest']}\t{row['origin'] or '-'}\t{row['author'] or '-'}"
            for row in await rulebook.overview(connection)
        ]

    for line in with_database(work, "rule"):
        typer.echo(line)


@app.command()
def show(
    rule: Annotated[str, typer.Argument(help="rule id")],
    version: Annotated[int | None, typer.Option(help="default: the one in force")] = None,
) -> None:
    """Show one version's text, and how it came about."""

    async def work(connection: Connection) -> list[str]:
        row = await rulebook.find(connection, rule, version)
        log = (await rulebook.details(connection, rule))["log"]
        head = f"# {rule} version {row['version']}, {row['state']}, by {row['author']}: {row['reason']}"
        told = [
            f"# {line['at']} {line['action']} {line['version']} by {line['actor']}: {line['reason']}"
            f"{' (memory: ' + line['detail']['memory'] + ')' if 'memory' in line['detail'] else ''}"
            for line in log
        ]
        return [head, *told, row["source"]]

    typer.echo("\n".join(with_database(work, "rule")))


@app.command()
def export(
    rules: Annotated[list[str] | None, typer.Argument(help="rule ids; none: all that are in force")] = None,
    *,
    out: Annotated[Path, typer.Option(help="folder for one file per rule")] = Path("rules-export"),
) -> None:
    """Write the texts in force to files."""

    async def work(connection: Connection) -> dict[str, str]:
        return await rulebook.sources(connection) or {t.rule.id: t.source for t in shipped()}

    sources = with_database(work, "rule")
    for missing in set(rules or ()) - sources.keys():
        raise NotFound("rule in force", missing)
    out.mkdir(parents=True, exist_ok=True)
    for rule in rules or sorted(sources):
        (out / f"{rule}.yaml").write_text(sources[rule], encoding="utf-8")
        typer.echo(str(out / f"{rule}.yaml"))


@app.command("import")
def import_(
    files: Files,
    *,
    reason: Annotated[str, typer.Option(help="why")],
    author: Annotated[str, typer.Option(help="who")] = "cli",
) -> None:
    """Keep the rules of files as drafts, where they differ from what is in force."""
    texts = [text for file in files for text in split(file.read_text(encoding="utf-8"), str(file))]

    async def work(connection: Connection) -> list[str]:
        await rulebook.import_shipped(connection)
        live = await rulebook.sources(connection)
        done = []
        for text in texts:
            if live.get(text.rule.id) == text.source:
                done.append(f"{text.rule.id}: as in force")
                continue
            rule, version = await rulebook.draft(
                connection, text.source, file=text.rule.file, author=author, reason=reason
            )
            done.append(f"{rule}: draft {version}")
        return done

    for line in with_database(work, "rule"):
        typer.echo(line)


@app.command()
def lint(files: Files) -> None:
    """Read rule files; what is wrong is told with file, line, column and the way to mend it."""
    wrong = 0
    for file in files:
        try:
            count = len(parse(file.read_text(encoding="utf-8"), str(file)))
        except RuleError as exc:
            wrong += 1
            typer.echo(str(exc), err=True)
        else:
            typer.echo(f"{file}: {count} rule(s), all well")
    if wrong:
        raise typer.Exit(1)


app.command("check", hidden=True)(lint)  # its earlier name


@app.command("test")
def play(
    files: Annotated[list[Path] | None, typer.Argument(exists=True, dir_okay=False)] = None,
) -> None:
    """Play the examples of rule files, or of the whole shipped catalogue."""
    rules: list[Rule] = [
        rule for file in files or () for rule in parse(file.read_text(encoding="utf-8"), str(file))
    ]
    results = [r for rule in rules or [t.rule for t in shipped()] for r in play_examples(rule)]
    for result in results:
        word = "ok" if result.passed else "FAILED"
        more = "" if result.passed else f": expected {list(result.expected)}, got {list(result.got)}"
        typer.echo(f"{word:>6}  {result.rule}  {result.story}{more}")
    failed = sum(not r.passed for r in results)
    typer.echo(f"{len(results)} examples, {failed} failed")
    if failed:
        raise typer.Exit(1)


@app.command()
def state(
    device: Annotated[str, typer.Option(help="device id")],
    *,
    chinese: Annotated[bool, typer.Option("--zh", help="in Chinese")] = False,
) -> None:
    """Show what the engine remembers of a device: why a rule is armed, what it waits for."""
    language = "zh" if chinese else "en"

    async def work(connection: Connection) -> list[str]:
        cursor = await connection.cursor(row_factory=tuple_row).execute(
            history.Q["place_of"], {"device": device}
        )
        where = await cursor.fetchone()
        if where is None:
            raise NotFound("device", device)
        answer = await engine_state(connection, [where[0]], [device, where[1]])
        lines = [
            f"{item['code']}\t{item['rule']}\t{item['subject']}\t{item[language]}\t{item['bytes']} B"
            for item in answer["items"]
        ]
        return [*lines, f"{answer['bytes']} bytes; judged to {answer['judged_to']}"]

    for line in with_database(work, "rule"):
        typer.echo(line)


@app.command("rehearse")
def rehearse_(
    rule: Annotated[str, typer.Option(help="rule id")] = "SEC-010",
    change: Annotated[str, typer.Option(help="what to change in its text: OLD=>NEW")] = "times: 5=>times: 6",
    *,
    days: Annotated[int, typer.Option(min=1, max=90, help="length of the simulated past")] = 30,
    seed: Annotated[int, typer.Option(help="of the simulated past")] = 7,
) -> None:
    """Simulate a past on a private stack, change a threshold, and show what the change would have done."""
    old, arrow, new = change.partition("=>")
    if not arrow:
        raise SettingError("--change", "write OLD=>NEW, as in 'times: 5=>times: 6'")
    for line in rehearse(rule, old, new, days=days, seed=seed):
        typer.echo(line)


def _number(version: int | None) -> str:
    return "-" if version is None else str(version)
