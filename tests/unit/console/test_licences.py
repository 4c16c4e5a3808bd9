"""`rebalancer licences` and `rebalancer --version`: at once, without a data folder."""

import json

import pytest

from rebalancer_gui import cli
from rebalancer_gui.adapters.installation import version
from rebalancer_gui.console import licences


def test_the_overview_names_every_package_and_the_full_text_every_licence(capsys):
    assert cli.main(["licences"]) == 0
    overview = capsys.readouterr().out
    assert cli.main(["licences", "--full"]) == 0
    full = capsys.readouterr().out

    assert "pyside6-essentials" in overview
    assert "You may replace them" in overview
    assert "THE SOFTWARE IS PROVIDED" not in overview
    assert "THE SOFTWARE IS PROVIDED" in full


def test_as_json_it_is_a_row_a_package(capsys):
    assert cli.main(["licences", "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)["packages"]
    assert {"name": "ccxt", "version": "4.5.90", "licence": "MIT"} in rows


def test_a_copy_without_the_texts_says_so(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(licences, "resource_dir", lambda: tmp_path)

    assert cli.main(["licences"]) == 1
    assert "The texts of the licences are missing" in capsys.readouterr().err


def test_the_version_is_said_on_standard_output(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"rebalancer {version()}\n"
