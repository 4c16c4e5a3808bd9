"""Numbers are written as in the user's country, whatever language the window speaks, and are read back everywhere."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import QLocale

from rebalancer_gui.ui import languages
from rebalancer_gui.ui.formatting import MINUS, NumberFormat, NumberMarks
from rebalancer_gui.ui.locale_numbers import install_country, marks_of, system_numbers
from rebalancer_gui.ui.parsing import Parsed, editable, parse_decimal
from rebalancer_gui.ui.translation import install_catalogue, install_sentences

AMOUNTS = ("1234567.89", "-1234.5", "0.001", "1234", "100000", "0")


def test_what_is_shown_in_any_country_is_read_back_and_has_the_digits_0_to_9():
    anywhere = (QLocale.Language.AnyLanguage, QLocale.Script.AnyScript, QLocale.Country.AnyCountry)
    countries = QLocale.matchingLocales(*anywhere)
    assert len(countries) > 400
    for marks in {marks_of(country) for country in countries}:
        for text in AMOUNTS:
            shown = NumberFormat(marks).fixed(Decimal(text), 2).replace(MINUS, "-")
            assert set(shown) <= {*"0123456789-", marks.decimal, marks.group}
            assert parse_decimal(editable(Decimal(text), marks, 2), marks) == Parsed(Decimal(text)), (text, marks)


@pytest.mark.parametrize("country", ("ar_EG", "fa_IR", "bn_BD", "mr_IN", "my_MM", "ckb_IQ"))
def test_a_country_with_other_digits_gets_ours_with_point_and_comma(country: str):
    """The marks that stand between its digits are not read between 0 to 9."""
    assert QLocale(country).zeroDigit() != "0"
    assert marks_of(QLocale(country)) == NumberMarks()


@pytest.mark.parametrize(
    ("system", "wish", "shown"),
    (
        ("fr_FR", "system", "1\u202f234,50"),
        ("de_DE", "en", "1.234,50"),
        ("pt_BR", "system", "1.234,50"),
        ("tr_TR", "system", "1.234,50"),
        ("en_US", "de", "1.234,50"),
        ("fa_IR", "system", "1,234.50"),
        ("ar_EG", "system", "1,234.50"),
    ),
)
def test_english_on_a_system_of_another_country_writes_that_countrys_numbers(monkeypatch, system, wish, shown):
    before = QLocale()

    class System(QLocale):
        """What the system says about its user."""

        @staticmethod
        def system() -> QLocale:
            return QLocale(system)

    QLocale.setDefault(QLocale(system))
    monkeypatch.setattr(languages, "QLocale", System)
    try:
        languages.install_language(wish)
        assert system_numbers().fixed(Decimal("1234.5")) == shown
        assert parse_decimal(shown, system_numbers().marks) == Parsed(Decimal("1234.5"))
    finally:
        QLocale.setDefault(before)
        install_country(None)
        install_catalogue(None)
        install_sentences(None)
