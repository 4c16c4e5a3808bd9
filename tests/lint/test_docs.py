"""What the pages for people name is there: tests by path and name, controls by objectName, commands of the console."""

import re
import shlex
from pathlib import Path

import pytest

from rebalancer_gui.console.arguments import build_parser

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs" / "binance-parity.md", ROOT / "docs" / "guide" / "moving-from-binance.md"]
PLACEHOLDERS = {"AMOUNT": "100", "ASSET": "BTC"}


def quoted(page: Path) -> list[str]:
    """Everything between single backticks."""
    return re.findall(r"`([^`\n]+)`", page.read_text(encoding="utf-8"))


def window_source() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "rebalancer_gui" / "ui").rglob("*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_a_page_names_is_there(page: Path):
    missing = []
    for path, name in (word.split("::") for word in quoted(page) if word.startswith("tests/") and "::" in word):
        file = ROOT / path
        if not file.exists() or not re.search(
            rf"^\s*(async )?def {name}\(", file.read_text(encoding="utf-8"), re.MULTILINE
        ):
            missing.append(f"{path}::{name}")
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_control_that_a_page_names_is_in_the_window(page: Path):
    source = window_source()
    # Fields of one kind are named by what they are for: the row of `stopLoss` has the field `stopLossEdit`.
    names = {word for word in quoted(page) if re.fullmatch(r"[a-z]+([A-Z][a-z]*)+", word)}
    known = {name for name in names if f'"{name}"' in source or f'"{name.removesuffix("Edit")}"' in source}
    assert names
    assert names - known == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_understood(page: Path):
    commands = [word for word in quoted(page) if word.startswith("rebalancer ")]
    assert commands
    for command in commands:
        words = [PLACEHOLDERS.get(word, word) for word in shlex.split(command)[1:]]
        build_parser().parse_args(words)
