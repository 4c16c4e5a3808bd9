"""The console twin and everything below it run where no Qt is installed; and the Qt that is installed is a sound one."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

IMPORT_ALL = """
import importlib, pkgutil, sys
for absent in ("PySide6", "shiboken6", "pyqtgraph"):
    sys.modules[absent] = None          # importing it raises ImportError, as where it is not installed
import rebalancer_gui
floors = ("domain", "application", "backtest", "adapters", "resources_path", "console", "cli")
names = [m.name for m in pkgutil.walk_packages(rebalancer_gui.__path__, "rebalancer_gui.", onerror=lambda name: None)
         if m.name.split(".")[1] in floors]
assert "rebalancer_gui.cli" in names, names
for name in names:
    importlib.import_module(name)
print(len(names))
"""

# The emits are what costs the references; a sound PySide6 loses none, a broken one 200.
COUNT_REFERENCES = """
import sys
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Sender(QObject):
    sent = Signal(object)

application = QCoreApplication([])
sender = Sender()
received = []
sender.sent.connect(received.append)
for _ in range(20):
    sender.sent.emit(1)
    application.processEvents()
true, none = sys.getrefcount(True), sys.getrefcount(None)
for _ in range(200):
    sender.sent.emit(1)
    application.processEvents()
print(sys.getrefcount(True) - true, sys.getrefcount(None) - none, len(received))
"""


def run_python(code: str) -> str:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_console_twin_and_all_below_it_import_without_qt():
    assert int(run_python(IMPORT_ALL)) > 1


def test_signals_of_the_installed_pyside_keep_the_reference_counts():
    true, none, received = map(int, run_python(COUNT_REFERENCES).split())

    assert received == 220
    assert abs(true) < 20, f"200 emits changed the references to True by {true}: this PySide6 aborts on this Python"
    assert abs(none) < 20, f"200 rounds changed the references to None by {none}: this PySide6 aborts on this Python"
