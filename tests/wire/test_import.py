"""ccxt is loaded beside the window without holding it up."""

from __future__ import annotations

import subprocess
import sys

_LOADS = """
import gc, sys
from rebalancer_gui.adapters.venues.ccxt_client import venue_ids
from rebalancer_gui.adapters.venues.ccxt_import import ccxt

walks = []
gc.callbacks.append(lambda phase, about: walks.append(phase))
assert "ccxt" not in sys.modules
package = ccxt("pro")
assert not walks, f"the collector walked {len(walks) // 2} times"
assert gc.isenabled() and gc.get_freeze_count() > 50_000
before = gc.get_freeze_count()
package.binance
assert not walks, f"the collector walked {len(walks) // 2} times when an exchange was asked for"
assert gc.isenabled() and gc.get_freeze_count() > before + 5_000
assert len(gc.get_objects()) < 1_000, "so many are left to walk over"
assert ccxt("pro") is package and "binance" in venue_ids()
"""


def test_the_collector_of_cycles_rests_while_ccxt_is_loaded_and_never_walks_over_it_later():
    # Its walks over what was loaded so far held every thread up for 50 to 200 ms each; without them no module takes so long.
    done = subprocess.run([sys.executable, "-c", _LOADS], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
