"""The catalogues of texts: nothing in the source is missing in them, places are the same, German is complete."""

import re
from pathlib import Path

import pytest

import languages
from language_texts import Text, engine_texts, window_texts
from not_translated import NOT_TRANSLATED

_PLACE = re.compile(r"\{\w+\}|%n")


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return languages.all_texts()


@pytest.fixture(scope="module")
def german() -> languages.Known:
    return languages.read_catalogue(languages.ROOT / languages.FOLDER / "rebalancer_de.ts")


def test_every_text_of_the_source_is_in_the_catalogues_and_these_are_compiled():
    stale = [str(place) for place, made in languages.made().items() if (languages.ROOT / place).read_bytes() != made]

    assert stale == [], "run python3 packaging/languages.py"


@pytest.mark.parametrize("context", ("Rebalancer", "Engine"))
def test_every_text_of_the_window_and_every_sentence_of_the_engine_is_german(texts, german, context):
    lacking = [t.source for t in texts if t.context == context and not german[t.context, t.source, t.comment].forms]

    assert lacking == []


def test_what_is_left_untranslated_still_stands_in_the_source_and_only_there():
    said = {text.source for text in engine_texts(languages.ROOT / "rebalancer_gui", left_out=frozenset())}

    assert sorted(NOT_TRANSLATED - said) == []
    assert not NOT_TRANSLATED & {text.source for text in engine_texts(languages.ROOT / "rebalancer_gui")}


def test_a_translation_has_the_places_of_its_text_and_its_outer_blanks(german):
    wrong = [
        (source, form)
        for (_context, source, _comment), said in german.items()
        for form in said.forms
        if set(_PLACE.findall(source)) != set(_PLACE.findall(form))
        or (source[:1] == " ", source[-1:] == " ") != (form[:1] == " ", form[-1:] == " ")
    ]

    assert wrong == []


def test_every_german_text_says_that_a_machine_made_it_until_somebody_reviews_it(german):
    made = [said.remark for said in german.values() if said.forms]

    assert set(made) <= {languages.MACHINE_MADE, ""}
    assert languages.MACHINE_MADE in made


def test_both_german_and_english_know_one_and_many(texts):
    for language in languages.LANGUAGES:
        known = languages.read_catalogue(languages.ROOT / languages.FOLDER / f"rebalancer_{language}.ts")
        counted = [known[t.context, t.source, t.comment].forms for t in texts if t.plural]
        assert counted
        assert all(len(forms) == 2 and all(forms) for forms in counted), language


def test_what_is_translated_stays_when_the_texts_are_collected_anew(tmp_path: Path):
    known = {("Rebalancer", "Stop", ""): languages.Translation(("Beenden",), "")}
    file = tmp_path / "rebalancer_de.ts"
    stop, go = Text("Rebalancer", "Stop"), Text("Rebalancer", "Go & <see>")
    file.write_text(languages.catalogue("de", [go, stop], known), encoding="utf-8")

    again = languages.read_catalogue(file)

    assert again["Rebalancer", "Stop", ""].forms == ("Beenden",)
    assert again["Rebalancer", "Go & <see>", ""].forms == ()


def _package(folder: Path, file: str, source: str) -> Path:
    (folder / file).parent.mkdir(parents=True)
    (folder / file).write_text(source, encoding="utf-8")
    return folder


def test_a_text_that_is_put_together_in_the_call_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="must be written out"):
        window_texts(_package(tmp_path, "ui/page.py", 'tr(f"Stop {name}")'))


def test_the_comment_and_the_plural_of_a_text_are_read(tmp_path: Path):
    found = window_texts(_package(tmp_path, "ui/page.py", 'tr("May", "month")\ntr("%n coins", "", n)'))

    assert found == [Text("Rebalancer", "%n coins", "", plural=True), Text("Rebalancer", "May", "month")]


def test_sentences_of_the_engine_are_found_with_names_for_what_is_put_in(tmp_path: Path):
    source = '''
        """A docstring is for the one who reads the source."""
        raise InvalidInput("name", f"{view.name} is {state.lower()}: it cannot be edited, {view.name}.")
        raise ValueError("This is for the one who mends it.")
        _log.warning("So is this one.")
    '''
    lines = "\n".join(line.strip() for line in source.splitlines())

    found = engine_texts(_package(tmp_path, "domain/names.py", lines))

    assert [text.source for text in found] == ["{name} is {lower}: it cannot be edited, {name}."]
