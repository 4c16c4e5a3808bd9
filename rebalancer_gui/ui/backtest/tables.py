"""The tables of "Test this rule": key figures, where the return came from, every rebalance. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from rebalancer_gui.backtest.metrics import LineFigures
from rebalancer_gui.ui.backtest.rule_run import RuleRun, TradeRow
from rebalancer_gui.ui.backtest.sweep_figures import decimal_of
from rebalancer_gui.ui.formatting import NumberFormat, age, places_of
from rebalancer_gui.ui.models.cells import Align, Cell, Column, change_cell, missing_cell, number_cell, text_cell
from rebalancer_gui.ui.strategy_words import near
from rebalancer_gui.ui.tokens import Ink
from rebalancer_gui.ui.translation import tr

SHORT = tr("The test is shorter than 7 days: nothing is said a year.")


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One line of the key figures."""

    name: str
    rule: Cell
    hodl: Cell
    best: Cell
    tip: str = ""


def figure_columns(best_asset: str = "") -> tuple[Column[FigureRow], ...]:
    """``best_asset`` names the best coin in the header."""
    best = tr("Best coin, {best_asset}", best_asset=best_asset) if best_asset else tr("Best coin")
    return (
        Column("name", tr("Key figures"), lambda row: text_cell(row.name, tip=row.tip or None)),
        Column("rule", tr("This rule"), lambda row: row.rule, align=Align.RIGHT),
        Column("hodl", "HODL", lambda row: row.hodl, align=Align.RIGHT),
        Column("best", best, lambda row: row.best, align=Align.RIGHT),
    )


def figure_rows(run: RuleRun, quote: str, numbers: NumberFormat) -> list[FigureRow]:
    """As in look/03."""
    figures = run.figures
    lines = (figures.rule, figures.hodl, figures.best_coin)

    def three(name: str, cell: Callable[[LineFigures, bool], Cell], tip: str = "") -> FigureRow:
        rule, hodl, best = (cell(line, line is figures.rule) for line in lines)
        return FigureRow(name, rule, hodl, best, tip)

    def money(line: LineFigures, bold: bool) -> Cell:
        return number_cell(numbers, decimal_of(line.final_value), bold=bold)

    def yearly(line: LineFigures, bold: bool) -> Cell:
        return change_cell(numbers, _exact(line.return_a_year), "%", bold=bold, missing=SHORT)

    def volatility(line: LineFigures, bold: bool) -> Cell:
        return number_cell(numbers, decimal_of(line.volatility), 1, "%", bold=bold)

    def drawdown(line: LineFigures, bold: bool) -> Cell:
        shown = numbers.signed(decimal_of(-line.max_drawdown), 1, "%")
        return Cell(shown, raw=decimal_of(-line.max_drawdown), bold=bold)

    def under_water(line: LineFigures, bold: bool) -> Cell:
        return Cell(age(line.under_water), raw=decimal_of(line.under_water.total_seconds() / 86_400), bold=bold)

    fees = decimal_of(figures.fees_a_year)
    paid = f"{numbers.money(fees, quote)} = {numbers.percent(decimal_of(figures.fee_drag))}"
    once = number_cell(numbers, decimal_of(run.fees_of_hodl), tip=tr("For buying once"))
    return [
        three(tr("Value at the end, {quote}", quote=quote), money),
        three(tr("Return a year"), yearly),
        FigureRow(
            tr("vs HODL a year"),
            change_cell(numbers, _exact(figures.versus_hodl_a_year), "pp", bold=True, missing=SHORT),
            missing_cell(tr("HODL is what the others are compared with")),
            change_cell(numbers, _exact(figures.best_versus_hodl_a_year), "pp", missing=SHORT),
            tr("The difference of the returns a year"),
        ),
        three(tr("Volatility a year"), volatility, tr("How much the value swings around its way")),
        three(tr("Worst drawdown"), drawdown, tr("The deepest fall from a peak")),
        three(tr("Longest time under water"), under_water, tr("From a peak until it was reached again, or the end")),
        FigureRow(
            tr("Rebalances a year"),
            number_cell(numbers, decimal_of(figures.rebalances_a_year), 1, bold=True),
            number_cell(numbers, Decimal(0), 0),
            number_cell(numbers, Decimal(0), 0),
            tr("Those that sent an order; the first build is none of them"),
        ),
        FigureRow(
            tr("Fees paid, a year"),
            Cell(paid, raw=fees, bold=True),
            once,
            once,
            tr("The first build is in it, the spread is not"),
        ),
    ]


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else decimal_of(value)


# --------------------------------------------------------------------------------------------- where the return came from


@dataclass(frozen=True, slots=True)
class SplitRow:
    """One part of the profit, in quote units and in percent of the money that was put in."""

    name: str
    amount: Decimal
    percent: Decimal
    why: str
    total: bool = False


def split_columns(quote: str, numbers: NumberFormat) -> tuple[Column[SplitRow], ...]:
    """``quote`` in the header."""
    return (
        Column("name", tr("Where the return came from"), lambda row: text_cell(row.name, bold=row.total, tip=row.why)),
        Column("amount", quote, lambda row: change_cell(numbers, row.amount, bold=row.total), align=Align.RIGHT),
        Column("percent", tr("of amount"), lambda row: change_cell(numbers, row.percent, "%", bold=row.total), align=Align.RIGHT),
        Column("why", tr("What it is"), lambda row: text_cell(row.why, ink=Ink.TEXT2, small=True, tip=row.why)),
    )  # fmt: skip


def split_rows(run: RuleRun, amount: float) -> list[SplitRow]:
    """Price effect, rebalancing effect and fees add up to the last line."""
    split = run.figures.split

    def row(name: str, value: float, why: str, *, total: bool = False) -> SplitRow:
        return SplitRow(name, decimal_of(value), decimal_of(value / amount * 100), why, total)

    return [
        row(tr("Price effect"), split.prices, tr("Bought once, at no cost")),
        row(tr("Rebalancing effect"), split.rebalancing, tr("Selling and buying since")),
        row(tr("Fees"), split.fees, tr("Paid for every order")),
        row(tr("Profit"), split.total, tr("All together"), total=True),
    ]


# ------------------------------------------------------------------------------------------------------- every rebalance


@dataclass(frozen=True, slots=True)
class ValueRow:
    """A moment of the drawn lines: values in quote units, ``drawdown`` in percent (<= 0)."""

    at: datetime
    value: float
    hodl: float
    best: float
    drawdown: float


def value_rows(run: RuleRun) -> list[ValueRow]:
    """What is drawn of ``run``, oldest first."""
    lines = run.lines
    parts = (line.tolist() for line in (lines.times, lines.value, lines.hodl, lines.best, lines.drawdown))
    return [ValueRow(datetime.fromtimestamp(at, UTC), *values) for at, *values in zip(*parts, strict=True)]


def value_columns(numbers: NumberFormat) -> tuple[Column[ValueRow], ...]:
    """Money in quote units."""

    def money(pick: Callable[[ValueRow], float]) -> Callable[[ValueRow], Cell]:
        return lambda row: number_cell(numbers, decimal_of(pick(row)))

    return (
        Column("time", tr("Time, UTC"), lambda row: Cell(f"{row.at:%Y-%m-%d %H:%M}", raw=row.at)),
        Column("value", tr("Value"), money(lambda row: row.value), align=Align.RIGHT),
        Column("hodl", "HODL", money(lambda row: row.hodl), align=Align.RIGHT),
        Column("best", tr("Best coin"), money(lambda row: row.best), align=Align.RIGHT),
        Column(
            "drawdown",
            tr("Drawdown"),
            lambda row: change_cell(numbers, decimal_of(row.drawdown), "%", places=1),
            align=Align.RIGHT,
        ),
    )


def trade_columns(numbers: NumberFormat) -> tuple[Column[TradeRow], ...]:
    """Oldest first; money in quote units."""

    def quantity(row: TradeRow) -> Cell:
        exact, shown = decimal_of(row.units), near(decimal_of(row.units))
        return Cell(
            numbers.signed(shown, places_of(shown)),
            raw=exact,
            tip=tr(
                "{part} at {decimal}",
                part=tr("Bought") if row.units > 0 else tr("Sold"),
                decimal=numbers.price(decimal_of(row.price)),
            ),
        )

    return (
        Column("time", tr("Time, UTC"), lambda row: Cell(f"{row.at:%Y-%m-%d %H:%M}", raw=row.at)),
        Column("why", tr("Why"), lambda row: text_cell(row.why, ink=Ink.TEXT2)),
        Column("coin", tr("Coin"), lambda row: text_cell(row.asset)),
        Column("quantity", tr("Quantity"), quantity, align=Align.RIGHT),
        Column("traded", tr("Value"), lambda row: number_cell(numbers, decimal_of(row.value)), align=Align.RIGHT),
        Column("fee", tr("Fee"), lambda row: number_cell(numbers, decimal_of(row.fee)), align=Align.RIGHT),
        Column(
            "after",
            tr("After"),
            header_tip=tr("What the portfolio was worth when the rebalance was done"),
            cell=lambda row: number_cell(numbers, decimal_of(row.after)),
            align=Align.RIGHT,
        ),
    )
