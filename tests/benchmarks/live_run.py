"""J4 to J6 with their figures: how they are called, what is compared, what is printed."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from typing import Any, Protocol

from tests.benchmarks import batch, live
from tests.benchmarks.ours import fastest


class Report(Protocol):
    """Where figures go; ``differs`` where something did not come out equal."""

    lines: list[str]
    differs: bool

    def ratio(self, goal: str, what: str, theirs: float, own: float) -> None: ...


def measure(report: Report, *, batches: int, tickers: int, times: int) -> None:
    """``batches`` of quotes are checked and planned, an answer of ``tickers`` is read ``times`` times."""
    _checks(report, batches)
    whole = batch.whole_batches(tickers, max(batches // 20, 3))
    report.lines.append(
        f"    J4 in the whole engine, {tickers:,} markets: p50 {whole.p50 * 1e3:.1f} ms, p99 {whole.p99 * 1e3:.1f} ms a batch"
    )
    _answers(report, tickers, times)


def _checks(report: Report, batches: int) -> None:
    market, wild = live.live_market(batches), live.wild_market()
    for looked, where in ((market, "as markets move"), (wild, "with jumps")):
        judge = live.Check(looked)
        for k in range(len(looked.batches)):
            if judge(looked.quotes(k)) != live.plain_check(looked, looked.told(k)):
                report.lines.append(f"    J4 {where}: decisions differ from those of the plain check")
                report.differs = True
                break
    check, wild_check = live.Check(market), live.Check(wild)
    check(market.quotes(0))
    check.valued = 0
    jobs: tuple[live.Timed[Any], ...] = (
        (market.quotes, check),
        (market.told, partial(live.plain_check, market)),
        (
            lambda k: live.snapshot_of(market.owned[k % live.STRATEGIES], live.marks_of(market.quotes(k))),
            partial(live.plan, market),
        ),
        (wild.quotes, wild_check),
        (wild.told, partial(live.plain_check, wild)),
    )
    checked, plain, planned, wildly, plain_wildly = live.spreads(jobs, batches)
    report.ratio("G7", "J4, ccxt's dictionaries through Decimal(str()) : ours", plain.p50, checked.p50)
    report.ratio("G7", "J4, the least time of each", plain.least, checked.least)
    report.ratio("G7", "J4 in a market where every price jumps at every batch", plain_wildly.p50, wildly.p50)
    valued = check.valued / (batches * live.STRATEGIES)
    report.lines.append(f"    J4: {valued:.2%} of the strategies had to be valued")
    for name, took in (("J4", checked), ("J4 with jumps", wildly), ("J5, one plan", planned)):
        report.lines.append(
            f"G7  {name}: least {took.least * 1e6:,.0f} us, p50 {took.p50 * 1e6:,.0f} us, "
            f"p99 {took.p99 * 1e6:,.0f} us = {took.p99 / took.p50:.1f} x p50"
        )
    report.ratio("G7", "J4, plain : J5, one plan", plain.p50, planned.p50)


def _answers(report: Report, count: int, times: int) -> None:
    # ccxt takes a second to import: only here.
    from tests.benchmarks import tickers

    text = tickers.text_of(count)
    theirs = tickers.Theirs(text, count)
    with closing(tickers.Ours(text, count)) as ours:
        own_seconds, quotes = fastest(ours.read, 1)
        their_seconds, told = fastest(theirs.read, 1)
        for _ in range(times):
            own_seconds = min(own_seconds, fastest(ours.read, 1)[0])
            their_seconds = min(their_seconds, fastest(theirs.read, 1)[0])
    prices = {quote.symbol: (float(quote.bid), float(quote.ask)) for quote in quotes}
    if prices != {symbol: (ticker["bid"], ticker["ask"]) for symbol, ticker in told.items()}:
        report.lines.append("    J6: prices differ from those that ccxt reads")
        report.differs = True
    what = f"J6, {len(text) / 1e6:.2f} MB of {count:,} tickers, ccxt's fetch_tickers : ours"
    report.ratio("G8", what, their_seconds, own_seconds)
