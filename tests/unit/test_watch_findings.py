"""What the watch says: once, in one alarm, and again only when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from console.watch.alarm import read_way
from console.watch.findings import DATABASE, Finding, alarm_words, merge, over, untold
from devices.errors import SettingError

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def canary(estate: str, stops_at: str = "ingest") -> Finding:
    return Finding(name=f"canary/{estate}", since=NOW, detail={"stops_at": stops_at})


def test_what_was_told_is_remembered_and_what_is_new_is_not() -> None:
    told = replace(canary("e1"), told_at=NOW)
    now = merge({told.name: told}, [canary("e1"), canary("e2")])
    assert [f.name for f in untold(now)] == ["canary/e2"]
    assert over({told.name: told}, {}) == [told]
    assert over({"canary/e1": canary("e1")}, {}) == []  # nobody knew of it


def test_one_alarm_says_everything_and_names_few_estates() -> None:
    many = [canary(f"e{n}") for n in range(8)]
    zh, en = alarm_words([*many, canary("x", "sender"), Finding(name=DATABASE, since=NOW)])
    assert "e0、e1、e2、e3、e4 等 8 处 的虚拟求助未被接收程序判定" in zh
    assert "x 的虚拟求助发送程序未取走通知" in zh
    assert "数据库无响应" in zh
    assert "e4 and 3 more" in en
    assert "e5" not in en


@pytest.mark.parametrize(
    "way",
    [
        {"channel": "pigeon", "driver": "http", "settings": {}},
        {"channel": "webhook", "driver": "http", "settings": {"url": "https://a.example"}},
        {"channel": "cascade", "driver": "http", "settings": {}},
        {"channel": "sms", "driver": "http", "settings": {}, "more": 1},
    ],
)
def test_a_way_that_cannot_ring_is_refused_at_the_start(way: dict[str, object]) -> None:
    with pytest.raises(SettingError, match="SHEQU_WATCH_ALARM"):
        read_way(way)
