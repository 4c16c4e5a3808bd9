"""Programs that tests start as processes of their own: a second start, and the window over the scripted engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


def ask_in_another_process(key: str) -> subprocess.Popen[bytes]:
    """A start that only asks whether it is the first: exit code 0 when it is not, 1 when it is."""
    return _start("second", key)


def open_window(key: str, settings: Path) -> subprocess.Popen[bytes]:
    """The window over the scripted engine until it is closed; what it remembers is written to ``settings``."""
    return _start("window", key, str(settings))


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(_ROOT)}
    return subprocess.Popen([sys.executable, __file__, *arguments], env=environment, cwd=_ROOT)


def main(kind: str, key: str, settings: str = "") -> int:
    from rebalancer_gui.domain.errors import EnvironmentProblem
    from rebalancer_gui.ui.app import run_window
    from rebalancer_gui.ui.first_window import is_first_window
    from tests.ui.fake_engine import FakeEngine

    if kind == "second":
        return 0 if is_first_window(key) is None else 1

    def no_reset(account: str) -> Path:
        raise EnvironmentProblem(f"{account} is kept by this test.")

    def save(changed: dict[str, object]) -> None:
        Path(settings).write_text(json.dumps(changed), encoding="utf-8")

    return run_window(
        lambda sink: FakeEngine(sink, period=0.1),
        settings={},
        save_settings=save,
        reset_account=no_reset,
        repair_account=lambda repair: no_reset(repair.account),
        data_dir_key=key,
        title="Rebalancer",
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
