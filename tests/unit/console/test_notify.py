"""`rebalancer notify ...`: addresses come in without being seen and never go out."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from rebalancer_gui.application.notices import NotSent, TellOf
from rebalancer_gui.cli import main
from rebalancer_gui.console.arguments import build_parser
from rebalancer_gui.console.notifying import run
from rebalancer_gui.console.output import Printer
from rebalancer_gui.domain.errors import EnvironmentProblem, InvalidInput
from tests.unit.notifying.test_desk import ADDRESS, Bench, Connected


class Console:
    """One command after the other on a desk of the test's own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.bench = Bench()
        self._patch, self._capsys = monkeypatch, capsys

    def say(self, *words: str, typed: str = "", as_json: bool = True):
        self._patch.setattr(sys, "stdin", io.StringIO(typed))
        run(build_parser().parse_args(["notify", *words]), self.bench.desk, Printer(as_json=as_json, quiet=False))
        said = self._capsys.readouterr().out
        assert "my-secret-topic" not in said
        return json.loads(said) if as_json else said

    def phone(self) -> Connected:
        (found,) = [n for n in self.bench.desk.notifiers() if n.name == "Phone"]
        assert isinstance(found, Connected)
        return found


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    return Console(monkeypatch, capsys)


def test_a_channel_is_added_from_standard_input_listed_masked_tested_and_removed(console: Console) -> None:
    added = console.say("add", "--name", "Phone", typed=f"{ADDRESS}\n")
    row = {"name": "Phone", "kind": "ntfy", "address": "ntfys://…/…", "kept_in": "keyring"}
    assert added == row | {"unencrypted": False}
    assert console.say("list")["channels"] == [row]
    assert console.say("test", "phone") == {"Phone": "sent"}
    assert len(console.phone().sent) == 1
    assert console.say("remove", "Phone") == row
    assert console.say("list")["channels"] == []


def test_a_test_of_all_names_those_that_failed_after_all_were_tried(console: Console) -> None:
    console.say("add", "--name", "Phone", typed=ADDRESS)
    console.bench.desktop.fault = NotSent("there is no desktop.", again=False)
    with pytest.raises(EnvironmentProblem, match=r"^desktop: there is no desktop\.$"):
        console.say("test")
    assert len(console.phone().sent) == 1


def test_an_address_that_is_none_is_bad_input(console: Console) -> None:
    with pytest.raises(InvalidInput) as refused:
        console.say("add", typed="hello\n")
    assert refused.value.field == "url"


def test_what_is_told_is_switched_by_name_and_limits_are_set(console: Console) -> None:
    console.say("set", "rejected", "off")
    console.say("set", "keep-awake", "off")
    console.say("set", "skipped-hours", "6")
    answer = console.say("set", "low-bnb-limit", "0.05")
    assert answer["events"] == {of.value: of is not TellOf.REJECTED for of in TellOf}
    assert (answer["keep_awake"], answer["skipped_hours"], answer["low_bnb_limit"]) == (False, 6, "0.05")
    assert console.say("set", "rejected", "on")["events"]["rejected"] is True


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("paper", "yes"),
        ("skipped-hours", "0"),
        ("skipped-hours", "1e3"),
        ("low-bnb-limit", "-1"),
        ("low-bnb-limit", "x"),
    ],
)
def test_a_value_that_is_not_legal_is_refused_and_nothing_is_changed(console: Console, what: str, value: str) -> None:
    before = console.bench.desk.settings
    with pytest.raises(InvalidInput):
        console.say("set", what, value)
    assert console.bench.desk.settings == before


def test_the_list_for_people_says_what_is_on(console: Console) -> None:
    console.say("add", "--name", "Phone", typed=ADDRESS)
    text = console.say("list", as_json=False)
    assert "Phone (ntfy, ntfys://…/…, in the keyring)" in text
    assert "halted; stop-loss" in text


def test_on_a_new_data_folder_nothing_is_set_up_and_no_account_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["notify", "list", "--json", "--data-dir", str(tmp_path / "data")]) == 0
    assert json.loads(capsys.readouterr().out)["channels"] == []
    assert not (tmp_path / "data" / "accounts").exists()
