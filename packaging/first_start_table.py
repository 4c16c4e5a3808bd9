"""How soon does a portfolio leave its threshold on the demo market? The figures behind ``resources/demo/first_start.toml``.

    python3 packaging/first_start_table.py [--preset ID | --coins BTC,ETH] [--start DATE] [--threshold PP] [--seeds N]

Without arguments it works out the shipped first start. A portfolio is bought at mid prices with the weights of the day
of its start, looked at on the quote grid of the shipped speed (strictly above the threshold), and put back to its
targets without costs at each breach. "Any start" begins one portfolio every six hours of the following 20 days.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rebalancer_gui.adapters.market_data.first_start import read_first_start  # noqa: E402 - the path comes first
from rebalancer_gui.adapters.market_data.history import DailyHistory, HistoricalMarketCaps  # noqa: E402
from rebalancer_gui.adapters.market_data.market_rules import read_market_rules  # noqa: E402
from rebalancer_gui.adapters.market_data.preset_files import read_presets  # noqa: E402
from rebalancer_gui.adapters.market_data.price_path import PricePath, quote_spacing  # noqa: E402
from rebalancer_gui.adapters.market_data.replay import ReplayPrices, midnight  # noqa: E402
from rebalancer_gui.application.presets import build_card  # noqa: E402
from rebalancer_gui.domain.allocation import equal_weights  # noqa: E402
from rebalancer_gui.domain.money import HUNDRED, total  # noqa: E402
from rebalancer_gui.domain.strategy import Target  # noqa: E402

TWO_WEEKS = dt.timedelta(days=14)
ANY_START = dt.timedelta(days=20)
ANY_STEP = dt.timedelta(hours=6)
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Course:
    """What became of one portfolio: market time to its first breach (None: none came), and how many came in all."""

    first: dt.timedelta | None
    breaches: int


def follow(
    path: PricePath,
    targets: Sequence[Target],
    start: dt.datetime,
    threshold: Decimal,
    *,
    spacing: dt.timedelta,
    only_first: bool = False,
) -> Course:
    """Buy ``targets`` at ``start`` and go back to them whenever the worst drift exceeds ``threshold`` pp, for two weeks.

    The look ends early where the path does.
    """
    first: dt.timedelta | None = None
    breaches = 0
    bought = _prices(path, targets, start)
    at = start + spacing
    while bought is not None and at <= start + TWO_WEEKS:
        now = _prices(path, targets, at)
        if now is None:
            break
        values = [t.weight * new / old for t, new, old in zip(targets, now, bought, strict=True)]
        worth = total(values)
        if max(abs(value * HUNDRED / worth - t.weight) for t, value in zip(targets, values, strict=True)) > threshold:
            first = first or at - start
            breaches += 1
            if only_first:
                break
            bought = now
        at += spacing
    return Course(first, breaches)


def _prices(path: PricePath, targets: Sequence[Target], at: dt.datetime) -> list[Decimal] | None:
    found = [path.price(t.asset, at) for t in targets]
    known = [price for price in found if price is not None]
    return known if len(known) == len(found) else None


def preset_targets(resources: Path, history: DailyHistory, preset_id: str, at: dt.datetime) -> tuple[Target, ...]:
    """The weights that the preset's card shows at ``at`` on the paper account."""
    rules = read_market_rules(resources / "markets" / "paper_spot.toml")
    preset = next(p for p in read_presets(resources / "presets") if p.id == preset_id)
    card = build_card(preset, quote="USDT", rules=rules, quotes={}, caps=HistoricalMarketCaps(history), at=at)
    return card.targets


def hours(course: Course) -> float:
    return course.first / HOUR if course.first is not None else float("inf")


def main() -> int:
    resources = ROOT / "resources"
    shipped = read_first_start(resources / "demo" / "first_start.toml")
    parser = argparse.ArgumentParser(description="How soon a portfolio leaves its threshold on the demo market.")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--preset", default=shipped.preset)
    choice.add_argument("--coins", help="equal weights of these instead of a preset, such as BTC,ETH")
    parser.add_argument("--start", type=dt.date.fromisoformat, default=shipped.start_date)
    parser.add_argument("--threshold", type=Decimal, default=shipped.threshold)
    parser.add_argument("--seeds", type=int, default=10)
    chosen = parser.parse_args()
    history = DailyHistory(resources / "demo")
    spacing = quote_spacing(shipped.speed)

    def targets_at(at: dt.datetime) -> tuple[Target, ...]:
        if chosen.coins:
            return equal_weights(chosen.coins.split(","))
        return preset_targets(resources, history, chosen.preset, at)

    begin = midnight(chosen.start)
    starts = [begin + ANY_STEP * n for n in range(ANY_START // ANY_STEP)]
    paths = [ReplayPrices(history, seed) for seed in range(shipped.seed, shipped.seed + chosen.seeds)]
    print(f"{chosen.coins or chosen.preset}, {chosen.threshold} pp, from {chosen.start}, {chosen.seeds} seeds")
    print(", ".join(f"{t.asset} {t.weight}" for t in targets_at(begin)))
    here = [follow(path, targets_at(begin), begin, chosen.threshold, spacing=spacing) for path in paths]
    print(
        f"start on the date: first breach after {hours(here[0]):.1f} h with seed {shipped.seed}, "
        f"{statistics.median(map(hours, here)):.1f} h in the middle, {max(map(hours, here)):.1f} h at most; "
        f"breaches in two weeks: {here[0].breaches}, at least {min(c.breaches for c in here)}"
    )
    anywhere = sorted(
        hours(follow(path, targets, at, chosen.threshold, spacing=spacing, only_first=True))
        for at, targets in ((at, targets_at(at)) for at in starts)
        for path in paths
    )
    print(
        f"any start: first breach after {statistics.median(anywhere):.1f} h in the middle, "
        f"{anywhere[int(len(anywhere) * 0.9)]:.1f} h in nine of ten, {anywhere[-1]:.1f} h at most"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
