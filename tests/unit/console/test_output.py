"""How answers are printed: JSON that nothing can spoil, tables that line up."""

import io
import json
import sys

import pytest

from rebalancer_gui.console.output import Printer, lines, table

ROWS = [{"name": "日本", "value": "1.5", "gone": None}, {"name": "Core", "value": "-20", "gone": None}]


def printed_to_ascii(monkeypatch: pytest.MonkeyPatch, *, as_json: bool) -> bytes:
    """What a terminal that knows ASCII only is sent of the rows."""
    sent = io.BytesIO()
    terminal = io.TextIOWrapper(sent, encoding="ascii", write_through=True)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", terminal)
        Printer(as_json=as_json, quiet=False).rows(ROWS, ("name", "value"), "")
    return sent.getvalue()


def test_json_is_ascii_and_says_the_same(monkeypatch):
    assert json.loads(printed_to_ascii(monkeypatch, as_json=True).decode("ascii")) == ROWS


def test_a_letter_that_the_terminal_lacks_is_a_question_mark_and_no_error(monkeypatch):
    assert b"??" in printed_to_ascii(monkeypatch, as_json=False)


def test_a_list_in_json_has_one_row_a_line(capsys):
    Printer(as_json=True, quiet=False).rows(ROWS, ("name",), "")

    first, *middle, last = capsys.readouterr().out.splitlines()
    assert (first, last) == ("[", "]")
    assert [json.loads(line.rstrip(",")) for line in middle] == ROWS


def test_quiet_says_nothing_but_what_was_asked_for_as_json(capsys):
    Printer(as_json=False, quiet=True).answer({"id": "s-1"}, "s-1 was created")
    assert capsys.readouterr().out == ""

    Printer(as_json=True, quiet=True).answer({"id": "s-1"}, "s-1 was created")
    assert json.loads(capsys.readouterr().out) == {"id": "s-1"}


def test_an_empty_list_is_said_in_words_and_as_an_empty_array(capsys):
    Printer(as_json=False, quiet=False).rows([], ("name",), "There are no strategies.")
    Printer(as_json=True, quiet=False).rows([], ("name",), "There are no strategies.")

    assert capsys.readouterr().out == "There are no strategies.\n[]\n"


def test_numbers_stand_at_the_right_and_words_at_the_left():
    assert table(
        [{"coin": "BTC", "value": "1.5"}, {"coin": "MATIC", "value": "-20"}], ("coin", "value")
    ).splitlines() == [
        "coin   value",
        "BTC      1.5",
        "MATIC    -20",
    ]


def test_what_is_not_known_is_a_dash():
    assert lines({"profit_percent": None, "coins": []}) == "profit percent  -\ncoins           -"
