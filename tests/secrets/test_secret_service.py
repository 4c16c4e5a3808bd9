"""A key in the real Secret Service: gnome-keyring on a bus of its own, with a home of its own."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rebalancer_gui.application.connection import Credentials
from tests.secrets.canary import CANARY, CANARY_PASS, CANARY_SECRET, found_in
from tests.secrets.exchange import exchange

ROOT = Path(__file__).resolve().parents[2]
LACKING = [name for name in ("dbus-daemon", "gnome-keyring-daemon") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.failure(54),
    pytest.mark.e2e,
    pytest.mark.skipif(
        bool(LACKING), reason=f"needs {LACKING}: on Debian `apt-get install dbus gnome-keyring` brings them"
    ),
]
STEPS = """
import sys
from rebalancer_gui.adapters.secrets.keyring_vault import KeyringVault, choose_backend, system_backend
from rebalancer_gui.application.connection import Credentials
key, secret, phrase = sys.stdin.read().split("|")
given = Credentials(key, secret, phrase)
backend, described = choose_backend(system_backend())
vault = KeyringVault(backend, described, "ab12")
print(described, flush=True)
assert vault.load("Main") is None
vault.store("Main", given)
assert vault.load("Main") == given
assert KeyringVault(backend, described, "ab12").load("Main") == given
vault.store("Main", Credentials(key, secret + "x" * 2500, phrase))
assert vault.load("Main").secret == secret + "x" * 2500
vault.store("Main", given)
vault.forget("Main")
assert vault.load("Main") is None
vault.store("Main", given)
print("kept", flush=True)
"""
LOCKED = """
from rebalancer_gui.adapters.secrets.keyring_vault import KeyringVault, choose_backend, system_backend
from rebalancer_gui.application.secrets import VaultLocked
backend, described = choose_backend(system_backend())
try:
    KeyringVault(backend, described, "ab12", patience=20).load("Main")
except VaultLocked as error:
    print("locked:", error.message, error.advice)
"""


@contextmanager
def service(place: Path, password: str | None) -> Iterator[dict[str, str]]:
    """A bus and a keyring daemon, unlocked with ``password`` (None: left locked); gives the environment that reaches it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON_KEYRING_BACKEND"}
    environment |= {"PYTHONPATH": str(ROOT), "HOME": str(place / "home"), "TMPDIR": str(place / "temp")}
    for name, folder in (("XDG_RUNTIME_DIR", "runtime"), ("XDG_DATA_HOME", "share"), ("XDG_CONFIG_HOME", "config")):
        environment[name] = str(place / folder)
    for folder in ("home", "temp", "runtime", "share", "config", "data"):
        (place / folder).mkdir(mode=0o700, exist_ok=True)
    environment.pop("DISPLAY", None)
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address"], env=environment, stdout=subprocess.PIPE, text=True
    )
    daemon = None
    try:
        assert bus.stdout is not None
        environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
        words = ["--unlock"] if password is not None else []
        daemon = subprocess.Popen(
            ["gnome-keyring-daemon", *words, "--components=secrets", "--foreground"],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert daemon.stdin is not None
        daemon.stdin.write(password or "")
        daemon.stdin.close()
        _until_there(environment["DBUS_SESSION_BUS_ADDRESS"], daemon)
        yield environment
    finally:
        for process in (daemon, bus):
            if process is not None:
                process.terminate()
                process.wait(10)
                if process.stdout is not None:
                    process.stdout.close()


def _until_there(address: str, daemon: subprocess.Popen[str]) -> None:
    """Until the daemon has its name on the bus, a quarter of a minute at most."""
    deadline = time.monotonic() + 15
    message_bus = importlib.import_module("jeepney").message_bus
    open_dbus_connection = importlib.import_module("jeepney.io.blocking").open_dbus_connection
    with open_dbus_connection(bus=address) as bus:
        while not bus.send_and_get_reply(message_bus.NameHasOwner("org.freedesktop.secrets")).body[0]:
            assert daemon.poll() is None, "the keyring daemon ended by itself"
            assert time.monotonic() < deadline
            time.sleep(0.02)


def python(script: str, environment: dict[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip


def command(place: Path, environment: dict[str, str], *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rebalancer_gui.cli", *words, "--data-dir", str(place / "data")],
        cwd=place, env=environment, input=stdin, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def leaks(place: Path) -> list[str]:
    return [
        f"{file.relative_to(place)}: {leak}"
        for file in sorted(place.rglob("*"))
        if file.is_file()
        for leak in found_in(file.read_bytes())
    ]


def test_the_secret_service_keeps_a_key_and_no_file_of_it_can_be_read(tmp_path: Path):
    with service(tmp_path, "a password of tests") as environment:
        done = python(STEPS, environment, f"{CANARY}|{CANARY_SECRET}|{CANARY_PASS}")
        assert (done.stdout, done.returncode) == ("the Secret Service keyring\nkept\n", 0), done.stderr
    assert leaks(tmp_path) == []
    with service(tmp_path, None) as environment:
        done = python(LOCKED, environment)
        assert done.stdout.startswith("locked: The Secret Service keyring is locked"), done.stdout + done.stderr
        assert "Unlock it" in done.stdout


def test_an_account_is_added_tested_and_removed_with_its_key_in_the_secret_service(tmp_path: Path):
    key = Credentials(CANARY, CANARY_SECRET)
    with exchange(key) as venue, service(tmp_path, "a password of tests") as environment:
        words = ("account", "add", "--name", "Canary", "--venue", "binance", "--api-url", venue.url, "--json")
        added = command(tmp_path, environment, *words, stdin=f"{CANARY}\n{CANARY_SECRET}\n\n")
        assert added.returncode == 0, added.stderr
        assert json.loads(added.stdout)["kept"] == "keyring"
        tested = command(tmp_path, environment, "account", "test", "Canary", "--json")
        assert tested.returncode == 0, tested.stderr
        assert json.loads(tested.stdout)["permissions"]["trade"] is True
        removed = command(tmp_path, environment, "account", "remove", "Canary", "--yes")
        assert removed.returncode == 0, removed.stderr
    assert leaks(tmp_path) == []
    assert not (tmp_path / "data" / "keys.vault").exists()
