from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.paging import after, page
from console.problems import Invalid

MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(st.integers(), MOMENTS, st.text())
def test_a_cursor_comes_back_as_the_key_of_the_last_row_shown(
    number: int, moment: datetime, word: str
) -> None:
    rows = [{"body": 1, "n": number, "at": moment, "w": word}, {"body": 2, "n": 0, "at": moment, "w": ""}]
    answer = page(rows, 1, "n", "at", "w")
    assert answer["items"] == [1]
    assert after(answer["next"], int, datetime, str) == [number, moment, word]


def test_the_last_page_has_no_cursor() -> None:
    assert page([{"body": 1, "n": 1}], 1, "n") == {"items": [1], "next": None}
    assert after(None, int, str) == [None, None]


@given(st.text(max_size=60))
def test_a_foreign_cursor_is_refused_as_such(text: str) -> None:
    with pytest.raises(Invalid):
        after(text, int, datetime)


@pytest.mark.parametrize(
    "cursor", ["WzFd", "WyJ4IiwgMV0", "W3RydWUsICIyMDI2LTAxLTAxIl0", "WzEsICIyMDI2LTAxLTAxIl0"]
)
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        after(cursor, int, datetime)
