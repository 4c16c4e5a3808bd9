"""A canary key through real commands and a real exchange on loopback: it is found nowhere, in no writing.

What is looked at: everything the program wrote into its data folder and its home (logs, database, settings, backups), what it
printed, its command line and its environment while it runs, and its temporary files.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rebalancer_gui.application.connection import Credentials
from tests.secrets.canary import CANARY, CANARY_PASS, CANARY_SECRET, encodings, found_in
from tests.secrets.exchange import Exchange, exchange

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "rebalancer_gui.cli"]
VAULT = "a passphrase for the canary"
pytestmark = [pytest.mark.failure(54), pytest.mark.e2e]


@pytest.fixture(scope="module")
def venue() -> Iterator[Exchange]:
    with exchange(Credentials(CANARY, CANARY_SECRET, "")) as made:
        yield made


def world(place: Path) -> Path:
    """A world of its own: data folder, home and temporary files."""
    for name in ("data", "home", "temp"):
        (place / name).mkdir(mode=0o700, parents=True)
    return place


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return world(tmp_path / "world")


@pytest.fixture(scope="module")
def template(venue: Exchange, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world with the account in it: adding it takes a while, so it is done once."""
    made = world(tmp_path_factory.mktemp("template") / "world")
    added = add(made, venue)
    assert added.returncode == 0, added.stderr
    return made


@pytest.fixture
def added(template: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(template, tmp_path / "world"))


def environment(place: Path) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": str(ROOT),
        "HOME": str(place / "home"),
        "TMPDIR": str(place / "temp"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def run(place: Path, *words: str, stdin: str = "", passphrase: str | None = VAULT) -> subprocess.CompletedProcess[str]:
    """One command; the passphrase of the vault comes by a pipe."""
    read_end, write_end = os.pipe()
    if passphrase is not None:
        os.write(write_end, f"{passphrase}\n".encode())
    os.close(write_end)
    more = ["--passphrase-fd", str(read_end)] if passphrase is not None else []
    try:
        return subprocess.run(
            [*COMMAND, *words, *more, "--data-dir", str(place / "data")],
            cwd=place, env=environment(place), input=stdin, capture_output=True, text=True, check=False,
            timeout=60, pass_fds=[read_end],
        )  # fmt: skip
    finally:
        os.close(read_end)


def add(
    place: Path, venue: Exchange, *, name: str = "Canary", secret: str = CANARY_SECRET
) -> subprocess.CompletedProcess[str]:
    words = ("account", "add", "--name", name, "--venue", "binance", "--api-url", venue.url, "--json")
    return run(place, *words, stdin=f"{CANARY}\n{secret}\n\n")


def leaks(place: Path, *texts: str) -> list[str]:
    """Where a canary was found."""
    found = [f"output: {leak}" for text in texts for leak in found_in(text.encode())]
    for file in sorted(place.rglob("*")):
        if file.is_file() and not file.is_symlink():
            found += [f"{file.relative_to(place)}: {leak}" for leak in found_in(file.read_bytes())]
    return found


def test_the_search_itself_finds_each_writing(place: Path):
    for value in (CANARY, CANARY_SECRET, CANARY_PASS):
        for name, form in encodings(value).items():
            (place / "data" / "planted").write_bytes(b"before " + form.encode("latin-1") + b" after")
            assert any(leak.endswith(name) for leak in leaks(place)), name


def test_real_commands_leave_no_trace_of_the_key(place: Path, venue: Exchange):
    venue.core.may_withdraw = False
    added = add(place, venue)
    assert added.returncode == 0, added.stderr
    answer = json.loads(added.stdout)
    assert (answer["kind"], answer["kept"], answer["mode"]) == ("exchange", "passphrase", "watch")
    assert answer["permissions"]["withdraw"] is False
    said = [added.stdout, added.stderr]
    for words in (("account", "test", "Canary", "--json"), ("doctor",)):
        done = run(place, *words)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        said += [done.stdout, done.stderr]
    assert '"balances"' in said[2]
    # Both accounts: the one on the demo market, and the one at the exchange.
    assert run(place, "stop-all").returncode == 0
    resumed = run(place, "resume-all", "--json")
    assert (resumed.returncode, json.loads(resumed.stdout)["stop_all"]) == (0, False), resumed.stderr
    again = run(place, "account", "show", "--account", "Canary")
    assert again.returncode == 0
    assert not (place / "data" / "STOP").exists()
    said += [resumed.stdout, resumed.stderr, again.stdout, again.stderr]
    removed = run(place, "account", "remove", "Canary", "--yes")
    assert removed.returncode == 0, removed.stderr
    assert leaks(place, *said, removed.stdout, removed.stderr) == []
    assert VAULT not in "".join(said)


def test_the_running_engine_shows_the_key_neither_in_its_command_line_nor_in_its_environment_nor_to_debuggers(
    added: Path,
):
    place = added
    read_end, write_end = os.pipe()
    os.write(write_end, f"{VAULT}\n".encode())
    os.close(write_end)
    log = (place / "output").open("w+")
    program = subprocess.Popen(
        [*COMMAND, "run", "--account", "Canary", "--data-dir", str(place / "data"), "--passphrase-fd", str(read_end)],
        cwd=place, env=environment(place), stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[read_end],
    )  # fmt: skip
    os.close(read_end)
    try:
        until(lambda: "Strategies: " in (place / "output").read_text(), program)
        if sys.platform == "linux":
            for name in ("cmdline", "environ"):
                assert found_in(Path(f"/proc/{program.pid}/{name}").read_bytes()) == []
            limits = Path(f"/proc/{program.pid}/limits").read_text()
            core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
            assert core.split()[4:6] == ["0", "0"]
        # It dies as hard as a process can: nothing is left behind for anybody to read.
        program.send_signal(signal.SIGABRT)
        program.wait(20)
    finally:
        program.kill()
        program.wait()
        log.close()
    assert leaks(place) == []


def test_without_the_passphrase_the_account_only_watches_and_that_is_said(added: Path):
    place = added
    log = (place / "output").open("w+")
    program = subprocess.Popen(
        [*COMMAND, "run", "--data-dir", str(place / "data")],
        cwd=place, env=environment(place), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
    )  # fmt: skip
    try:
        until(lambda: "Prices and plans are shown" in (place / "output").read_text(), program)
        until(lambda: "Market time" in (place / "output").read_text(), program)
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0
    finally:
        program.kill()
        program.wait()
        log.close()
    said = (place / "output").read_text()
    assert "The key of Canary is in the vault, which is locked: nothing is sent for it." in said
    assert "--passphrase-fd" in said
    assert leaks(place) == []


def test_a_wrong_passphrase_and_a_refused_key_are_sentences_without_the_key(added: Path, venue: Exchange):
    place = added
    refused = add(place, venue, name="Other", secret=CANARY_PASS)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("key: ")
    wrong = run(place, "account", "list", passphrase="not the passphrase")
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("passphrase: This passphrase does not open the vault")
    assert leaks(place, refused.stderr, wrong.stderr) == []


def test_without_a_keyring_and_without_a_passphrase_there_is_no_place_for_a_key(place: Path, venue: Exchange):
    words = ("account", "add", "--name", "Canary", "--venue", "binance", "--api-url", venue.url)
    done = run(place, *words, stdin=f"{CANARY}\n{CANARY_SECRET}\n\n", passphrase=None)
    assert done.returncode == 1
    assert "no keyring" in done.stderr
    assert "--passphrase-fd" in done.stderr
    assert not (place / "data" / "accounts" / "Canary").exists()
    assert leaks(place, done.stdout, done.stderr) == []


def test_a_key_that_may_withdraw_is_saved_to_watch_and_trading_is_refused(place: Path, venue: Exchange):
    venue.core.may_withdraw = True
    try:
        added = add(place, venue)
        assert added.returncode == 0, added.stderr
        assert "may withdraw" in added.stderr
        assert json.loads(added.stdout)["may_go_live"] is False
        live = run(place, "account", "trading", "Canary", "on", "--max-order", "50", stdin="Canary\n")
        assert live.returncode in {1, 2}, live.stdout
        assert leaks(place, added.stdout, added.stderr, live.stdout, live.stderr) == []
    finally:
        venue.core.may_withdraw = False


def until(true, program: subprocess.Popen[bytes]) -> None:
    """Half a minute at most."""
    deadline = time.monotonic() + 30
    while not true():
        assert program.poll() is None, "the program ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.05)
