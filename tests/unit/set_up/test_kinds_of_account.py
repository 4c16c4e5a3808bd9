"""What the program makes of a registered account: whose money it trades with, and with which protections."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from rebalancer_gui.adapters.storage.account_files import JsonAccountFiles
from rebalancer_gui.adapters.storage.data_folder import DataFolder
from rebalancer_gui.application.accounts import AccountRecord, KeyRecord
from rebalancer_gui.application.connection import VenueSpec
from rebalancer_gui.application.secrets import Place
from rebalancer_gui.bootstrap import exchange_account
from rebalancer_gui.cli import main
from rebalancer_gui.domain.rails import AccountKind
from rebalancer_gui.domain.strategy import TradingMode


def record(environment: str | None) -> AccountRecord:
    key = KeyRecord("0a1b2c3d", "", Place.PASSPHRASE)
    return AccountRecord("Main", AccountKind.LIVE, VenueSpec("binance", None, environment), key)


@pytest.mark.parametrize(("environment", "mode"), [(None, "LIVE"), ("sandbox", "SANDBOX"), ("demo", "SANDBOX")])
def test_a_place_to_practise_has_a_word_of_its_own_and_every_protection_of_a_live_account(
    tmp_path: Path, environment: str | None, mode: str
):
    with DataFolder(tmp_path) as folder:
        book: Any = None
        setup = exchange_account(folder, record(environment), book)
        assert setup.mode == mode
        assert (setup.rails.kind, setup.trading) == (AccountKind.LIVE, TradingMode.WATCH)
        assert setup.live is not None


def test_the_console_says_whose_money_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with DataFolder(tmp_path) as folder:
        JsonAccountFiles(folder).write(record("sandbox"))
    assert main(["account", "list", "--json", "--data-dir", str(tmp_path)]) == 0
    rows = {row["name"]: row["mode"] for row in json.loads(capsys.readouterr().out)}
    assert rows == {"paper": "paper", "Main": "sandbox"}
    monkeypatch.setattr(sys, "stdin", io.StringIO("Main\n"))
    assert main(["account", "trading", "Main", "on", "--data-dir", str(tmp_path)]) == 2
    assert "Main trades with the exchange's play money" in capsys.readouterr().err
