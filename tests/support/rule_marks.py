"""`@pytest.mark.rule("4.3")`, or several ids: each must be one of tests/rules.toml, and goes into the report of the run.

packaging/gates.py reads the reports and says which rule no passing test shows.
"""

from functools import cache
from pathlib import Path

import pytest

REGISTRY = Path(__file__).resolve().parents[1] / "rules.toml"


def check_and_record(report: pytest.CollectReport) -> None:
    """Give each test of what was collected its rules as properties; an unknown id fails the collection of the file."""
    # Only now is `packaging` on the path (setting `pythonpath`): a plugin named on the command line is loaded before.
    from rule_coverage import PROPERTY

    problems = []
    for item in report.result:
        if not isinstance(item, pytest.Item):
            continue
        for mark in item.iter_markers("rule"):
            found = _problems(mark.args)
            problems += [f"{item.name}: {problem}" for problem in found]
            if not found:
                item.user_properties += [(PROPERTY, name) for name in mark.args]
    if problems:
        report.outcome = "failed"
        report.longrepr = "\n".join(dict.fromkeys(problems))
        report.result = []


def _problems(names: tuple[object, ...]) -> list[str]:
    from rule_coverage import RegistryError, problem_with

    try:
        found = [problem_with(name, _rules()) for name in names]
    except RegistryError as bad:
        return [str(bad)]
    return [problem for problem in found if problem] if names else ["the mark rule names no rule"]


@cache
def _rules():
    from rule_coverage import load

    return load(REGISTRY)
