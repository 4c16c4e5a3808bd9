"""Presets of one's own as files: the same comes back, hostile files are left aside whole, writing fails without a change."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rebalancer_gui.adapters.market_data.own_presets import FolderShelf
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidFile
from rebalancer_gui.domain.preset_file import own_id, own_preset, parse_preset, renamed, write_preset
from rebalancer_gui.domain.presets import PresetDefinition, Weighting
from rebalancer_gui.domain.strategy import RatioRule, Target, TimeRule

TARGETS = (Target("BTC", Decimal("60.5")), Target("ETH", Decimal("39.5")))
MINE = own_preset(
    "own-mine", "Mine", TARGETS, Weighting.FIXED, TimeRule(timedelta(days=7), Decimal(1)), sell_all_on_stop=False,
    made=date(2026, 11, 27),
)  # fmt: skip
EQUAL = own_preset(
    "own-equal",
    "An equal one",
    TARGETS,
    Weighting.EQUAL,
    RatioRule(Decimal(2)),
    sell_all_on_stop=True,
    made=date(2026, 1, 2),
)


@pytest.mark.parametrize("preset", (MINE, EQUAL))
def test_a_preset_reads_back_from_its_file_as_it_was(preset: PresetDefinition) -> None:
    assert parse_preset(write_preset(preset)) == preset


def test_the_shelf_keeps_renames_and_deletes_and_a_new_start_finds_the_same(tmp_path: Path) -> None:
    shelf = FolderShelf(tmp_path / "presets")
    assert shelf.all() == ()
    shelf.save(MINE)
    shelf.save(EQUAL)
    assert [preset.name for preset in shelf.all()] == ["An equal one", "Mine"]
    shelf.save(renamed(MINE, "A mine"))
    assert [preset.name for preset in FolderShelf(tmp_path / "presets").all()] == ["A mine", "An equal one"]
    before = shelf.revision
    shelf.delete("own-mine")
    shelf.delete("own-nothing")
    assert shelf.revision == before + 1
    assert FolderShelf(tmp_path / "presets").all() == (EQUAL,)


def test_ids_are_made_of_the_name_and_never_taken_twice() -> None:
    assert own_id("My Coins!", frozenset()) == "own-my-coins"
    assert own_id("My Coins!", frozenset({"own-my-coins"})) == "own-my-coins-2"
    assert own_id("../../etc/passwd", frozenset()) == "own-etc-passwd"
    assert own_id("\u4e2d\u6587", frozenset()) == "own-preset"
    assert len(own_id("x" * 200, frozenset())) < 60


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    table = json.loads(write_preset(MINE))
    change(table)
    return json.dumps(table).encode()


HOSTILE = (
    b"",
    b"[]",
    b"{" * 1000,
    changed(lambda t: t.update(format="rebalancer-strategy")),
    changed(lambda t: t.update(version=2)),
    changed(lambda t: t.update(host="https://example.org")),
    changed(lambda t: t.update(id="../own-mine")),
    changed(lambda t: t.update(id="main-coins")),
    changed(lambda t: t.update(name="a\u202eb")),
    changed(lambda t: t.update(name="")),
    changed(lambda t: t.update(made="2026-13-01")),
    changed(lambda t: t.update(weighting="luck")),
    changed(lambda t: t.update(coins=[])),
    changed(lambda t: t.update(coins=[{"asset": f"C{n}", "weight": "1"} for n in range(100)])),
    changed(lambda t: t["coins"].append({"asset": "BTC", "weight": "10"})),
    changed(lambda t: t["coins"][0].update(weight="70")),
    changed(lambda t: t["coins"][0].update(weight=60.5)),
    changed(lambda t: t["coins"][0].update(asset="btc/usdt")),
    changed(lambda t: t["coins"][0].pop("weight")),
    changed(lambda t: t["rule"].update(kind="moon")),
    changed(lambda t: t["rule"].update(interval_seconds=1)),
    changed(lambda t: t.update(sell_all_on_stop="yes")),
)


@pytest.mark.parametrize("content", HOSTILE)
def test_a_file_with_any_fault_is_refused_and_left_where_it_is(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidFile):
        parse_preset(content)
    path = tmp_path / "own-mine.json"
    path.write_bytes(content)
    assert FolderShelf(tmp_path).all() == ()
    assert path.read_bytes() == content


def test_a_file_that_bears_another_name_than_its_id_is_left_aside(tmp_path: Path) -> None:
    (tmp_path / "own-other.json").write_text(write_preset(MINE), encoding="utf-8")
    assert FolderShelf(tmp_path).all() == ()


def test_a_preset_that_cannot_be_stored_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "presets").write_bytes(b"a file in the way")
    shelf = FolderShelf(tmp_path / "presets")
    with pytest.raises(EnvironmentProblem, match="could not be stored"):
        shelf.save(MINE)
    assert shelf.all() == ()
    assert shelf.revision == 0
