"""The remembered market caps: the same comes back, and a file with any fault counts as none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rebalancer_gui.adapters.market_data.caps_cache import FileCapsCache
from rebalancer_gui.application.market_caps import CapsMemory, CapsReading, CoinFigures, Pause

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
MEMORY = CapsMemory(
    {
        "CoinGecko": CapsReading(
            "CoinGecko",
            NOW - timedelta(hours=3),
            {"BTC": CoinFigures(Decimal(1555886872303), Decimal("77671.5")), "1000SHIB": CoinFigures(Decimal("7.25e9"), Decimal("0.0000000012"))},
        )
    },
    {"CoinPaprika": Pause(NOW + timedelta(hours=1), 3, asked=True)},
)  # fmt: skip


def cache(folder: Path, now: datetime = NOW) -> FileCapsCache:
    return FileCapsCache(folder / "cache", lambda: now)


def test_what_was_kept_comes_back_and_the_file_can_be_deleted(tmp_path: Path) -> None:
    assert cache(tmp_path).load() == CapsMemory({}, {})
    cache(tmp_path).save(MEMORY)
    assert cache(tmp_path).load() == MEMORY
    cache(tmp_path).path.unlink()
    assert cache(tmp_path).load() == CapsMemory({}, {})


def changed(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def make(content: bytes) -> bytes:
        table = json.loads(content)
        change(table)
        return json.dumps(table).encode()

    return make


def coin(table: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = table["readings"]["CoinGecko"]["coins"]["BTC"]
    return found


@pytest.mark.parametrize(
    "make",
    (
        lambda _content: b"",
        lambda _content: b"[]",
        lambda _content: b"{" * 1000,
        lambda content: content[: len(content) // 2],
        lambda content: content + b" " * 1_100_000,
        changed(lambda t: t.update(version=2)),
        changed(lambda t: t.update(format="other")),
        changed(lambda t: t.update(more=1)),
        changed(lambda t: coin(t).update(cap="-1")),
        changed(lambda t: coin(t).update(cap="0")),
        changed(lambda t: coin(t).update(cap=5)),
        changed(lambda t: coin(t).update(cap="NaN")),
        changed(lambda t: coin(t).update(price="1e5")),
        changed(lambda t: coin(t).pop("price")),
        changed(lambda t: t["readings"]["CoinGecko"]["coins"].update({"b t c": {"cap": "1", "price": "1"}})),
        changed(lambda t: t["readings"]["CoinGecko"].update(at="2026-12-24T00:00:00Z")),
        changed(lambda t: t["readings"]["CoinGecko"].update(at="yesterday")),
        changed(lambda t: t["pauses"]["CoinPaprika"].update(until=None)),
        changed(lambda t: t["pauses"]["CoinPaprika"].update(asked="yes")),
    ),
)
def test_a_file_with_any_fault_counts_as_none(tmp_path: Path, make: Callable[[bytes], bytes]) -> None:
    cache(tmp_path).save(MEMORY)
    path = cache(tmp_path).path
    path.write_bytes(make(path.read_bytes()))
    assert cache(tmp_path).load() == CapsMemory({}, {})


def test_a_place_where_nothing_can_be_kept_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"a file in the way")
    cache(tmp_path).save(MEMORY)
    assert cache(tmp_path).load() == CapsMemory({}, {})
