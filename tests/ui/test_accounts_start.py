"""The window with the real engine and an exchange on loopback: an account comes, is shown, and goes; its key is nowhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.secrets.canary import found_in


@pytest.mark.failure(54)
def test_an_account_is_added_shown_and_removed_in_the_window_and_its_key_leaves_no_trace(tmp_path: Path):
    script = Path(__file__).with_name("accounts_start.py")
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "data")],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(tmp_path)},
        capture_output=True, timeout=90, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr.decode()
    seen = json.loads(ran.stdout.decode().splitlines()[-1])
    assert (seen["first"], seen["mode"], seen["left"]) == ("paper", "LIVE", ["paper"])
    assert seen["title"].startswith("LIVE")
    assert "Canary" in seen["title"]
    assert seen["accounts"] == ["Paper - demo market", "Canary", "", "Add an account\u2026"]
    assert seen["kept"] == "Kept in memory only"
    assert "Canary-removed-" in seen["outcome"]
    contents = {"output": ran.stdout + ran.stderr}
    contents |= {str(f): f.read_bytes() for f in tmp_path.rglob("*") if f.is_file() and not f.is_symlink()}
    assert [f"{name}: {leak}" for name, content in contents.items() for leak in found_in(content)] == []
    assert any(name.endswith("rebalancer.log") for name in contents)
