"""What the program says of the licences of others: of every package of the locks, acceptable, and as the locks are now."""

import json
import sys

import pytest

import notices
import sbom
from parts import Choices, Part, acceptable, locked, parts
from tests.lint.test_tracked_files import LOCKS, ROOT, pinned

CHOICES = Choices.read(ROOT)
SMALL = frozenset({"MIT", "Apache-2.0", "BSD-3-Clause"})


@pytest.fixture(scope="module")
def found() -> list[Part]:
    return parts(CHOICES)


def part(name: str = "made-up", licence: str = "MIT", texts: tuple[tuple[str, str], ...] = ()) -> Part:
    return Part(name, ("1.0",), ("",), licence, "https://example.org", texts, (), with_window_only=False)


def test_every_package_of_the_window_lock_has_a_licence_that_lets_it_be_given_away(found):
    assert {each.name: set(each.versions) for each in found} == pinned(LOCKS["window"])
    assert notices.unfit(found, CHOICES) == []


def test_a_package_under_the_gpl_or_of_unknown_licence_is_refused_by_name():
    bad = [part("viral", "GPL-3.0-only"), part("silent", ""), part("either", "GPL-3.0-only OR MIT"), part("fine")]

    assert notices.unfit(bad, CHOICES) == ["viral: GPL-3.0-only", "silent: its licence is unknown"]


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("MIT", True),
        ("GPL-2.0-only", False),
        ("MIT OR GPL-2.0-only", True),
        ("GPL-2.0-only OR GPL-3.0-only", False),
        ("MIT AND GPL-2.0-only", False),
        ("MIT AND (GPL-2.0-only OR Apache-2.0)", True),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", True),
        ("", False),
        ("MIT Apache-2.0", False),
        ("(MIT", False),
    ],
)
def test_one_side_of_or_and_both_of_and_must_be_allowed(expression, holds):
    assert acceptable(expression, SMALL) is holds


def test_only_qt_is_taken_under_the_lgpl():
    assert set(CHOICES.chosen) == {"pyside6-essentials", "shiboken6"}
    assert set(CHOICES.chosen.values()) == {"LGPL-3.0-only"}
    assert not any("GPL" in licence for licence in CHOICES.acceptable)


def test_the_notices_and_the_bill_of_materials_are_as_the_locks_are(found):
    stands = notices.TEXT.read_text(encoding="utf-8")
    for each in found:
        assert f"\n{each.name} " in stands, f"{each.name}: run packaging/notices.py"
        for version in each.versions:
            assert version in stands
    # On newer Pythons some packages are not needed, and their texts are not here to compare.
    if sys.version_info[:2] == notices.OLDEST:
        assert {file.name: text for file, text in notices.made().items()} == {
            file.name: file.read_text(encoding="utf-8") for file in (notices.TEXT, notices.BILL, notices.PAGE)
        }


def test_every_package_that_is_installed_here_has_its_own_licence_text_in_the_notices(found):
    without = {each.name for each in found if not each.texts}

    # Qt's packages ship none: theirs are the two files beside. Those of Windows are not here.
    absent = {name for name, row in CHOICES.elsewhere.items() if row["where"] == "Windows"}
    if sys.version_info[:2] > notices.OLDEST:
        absent = set(CHOICES.elsewhere)
    assert without == {"pyside6-essentials", "shiboken6", *absent}
    for name, title in (("LGPL-3.0.txt", "GNU LESSER GENERAL PUBLIC LICENSE"), ("GPL-3.0.txt", "GNU GENERAL PUBLIC")):
        assert title in (notices.FOLDER / name).read_text(encoding="utf-8")


def test_the_notices_say_that_qt_may_be_replaced_and_where_its_sources_are(found):
    overview, _, _texts = notices.text(found).partition(notices.END_OF_OVERVIEW)
    (version,) = pinned(LOCKS["window"])["pyside6-essentials"]

    assert "linked to them\ndynamically" in overview
    assert "You may replace them" in overview
    assert f"https://download.qt.io/official_releases/qt/6.11/{version}/" in overview


def test_a_text_that_several_packages_share_stands_once():
    text = notices.text(
        [
            part("pyside6-essentials"),
            part("one", texts=(("LICENSE", "Be kind."),)),
            part("two", texts=(("LICENSE", "Be kind."),)),
        ]
    )

    assert text.count("Be kind.") == 1
    assert "one (LICENSE), two (LICENSE)" in text


def test_the_bill_of_materials_is_cyclonedx_and_its_graph_is_closed(found):
    bill = json.loads(sbom.document(found))
    references = {each["bom-ref"] for each in bill["components"]}
    (root, *others) = bill["dependencies"]

    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert len(references) == len(bill["components"]) == sum(len(pins) for pins in locked(LOCKS["window"]).values())
    assert root["ref"] == bill["metadata"]["component"]["bom-ref"]
    assert "pkg:pypi/ccxt@4.5.90" in root["dependsOn"]
    assert {each["ref"] for each in others} == references
    assert {purl for each in bill["dependencies"] for purl in each["dependsOn"]} <= references
    assert sbom.document(found) == sbom.document(found)
