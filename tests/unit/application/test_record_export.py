"""Records into files: lots with their cost, transactions for a tax tool, the lists as they are; beside the account's work."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.adapters.sheet_files import CsvFiles
from rebalancer_gui.application import record_stream
from rebalancer_gui.application.commands import Command, RebalanceNow, StopStrategy
from rebalancer_gui.application.events import CommandDone, CommandRejected, ExportProgress, RecordsExported, RecordsPage
from rebalancer_gui.application.ports import HistoryKind
from rebalancer_gui.application.record_commands import FOR_TAX_TOOLS, CancelExport, ExportRecords, LoadRecords, Sheet
from rebalancer_gui.application.record_desk import CANCELLED
from rebalancer_gui.application.records import RecordFilter
from rebalancer_gui.domain.money import ZERO
from rebalancer_gui.domain.strategy import HeldCoin, RatioRule, StrategyParameters
from rebalancer_gui.domain.tax_lots import LotMethod
from tests.builders import d, parameters, rules_for
from tests.engine_bench import Bench, run
from tests.scripted_venue import ScriptedVenue

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of rows must be read in several pages."""
    monkeypatch.setattr(record_stream, "PAGE", 3)


def venue(fee: str = "0", **coins: str) -> ScriptedVenue:
    made = ScriptedVenue(rules_for("BTC", "ETH", min_notional="10"), money="10000", fee=fee)
    made.held.update({asset: d(amount) for asset, amount in coins.items()})
    return made


def calm(**kind) -> StrategyParameters:
    return parameters(rule=RatioRule(d(50)), **kind)


async def answered(bench: Bench, make: Callable[[str], Command]) -> object:
    """As `Bench.ask`, for what a thread has a part in."""
    bench.engine.post(make("export"))
    for _ in range(5000):
        for event in bench.events:
            if getattr(event, "command_id", "") == "export":
                return event
        await asyncio.sleep(0.001)
    raise AssertionError("no answer")


async def exported(
    bench: Bench, path: Path, sheet: Sheet, method: LotMethod = LotMethod.FIFO, chosen: RecordFilter | None = None
) -> list[dict[str, str]]:
    answer = await answered(bench, lambda i: ExportRecords(i, "paper", sheet, path, chosen or RecordFilter(), method))
    assert isinstance(answer, RecordsExported), answer
    bench.events.remove(answer)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == answer.rows
    assert sum(row.get("cost") == "unknown" for row in rows) == answer.unknown
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    return rows


async def a_story(bench: Bench) -> str:
    """BTC rises and is sold in two rebalances, then all is sold."""
    await bench.venue.push(BTC="100", ETH="100")
    core = await bench.create(calm(name="=Core", investment="1000", BTC=50, ETH=50))
    await bench.venue.push()
    for price in ("110", "121"):
        await bench.venue.push(DAY, BTC=price)
        await bench.do(lambda i: RebalanceNow(i, core))
        await bench.venue.push()
    await bench.do(lambda i: StopStrategy(i, core, sell_all=True))
    await bench.venue.push(DAY)
    return core


@pytest.mark.parametrize("method", LotMethod)
@pytest.mark.parametrize("fee", ("0", "0.001"))
def test_all_that_was_sold_has_its_lots_and_when_all_is_sold_the_gains_are_the_realised_profit(
    tmp_path: Path, method: LotMethod, fee: str
) -> None:
    async def story() -> None:
        bench = Bench(venue(fee), sheets=CsvFiles())
        async with bench.running():
            core = await a_story(bench)
            rows = await exported(bench, tmp_path / "lots.csv", Sheet.LOTS, method)
            realised = bench.strategy(core).score.realised
            assert realised is not None
            gains = sum((d(row["gain"]) for row in rows), ZERO)
            held = bench.venue.held
            assert held.get("BTC", ZERO) + held.get("ETH", ZERO) < d("0.01")
            assert abs(gains - realised) < d("0.01")
            assert abs(sum(bench.owned(core).values())) == 0
            sold = {row["coin"]: d(0) for row in rows}
            for row in rows:
                sold[row["coin"]] += d(row["quantity"])
                assert row["event"] == "sale"
                assert row["currency"] == "USDT"
                assert d(row["proceeds"]) - d(row["cost"]) == d(row["gain"])
            orders = [o for o in bench.venue.posts if o.side.value == "sell"]
            assert sold == {c: sum(o.quantity for o in orders if o.symbol.startswith(c)) for c in sold}

    run(story)


def test_the_methods_differ_where_lots_differ(tmp_path: Path) -> None:
    async def story() -> None:
        bench = Bench(venue(), sheets=CsvFiles())
        async with bench.running():
            core = await a_story(bench)
            dates = {}
            for method in (LotMethod.FIFO, LotMethod.LIFO):
                rows = await exported(bench, tmp_path / "lots.csv", Sheet.LOTS, method)
                last = [row for row in rows if row["coin"] == "ETH"]
                dates[method] = [row["date_acquired"] for row in last]
                assert {row["strategy"] for row in rows} == {"'=Core"}, "a name is no formula for a spreadsheet"
                assert all(row["holding_days"] in {"0", "1", "2", "3"} for row in rows)
            assert dates[LotMethod.FIFO] == sorted(dates[LotMethod.FIFO])
            assert dates[LotMethod.LIFO] == sorted(dates[LotMethod.FIFO], reverse=True)
            assert len(dates[LotMethod.FIFO]) == 3
            assert core

    run(story)


def test_coins_that_were_there_before_have_no_known_cost_and_those_of_which_it_was_told_have_it(tmp_path: Path) -> None:
    async def story() -> None:
        bench = Bench(venue(BTC="5", ETH="5"), sheets=CsvFiles())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            held = (HeldCoin("BTC", d(5), d(40)), HeldCoin("ETH", d(5), None))
            core = await bench.create(calm(investment="0", BTC=50, ETH=50), held)
            await bench.venue.push()
            await bench.do(lambda i: StopStrategy(i, core, sell_all=True))
            await bench.venue.push(DAY)
        later = Bench(bench.venue, bench.store, sheets=CsvFiles())
        async with later.running():
            rows = {row["coin"]: row for row in await exported(later, tmp_path / "lots.csv", Sheet.LOTS)}
            assert (rows["BTC"]["cost"], rows["BTC"]["gain"]) == ("200", "300")
            assert (rows["ETH"]["cost"], rows["ETH"]["gain"]) == ("unknown", "unknown")
            assert rows["ETH"]["proceeds"] == "500"
            assert "not known" in rows["ETH"]["note"]
            assert {row["date_acquired"] for row in rows.values()} == {"unknown"}
            assert {row["holding_days"] for row in rows.values()} == {"unknown"}

    run(story)


def test_transactions_for_a_tax_tool_add_up_to_what_the_account_holds(tmp_path: Path) -> None:
    async def story() -> None:
        bench = Bench(venue("0.001"), sheets=CsvFiles())
        async with bench.running():
            await a_story(bench)
            rows = await exported(bench, tmp_path / "all.csv", Sheet.TRANSACTIONS)
            balance: dict[str, Decimal] = {}
            for row in rows:
                for sign, what in ((1, "Received"), (-1, "Sent"), (-1, "Fee")):
                    if row[f"{what} Amount"]:
                        asset = row[f"{what} Currency"]
                        balance[asset] = balance.get(asset, ZERO) + sign * d(row[f"{what} Amount"])
            held = bench.venue.held
            assert {a: n for a, n in balance.items() if n} == {a: n for a, n in held.items() if n}
            assert rows[0]["Description"] == "deposit"
            assert all(row["Date"].endswith(" UTC") and len(row["Date"]) == 23 for row in rows)
            assert list(rows[0]) == [
                "Date", "Sent Amount", "Sent Currency", "Received Amount", "Received Currency", "Fee Amount",
                "Fee Currency", "Net Worth Amount", "Net Worth Currency", "Label", "Description", "TxHash",
            ]  # fmt: skip

    run(story)


def test_transactions_for_cointracker_are_the_same_in_the_columns_and_dates_that_it_demands(tmp_path: Path) -> None:
    async def story() -> None:
        bench = Bench(venue("0.001"), sheets=CsvFiles())
        async with bench.running():
            await a_story(bench)
            rows = await exported(bench, tmp_path / "all.csv", Sheet.TRANSACTIONS)
            same = await exported(bench, tmp_path / "all.csv", Sheet.COINTRACKER)
            assert list(same[0]) == [
                "Date", "Received Quantity", "Received Currency", "Sent Quantity", "Sent Currency", "Fee Amount",
                "Fee Currency", "Tag",
            ]  # fmt: skip
            read = [
                (
                    datetime.strptime(row["Date"] + "+0000", "%m/%d/%Y %H:%M:%S%z").strftime("%Y-%m-%d %H:%M:%S UTC"),
                    row["Sent Quantity"], row["Sent Currency"], row["Received Quantity"], row["Received Currency"],
                    row["Fee Amount"], row["Fee Currency"],
                )
                for row in same
            ]  # fmt: skip
            assert read == [tuple(list(row.values())[:7]) for row in rows]
            assert {row["Tag"] for row in same} == {""}
            bought = [row for row in same if row["Sent Currency"] == "USDT"]
            assert bought
            assert all(d(row["Received Quantity"]) > ZERO for row in bought)

    run(story)


@pytest.mark.parametrize("sheet", [s for s in Sheet if s is not Sheet.LOTS and s not in FOR_TAX_TOOLS])
def test_each_list_is_written_as_it_is_oldest_first_and_filtered(tmp_path: Path, sheet: Sheet) -> None:
    async def story() -> None:
        bench = Bench(venue("0.001"), sheets=CsvFiles())
        async with bench.running():
            core = await a_story(bench)
            rows = await exported(bench, tmp_path / "list.csv", sheet)
            times = [row["time"] for row in rows]
            assert times == sorted(times)
            assert rows
            mine = await exported(bench, tmp_path / "list.csv", sheet, chosen=RecordFilter(core))
            assert [row for row in rows if row["strategy_id"] == core] == mine
            assert {row["strategy"] for row in mine} == {"'=Core"}
            none = await exported(bench, tmp_path / "list.csv", sheet, chosen=RecordFilter("nobody"))
            assert none == []

    run(story)


def test_a_cancelled_export_leaves_the_file_that_was_there_and_the_account_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        bench = Bench(venue(), sheets=CsvFiles())
        path = tmp_path / "lots.csv"
        path.write_text("what was there")
        async with bench.running():
            await a_story(bench)
            gate = asyncio.Event()

            async def held_up(*_: object) -> None:
                gate.set()
                await asyncio.Event().wait()

            monkeypatch.setattr(bench.venue.clock, "sleep", held_up)
            bench.engine.post(ExportRecords("export", "paper", Sheet.FILLS, path))
            await gate.wait()
            monkeypatch.undo()
            before = len(bench.rebalances)
            await bench.create(calm(name="Other", investment="500", BTC=50, ETH=50))
            await bench.venue.push()
            assert len(bench.rebalances) > before, "an account trades while its records are being written"
            done = await bench.ask(lambda i: CancelExport(i, "export"))
            assert isinstance(done, CommandDone)
            await bench.until(lambda: [e for e in bench.of(CommandRejected) if e.message == CANCELLED])
            assert path.read_text() == "what was there"
            late = await bench.rejected(lambda i: CancelExport(i, "export"))
            assert "over already" in late.message

    run(story)
    assert [p.name for p in tmp_path.iterdir()] == ["lots.csv"]


def test_progress_is_told_and_a_folder_that_cannot_be_written_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rebalancer_gui.application.record_desk._TELL_EVERY", 0)

    async def story() -> None:
        bench = Bench(venue(), sheets=CsvFiles())
        async with bench.running():
            await a_story(bench)
            await exported(bench, tmp_path / "lots.csv", Sheet.LOTS)
            told = bench.of(ExportProgress)
            assert [t.done for t in told] == sorted(t.done for t in told)
            assert told[-1].done == told[-1].total > 5
            bench.events.clear()
            nowhere = tmp_path / "nowhere" / "lots.csv"
            answer = await answered(bench, lambda i: ExportRecords(i, "paper", Sheet.LOTS, nowhere))
            assert isinstance(answer, CommandRejected)
            assert "cannot be written" in answer.message
            assert answer.field == "export"

    run(story)


def test_a_withdrawal_is_no_sale_and_takes_its_lots_along(tmp_path: Path) -> None:
    async def story() -> None:
        bench = Bench(venue(), sheets=CsvFiles())
        async with bench.running():
            await bench.venue.push(BTC="100", ETH="100")
            core = await bench.create(calm(investment="1000", BTC=50, ETH=50))
            await bench.venue.push()
            await bench.do(lambda i: StopStrategy(i, core, sell_all=False))
            await bench.venue.push()
            bench.venue.held["BTC"] -= 2
            for _ in range(4):
                await bench.venue.push(timedelta(minutes=10))
            rows = await exported(bench, tmp_path / "lots.csv", Sheet.LOTS)
            assert [(r["event"], r["coin"], r["quantity"], r["cost"], r["gain"]) for r in rows] == [
                ("moved out", "BTC", "2", "200", "")
            ]

    run(story)


def test_a_page_of_records_says_how_many_there_are_when_asked() -> None:
    async def story() -> None:
        bench = Bench(venue())
        async with bench.running():
            core = await a_story(bench)
            answer = await bench.ask(
                lambda i: LoadRecords(i, "paper", HistoryKind.ORDERS, RecordFilter(core), limit=2, count=True)
            )
            assert isinstance(answer, RecordsPage)
            assert len(answer.page.rows) == 2
            assert answer.total == len(bench.venue.posts)
            refused = await bench.rejected(lambda i: ExportRecords(i, "paper", Sheet.LOTS, Path("lots.csv")))
            assert "Nothing can be exported here" in refused.message

    run(story)
