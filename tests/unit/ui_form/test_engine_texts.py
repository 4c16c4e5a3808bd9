"""Sentences of the engine are told in the user's language, and stay English where nobody translated them."""

from collections.abc import Iterator

import pytest

from rebalancer_gui.ui.engine_texts import install_templates, said
from rebalancer_gui.ui.formatting import NumberMarks
from rebalancer_gui.ui.translation import install_catalogue, tr

GERMAN = {
    "{name} was halted: {reason}": "{name} wurde angehalten: {reason}",
    "the spread of {base} is {spread}, over {limit} %": "der Spread von {base} ist {spread}, über {limit} %",
    "Only {free} {quote} are free: invest at most that much.": "Nur {free} {quote} sind frei: Legen Sie weniger an.",
    "Nothing was changed.": "Nichts wurde geändert.",
    "stopped by the user": "vom Nutzer beendet",
    "running": "läuft",
    "{a} {b}": "{b} {a}",
}


@pytest.fixture(autouse=True)
def _german() -> Iterator[None]:
    install_templates(GERMAN, lambda _context, text, _comment, _count: GERMAN.get(text), NumberMarks(",", "."))
    yield
    install_templates((), None, NumberMarks())


@pytest.mark.parametrize(
    ("english", "german"),
    (
        ("Nothing was changed.", "Nichts wurde geändert."),
        ("Stopped by the user", "Vom Nutzer beendet"),
        ("stopped by the user.", "vom Nutzer beendet."),
        ("Core was halted: stopped by the user", "Core wurde angehalten: vom Nutzer beendet"),
        (
            "Core was halted: the spread of BTC is 1.25 %, over 0.5 %",
            "Core wurde angehalten: der Spread von BTC ist 1,25 %, über 0,5 %",
        ),
        (
            "Only 1,900.50 USDT are free: invest at most that much. Nothing was changed.",
            "Nur 1.900,50 USDT sind frei: Legen Sie weniger an. Nichts wurde geändert.",
        ),
        ("running", "läuft"),
    ),
)
def test_a_sentence_is_told_with_its_values_and_with_the_sentences_in_it(english, german):
    assert said(english) == german


@pytest.mark.parametrize("text", ("", "A sentence that nobody knows 1.5", "Alpha", "runningcoin"))
def test_what_no_template_fits_stays_as_it_is(text):
    assert said(text) == text


def test_a_strategy_that_is_called_like_a_word_of_the_engine_keeps_its_name():
    assert said("running was halted: stopped by the user") == "running wurde angehalten: vom Nutzer beendet"


def test_the_window_puts_sentences_of_the_engine_into_its_own():
    assert tr("Ended: {reason}.", reason="stopped by the user") == "Ended: vom Nutzer beendet."
    assert tr("Stop {asset}", asset="running") == "Stop running"


def test_in_english_every_sentence_is_the_one_that_was_stored():
    install_templates(GERMAN, None, NumberMarks())

    assert said("Core was halted: stopped by the user") == "Core was halted: stopped by the user"


def test_a_text_is_told_in_the_language_with_its_values_and_its_plural():
    says = {("Stop {name}", -1): "{name} beenden", ("%n coins", 1): "%n Münze", ("%n coins", 2): "%n Münzen"}
    install_catalogue(lambda _context, text, _comment, count: says.get((text, count)))
    try:
        told = [tr("Stop {name}", name="{Core}"), tr("%n coins", "", 1), tr("%n coins", "", 2), tr("Not translated")]
    finally:
        install_catalogue(None)

    assert told == ["{Core} beenden", "1 Münze", "2 Münzen", "Not translated"]
