"""A channel whose address holds a canary, through real commands and a running engine: messages arrive, the canary is nowhere."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from rebalancer_gui.adapters.storage.stop_file import StopFile
from tests.secrets.canary import CANARY
from tests.secrets.test_canary import COMMAND, VAULT, environment, leaks, place, run, until
from tests.support.loopback_services import HttpService, http_service

pytestmark = [pytest.mark.failure(54), pytest.mark.e2e]
__all__ = ["place"]


@pytest.fixture
def web():
    with http_service() as service:
        yield service


def titles(web: HttpService) -> list[str]:
    return [json.loads(heard.body)["title"] for heard in web.heard]


def running_told(place: Path, web: HttpService) -> str:
    """`run` until Stop all was told. Answers what it printed."""
    read_end, write_end = os.pipe()
    os.write(write_end, f"{VAULT}\n".encode())
    os.close(write_end)
    with (place / "output").open("w+") as log:
        program = subprocess.Popen(
            [*COMMAND, "run", "--data-dir", str(place / "data"), "--passphrase-fd", str(read_end)],
            cwd=place, env=quiet(place), stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=[read_end],
        )  # fmt: skip
        os.close(read_end)
        try:
            until(lambda: "Market time" in (place / "output").read_text(), program)
            StopFile(place / "data").set()
            until(lambda: "Stop all is on" in "".join(titles(web)), program)
            # Told is told only once it is stored.
            until((place / "data" / "told.json").exists, program)
            program.send_signal(signal.SIGTERM)
            assert program.wait(20) == 0
        finally:
            program.kill()
            program.wait()
    return (place / "output").read_text()


def quiet(place: Path) -> dict[str, str]:
    """Without a desktop: nobody at this machine is told of a test."""
    return environment(place) | {"DBUS_SESSION_BUS_ADDRESS": "", "XDG_RUNTIME_DIR": ""}


def test_an_address_is_used_by_commands_and_by_the_engine_and_leaves_no_trace(place: Path, web: HttpService):
    address = f"json://me:{quote(CANARY, safe='')}@{web.url}/hook"
    added = run(place, "notify", "add", "--name", "Hook", "--json", stdin=f"{address}\n")
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout) == {
        "name": "Hook", "kind": "JSON", "address": "json://\N{HORIZONTAL ELLIPSIS}/\N{HORIZONTAL ELLIPSIS}", "kept_in": "passphrase", "unencrypted": False,
    }  # fmt: skip
    sent = run(place, "notify", "test", "Hook")
    assert sent.returncode == 0, sent.stderr
    assert web.heard[0].headers["Authorization"] == "Basic " + base64.b64encode(f"me:{CANARY}".encode()).decode()
    web.heard.clear()
    said = [running_told(place, web), added.stdout, added.stderr, sent.stdout, sent.stderr]
    assert titles(web) == ["PAPER Paper - demo market: Stop all is on"]
    assert leaks(place, *said) == []


def test_a_locked_vault_is_said_and_an_address_is_not_kept_without_one(place: Path, web: HttpService):
    refused = run(place, "notify", "add", stdin=f"json://me:{quote(CANARY, safe='')}@{web.url}/hook\n", passphrase=None)
    assert refused.returncode == 1
    assert "There is no place to keep the address" in refused.stderr
    assert leaks(place, refused.stdout, refused.stderr) == []
