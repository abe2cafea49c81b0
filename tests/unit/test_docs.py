"""What is documented is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.__main__ import COMMANDS
from console.reference import ROOT, pages
from devices.contract import json_schema
from devices.profile import Profile
from devices.profiles import PROFILES
from tests.strategies import messages

SCHEMA = jsonschema.Draft202012Validator(json_schema())
PAGES = pages()  # all at once: making one costs as much as making all
SOURCES = sorted(
    path
    for folder in ("devices", "rules", "ingest", "console", "simulators", "benchmarks", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_fresh(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path], "run `make generate`"


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.family)
@settings(max_examples=25)
@given(data=st.data())
def test_whatever_a_profile_encodes_fits_the_published_schema(profile: Profile, data: st.DataObject) -> None:
    message = data.draw(messages(profile))
    SCHEMA.validate(msgspec.json.decode(profile.encode(message)))


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = list(COMMANDS)
    assert [name for name in names if f"shequ {name}" not in readme] == []


def test_every_decision_record_is_listed() -> None:
    listed = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    records = [path.name for path in sorted((ROOT / "docs/adr").glob("*.md"))]
    assert [name for name in records if name not in listed] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_fits_on_the_screen_of_a_reviewer(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_no_local_link_in_the_documents_is_broken() -> None:
    broken = []
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]:
        targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
        broken += [f"{page.relative_to(ROOT)}: {t}" for t in targets if not (page.parent / t).exists()]
    assert broken == []
