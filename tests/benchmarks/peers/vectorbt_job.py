"""vectorbt in an environment of its own: ``python vectorbt_job.py ARRAYS.npz``. Prints one JSON object.

Each job is run once to compile and then timed; a run gives the equity curve (of J2: each cell's final value).
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import vectorbt as vbt
from numba import njit
from vectorbt.portfolio.enums import Direction, SizeType
from vectorbt.portfolio.nb import order_nb, sort_call_seq_nb


@njit
def before_simulation(c):
    columns = c.target_shape[1]
    return (
        np.empty(columns), np.full(columns, SizeType.TargetPercent), np.full(columns, Direction.LongOnly), np.empty(columns),
    )  # fmt: skip


@njit
def before_segment(c, size, kind, direction, spare, weights, bands, looks):
    value = c.last_cash[c.group]
    for column in range(c.from_col, c.to_col):
        c.last_val_price[column] = c.close[c.i, column]
        value += c.last_position[column] * c.close[c.i, column]
    trade = c.i == 0
    if not trade and looks[c.i, c.group]:
        for k in range(c.group_len):
            column = c.from_col + k
            if abs(c.last_position[column] * c.close[c.i, column] / value - weights[k]) > bands[c.group]:
                trade = True
    count = c.group_len
    for k in range(count):
        size[k] = weights[k] if trade else np.nan
    if trade:
        sort_call_seq_nb(c, size[:count], kind[:count], direction[:count], spare[:count])
    return size, kind, direction


@njit
def order(c, size, kind, direction):
    k = c.call_seq_now[c.call_idx]
    return order_nb(size=size[k], price=c.close[c.i, c.col], size_type=kind[k], direction=direction[k])


def run(close, weights, bands, looks, investment):
    groups = len(bands)
    return vbt.Portfolio.from_order_func(
        np.tile(close, (1, groups)) if groups > 1 else close, order, pre_sim_func_nb=before_simulation,
        pre_segment_func_nb=before_segment, pre_segment_args=(weights, bands, looks), init_cash=investment, cash_sharing=True,
        group_by=np.repeat(np.arange(groups), len(weights)), max_logs=0,
    )  # fmt: skip


def timed(action, times):
    """Processor seconds of the fastest of ``times`` runs, and what the last one answered."""
    best, answer = float("inf"), None
    for _ in range(times):
        begun = time.process_time()
        answer = action()
        best = min(best, time.process_time() - begun)
    return best, answer


def main(place):
    given = np.load(place)
    weights, investment = given["weights"] / 100, float(given["investment"])
    j1, j2, looks, bands = given["j1"], given["j2"], given["looks"], given["bands"]
    every = np.ones((len(j1), 1), dtype=np.bool_)
    five = np.array([0.05])

    def one_run():
        portfolio = run(j1, weights, five, every, investment)
        return np.asarray(portfolio.value()).ravel()

    def one_by_one():
        return [
            float(np.asarray(run(j2, weights, bands[k : k + 1], looks[:, k : k + 1], investment).value()).ravel()[-1])
            for k in range(len(bands))
        ]

    def at_once():
        portfolio = run(j2, weights, bands, looks, investment)
        return np.asarray(portfolio.value())[-1].tolist()

    one_run()
    one, curve = timed(one_run, 3)
    each, finals = timed(one_by_one, 2)
    at_once()
    together, final_together = timed(at_once, 2)
    print(json.dumps({
        "version": vbt.__version__, "j1": one, "j1_final": float(curve[-1]), "j2_one_by_one": each, "j2_finals": finals,
        "j2_at_once": together, "j2_finals_at_once": final_together,
    }))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
