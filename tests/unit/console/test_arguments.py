"""What can be typed after `rebalancer`, and how it is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from rebalancer_gui.console.arguments import HISTORIES, build_parser


def parse(*words: str):
    return build_parser().parse_args(words)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as end:
        parse(*words)
    assert end.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


@pytest.mark.parametrize(
    "words",
    [
        ("--data-dir", "d", "--json", "strategy", "list"),
        ("strategy", "list", "--data-dir", "d", "--json"),
        ("--json", "strategy", "list", "--data-dir", "d"),
    ],
)
def test_options_of_every_command_stand_before_or_after_it(words):
    options = parse(*words)

    assert (options.data_dir, options.json, options.quiet, options.account) == (Path("d"), True, False, None)


def test_an_option_behind_the_command_goes_before_the_one_in_front():
    assert parse("--account", "a", "strategy", "list", "--account", "b").account == "b"


def test_every_command_that_opens_the_account_can_say_how_a_new_demo_is_made():
    for words in (
        ("strategy", "create", "f"), ("strategy", "show", "x"), ("account", "reset"), ("account", "show"), ("history", "orders"),
        ("plan", "f"), ("resume-all",), ("run",),
    ):  # fmt: skip
        options = parse(*words, "--demo-seed", "7", "--demo-start", "2021-05-01", "--demo-speed", "3600")
        assert (options.demo_seed, options.demo_start, options.demo_speed) == (7, date(2021, 5, 1), 3600)


@pytest.mark.parametrize(("text", "amount"), [("250", "250"), ("12.5", "12.5"), ("0.000000000000000001", "1E-18")])
def test_an_amount_is_a_plain_decimal_number(text, amount):
    assert parse("strategy", "add-funds", "x", text).amount == Decimal(amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1e3",
        "+5",
        "1,000",
        "1_000",
        ".5",
        "5.",
        "007",
        "NaN",
        "inf",
        "0x10",
        "٣",
        "9" * 5000,
        "1.0000000000000000001",
    ],
)
def test_anything_else_is_no_amount(capsys, text):
    said = refused(capsys, "strategy", "add-funds", "x", text)

    assert said.startswith("amount: ")
    assert said.count("\n") == 1
    assert len(said) < 200


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("run", "--demo-speed", "0"), "demo_speed"),
        (("run", "--demo-seed", "-1"), "demo_seed"),
        (("run", "--demo-start", "soon"), "demo_start"),
        (("run", "--until", "soon"), "until"),
        (("run", "--until", "2021-05-01T00:00:00+02:00"), "until"),
        (("--data-dir", "", "run"), "data_dir"),
        (("history", "everything"), "kind"),
        (("strategy", "stop", "x", "--keep", "--sell-all"), "sell_all"),
        (("plan", "f", "--add", "1", "--remove", "1"), "remove"),
    ],
)
def test_what_is_not_legal_is_refused_in_one_line_with_its_field(capsys, words, field):
    said = refused(capsys, *words)

    assert said.startswith(f"{field}: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2021-05-01", datetime(2021, 5, 1, tzinfo=UTC)),
        ("2021-05-01T06:30", datetime(2021, 5, 1, 6, 30, tzinfo=UTC)),
        ("2021-05-01T06:30:00Z", datetime(2021, 5, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_until_is_a_day_or_a_time_in_utc(text, at):
    assert parse("run", "--until", text).until == at


def test_there_are_six_histories():
    assert HISTORIES == ("orders", "fills", "rebalances", "transfers", "fees", "journal")
    assert [parse("history", kind).kind for kind in HISTORIES] == list(HISTORIES)
