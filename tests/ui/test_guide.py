"""The user guide: its pages hang together, and every place that the window sends a reader to is there."""

import re
from pathlib import Path

import pytest

from rebalancer_gui.domain.risk import RISK_TEXT
from rebalancer_gui.resources_path import guide_dir
from rebalancer_gui.ui.help.guide import CONTENTS, Guide, Page, slug_of
from rebalancer_gui.ui.help.terms import Term, explanations
from rebalancer_gui.ui.help.topics import FIRST, TOPICS, place_for

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def guide() -> Guide:
    return Guide(guide_dir())


def page(text: str) -> Page:
    return Page("page.md", Path("page.md"), text)


def test_headings_have_their_level_text_and_anchor_and_code_has_none():
    found = page("# The `title`\n\n```sh\n# a comment\n```\n\n## What **it** costs, in %\n").headings
    assert [(heading.level, heading.text, heading.slug) for heading in found] == [
        (1, "The title", "the-title"),
        (2, "What it costs, in %", "what-it-costs-in-"),
    ]


def test_a_page_is_found_by_all_of_its_words_in_any_order_and_case():
    text = page("# Fees\n\nPaid with BNB.")
    assert text.holds("bnb fees")
    assert not text.holds("bnb refund")
    assert text.holds("")


def test_the_contents_name_every_page_of_the_guide(guide: Guide):
    listed = {name for name in (page.name for page in guide.pages) if "/" not in name}
    assert listed == {path.name for path in guide_dir().glob("*.md")}
    assert guide.pages[0].name == CONTENTS


def test_every_page_has_one_title(guide: Guide):
    for one in guide.pages:
        assert [heading.level for heading in one.headings].count(1) == 1, one.name


def test_every_link_between_pages_leads_to_a_page_and_a_heading_that_are_there(guide: Guide):
    for one in guide.pages:
        for link in _LINK.findall(one.text):
            if link.startswith(("http://", "https://", "mailto:")):
                continue
            name, _, anchor = link.partition("#")
            target = (one.path.parent / name).resolve() if name else one.path.resolve()
            assert target.is_file(), f"{one.name}: {link}"
            if anchor and target.suffix == ".md":
                other = Page(name, target, target.read_text(encoding="utf-8"))
                assert anchor in {heading.slug for heading in other.headings}, f"{one.name}: {link}"


def test_every_place_that_f1_opens_is_there(guide: Guide):
    for name, place in {**TOPICS, "": FIRST}.items():
        assert guide.find(place) is not None, f"{name}: {place}"


def test_every_term_says_what_it_is_and_where_the_guide_says_more(guide: Guide):
    told = explanations()
    assert set(told) == set(Term)
    for term, explained in told.items():
        assert guide.find(explained.place) is not None, f"{term}: {explained.place}"
        assert len(explained.text) > 40


def test_every_term_stands_on_the_page_of_terms(guide: Guide):
    text = guide.find("terms.md")
    assert text is not None
    for explained in explanations().values():
        assert explained.text in text[0].text, "python3 packaging/terms_page.py makes the page anew"
        assert guide.find(f"terms.md#{slug_of(explained.title)}") is not None


def test_f1_takes_the_innermost_control_of_which_the_guide_speaks():
    assert place_for(["qt_spinbox_lineedit", "gateEdit", "createPanel"]) == TOPICS["gateEdit"]
    assert place_for(["somethingNew", "createPanel"]) == TOPICS["createPanel"]
    assert place_for([]) == FIRST


def test_a_place_that_is_not_there_is_none(guide: Guide):
    assert guide.find("nowhere.md") is None
    assert guide.find("manual.md#nothing") is None
    assert guide.find("manual.md") is not None


def test_the_page_about_risk_has_the_text_that_is_accepted_word_for_word():
    words = " ".join((guide_dir().parent / "risk.md").read_text(encoding="utf-8").split())
    assert RISK_TEXT in words


def test_the_guide_has_the_pages_that_a_newcomer_needs(guide: Guide):
    for name in ("first-minutes.md", "presets.md", "manual.md", "advanced.md", "reading-the-numbers.md",
                 "what-can-go-wrong.md", "running-without-a-window.md"):  # fmt: skip
        found = guide.page(name)
        assert found is not None
        assert len(found.text) > 1500
