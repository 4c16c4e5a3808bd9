"""The program starts without ccxt, which the first question to an exchange imports when the window is on screen, without
numpy, which only charts and backtests need, and without a look at the source text of any module.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_START = """
import sys
from pathlib import Path
import rebalancer_gui.__main__, rebalancer_gui.windowed, rebalancer_gui.cli, rebalancer_gui.headless, rebalancer_gui.ui.app
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.bootstrap import live_paper_account
folder = DataFolder(Path(sys.argv[1]))
folder.open()
live_paper_account(folder, "Live", VenueSpec("binance"))
folder.close()
print(sorted({name.partition(".")[0] for name in sys.modules} & {"ccxt", "aiohttp", "numpy"}))
"""


def test_neither_window_nor_console_nor_an_account_on_live_prices_imports_ccxt_or_numpy_at_its_start(tmp_path: Path):
    made = subprocess.run(
        [sys.executable, "-c", _START, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert made.stdout.strip() == "[]", made.stdout + made.stderr


_SOURCES = """
import linecache, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from rebalancer_gui.ui.opening import show_opening
before = set(linecache.cache)
import rebalancer_gui.windowed, rebalancer_gui.ui.app
print(len(sys.modules) > 500, sorted(set(linecache.cache) - before)[:5])
"""


def test_no_source_text_is_read_and_kept_while_the_window_is_imported():
    made = subprocess.run([sys.executable, "-c", _SOURCES], capture_output=True, text=True, timeout=60, check=False)
    assert made.stdout.strip() == "True []", made.stdout + made.stderr


_RESTS = """
import gc, os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from rebalancer_gui.__main__ import main
try:
    main(["--version"])
except SystemExit:
    pass
print(gc.isenabled(), gc.get_freeze_count() > 30_000, len(gc.get_objects()) < 10_000)
"""


def test_the_collector_of_cycles_rests_while_the_program_is_imported_and_never_walks_over_it_later():
    made = subprocess.run([sys.executable, "-c", _RESTS], capture_output=True, text=True, timeout=60, check=False)
    assert made.stdout.splitlines()[-1] == "True True True", made.stdout + made.stderr
