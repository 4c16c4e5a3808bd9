"""No visible text escapes translation, and a longer language cuts no sentence and no button off.

The window runs in a process of its own: the texts of its modules are read at their import.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale

from rebalancer_gui.ui.formatting import NumberFormat
from rebalancer_gui.ui.languages import LANGUAGES, chosen_language
from rebalancer_gui.ui.locale_numbers import marks_of

_SCRIPT = Path(__file__).parent / "pseudo.py"
KNOWN_TO_BE_TIGHT = (
    "copyToManualButton",
    "haltSecondButton '\u27e6Drop it and share its weight",
    "1024: _PushButton rebalanceNowButton",
    "1024: _PushButton removeFundsButton",
    "1024: _PushButton changeCoinsButton",
    "1024: _PushButton stopAllButton",
    "1024: TextLabel expectedRebalances",
    "1024: TextLabel demoDateLabel",
)
"""What has not 40 % more room: buttons whose words then end in an ellipsis, whole in the tooltip, because their rows are full
(in the smallest window, and where a column gives the width); an estimate in the smallest window, in the third of a
column; and there the date of the replay, which is put together of three texts and so has three pairs of marks. Nothing of it is cut in English or in German: for these there is no list."""


def report(language: str) -> Mapping[str, Mapping[str, list[str]]]:
    made = subprocess.run(
        [sys.executable, str(_SCRIPT), language],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr[-2000:]
    found: Mapping[str, Mapping[str, list[str]]] = json.loads(made.stdout)
    return found


@pytest.fixture(scope="module")
def pseudo() -> Mapping[str, Mapping[str, list[str]]]:
    return report("pseudo")


def test_no_visible_text_escapes_translation(pseudo):
    escaped = {text for screen in pseudo.values() for text in screen["escaped"]}

    assert len(pseudo) > 65, "every window and dialog"
    assert sorted(escaped) == []


def test_a_language_that_is_40_percent_longer_is_not_cut_off(pseudo):
    cut = {text for screen in pseudo.values() for text in screen["cut"]}

    assert sorted(text for text in cut if not any(known in text for known in KNOWN_TO_BE_TIGHT)) == []


@pytest.mark.long
@pytest.mark.timeout(300)
def test_german_is_cut_off_nowhere():
    cut = {f"{name} {text}" for name, screen in report("de").items() for text in screen["cut"]}

    assert sorted(cut) == []


@pytest.mark.parametrize(
    ("wish", "system", "language"),
    (
        ("system", ("de-CH", "en-GB"), "de"),
        ("system", ("fr-FR", "en-GB", "de"), "en"),
        ("system", ("C",), "en"),
        ("", ("de_AT",), "de"),
        ("en", ("de-DE",), "en"),
        ("de", ("en-US",), "de"),
        ("xx", ("en-US",), "en"),
    ),
)
def test_the_language_is_the_chosen_one_else_the_first_of_the_system_that_there_is(wish, system, language):
    assert chosen_language(wish, system) == language


def test_german_says_in_its_name_that_nobody_has_reviewed_it():
    assert LANGUAGES["de"] == "Deutsch (maschinell \u00fcbersetzt)"


def test_german_numbers_have_a_comma_and_points_between_thousands():
    numbers = NumberFormat(marks_of(QLocale(QLocale.Language.German, QLocale.Country.Germany)))

    assert numbers.money(Decimal("1234567.5"), "USDT") == "1.234.567,50\u00a0USDT"
    assert numbers.percent(Decimal("0.5")) == "0,50\u00a0%"
