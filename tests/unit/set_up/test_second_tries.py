"""What may be run once more when it failed: a few tests in real time, nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import gates

REPORT = """<?xml version="1.0"?><testsuites><testsuite tests="4" failures="1" errors="1" skipped="0">
<testcase classname="tests.unit.test_a" name="test_good"/>
<testcase classname="tests.wire.test_b" name="test_slow[1]"><failure message="late"/></testcase>
<testcase classname="tests.e2e.test_c" name="test_gone"><error message="log"/></testcase>
<testcase classname="tests.e2e.test_c" name="test_gone"><failure message="late"/></testcase>
</testsuite></testsuites>"""


def test_what_failed_is_read_from_the_report_each_test_once(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    assert gates.failed_in(report) == ()
    report.write_text(REPORT)
    assert gates.failed_in(report) == ("tests.wire.test_b::test_slow[1]", "tests.e2e.test_c::test_gone")


@pytest.mark.parametrize(
    ("failed", "may"),
    [
        ((), False),
        (("tests.wire.test_b::test_slow",), True),
        (("tests.kill.test_k::test_k", "tests.e2e.window.test_w::test_w"), True),
        (("tests.unit.test_a::test_a",), False),
        (("tests.wire.test_b::test_slow", "tests.simulation.test_s::test_s"), False),
        (tuple(f"tests.wire.test_b::test_{n}" for n in range(4)), False),
    ],
)
def test_only_a_few_tests_in_real_time_are_tried_again(failed: tuple[str, ...], *, may: bool) -> None:
    assert gates.may_be_tried_again(failed) is may
