"""Money put in and taken out during a backtest: on which bar, and how much may be taken out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rebalancer_gui.backtest.bars import Floats, moment_text
from rebalancer_gui.backtest.job import Job, MarketLimit
from rebalancer_gui.domain.errors import InvalidInput

FIELD = "flows"


@dataclass(frozen=True, slots=True)
class PlannedFlow:
    """``amount`` quote units put in (> 0) or taken out (< 0) at the close of bar ``row``."""

    row: int
    amount: float


def planned_flows(job: Job) -> tuple[list[PlannedFlow], tuple[str, ...]]:
    """The flows in the order of time, each at the first bar that closes at its moment or later; and what there is to say.

    Raises InvalidInput (``flows``) for an amount that is 0 or no number.
    """
    times = job.bars.times
    planned, late, early = [], 0, 0
    for flow in sorted(job.flows, key=lambda f: f.at):
        if not math.isfinite(flow.amount) or flow.amount == 0:
            raise InvalidInput(FIELD, f"The amount at {moment_text(flow.at)} must be above or below 0.")
        row = int(np.searchsorted(times, flow.at))
        if row == len(times):
            late += 1
            continue
        early += flow.at < int(times[0])
        planned.append(PlannedFlow(row, flow.amount))
    findings = []
    if late:
        findings.append(f"Flows after the last bar ({moment_text(times[-1])}) are left out: {late}.")
    if early:
        findings.append(f"Flows before the first bar ({moment_text(times[0])}) are part of the start: {early}.")
    return planned, tuple(findings)


def refuse_removal(job: Job, flow: PlannedFlow, worth: float, prices: Floats) -> None:
    """Raises InvalidInput where a removal leaves less than the smallest legal investment of a portfolio of ``worth``."""
    if flow.amount >= 0:
        return
    must_stay = smallest_investment(job, prices)
    most = worth - must_stay
    if -flow.amount > most * (1 + 1e-12) or most <= 0:
        legal = f"at most {most:.8g} can be" if most > 0 else "nothing can be"
        raise InvalidInput(
            FIELD,
            f"{-flow.amount:.10g} cannot be taken out at {moment_text(job.bars.times[flow.row])}: of {worth:.8g} {legal}.",
        )


def smallest_investment(job: Job, prices: Floats) -> float:
    """The least money with which every coin can be bought at ``prices``: the largest of (smallest order / weight)."""
    limits = job.limits or (MarketLimit(),) * len(job.weights)
    smallest = 0.0
    for limit, weight, price in zip(limits, job.weights, prices.tolist(), strict=True):
        quantity = max(limit.min_notional / price, limit.min_quantity, limit.step)
        if limit.step:
            quantity = math.ceil(quantity / limit.step - 1e-9) * limit.step
        smallest = max(smallest, quantity * price * 100 / weight)
    return smallest
