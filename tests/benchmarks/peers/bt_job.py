"""bt in an environment of its own: ``python bt_job.py ARRAYS.npz``. Prints one JSON object.

One run over J1 with fractional positions and no costs; it gives the equity curve.
"""

from __future__ import annotations

import importlib.metadata
import json
import sys
import time

import bt
import numpy as np
import pandas as pd


class DriftBeyond(bt.Algo):  # type: ignore[misc]
    """Goes on at the first bar, and where a coin's weight is further than ``band`` from its share."""

    def __init__(self, shares, band):
        super().__init__()
        self.shares, self.band, self.begun = shares, band, False

    def __call__(self, target):
        if not self.begun:
            self.begun = True
            return True
        children = target.children
        return any(abs(children[name].weight - share) > self.band for name, share in self.shares.items())


def main(place):
    given = np.load(place)
    prices, weights, investment = given["j1"], given["weights"] / 100, float(given["investment"])
    names = [f"c{k}" for k in range(len(weights))]
    shares = dict(zip(names, weights.tolist(), strict=True))
    index = pd.date_range("2021-01-01", periods=len(prices), freq="min")
    data = pd.DataFrame(prices, index=index, columns=names)
    algos = [DriftBeyond(shares, 0.05), bt.algos.SelectAll(), bt.algos.WeighSpecified(**shares), bt.algos.Rebalance()]
    strategy = bt.Strategy("J1", algos)
    test = bt.Backtest(strategy, data, initial_capital=investment, integer_positions=False, progress_bar=False)
    begun = time.process_time()
    test.run()
    took = time.process_time() - begun
    final = float(test.strategy.values.iloc[-1])
    print(json.dumps({"version": importlib.metadata.version("bt"), "j1": took, "j1_final": final}))


if __name__ == "__main__":
    main(sys.argv[1])
