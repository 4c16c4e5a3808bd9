"""`@pytest.mark.rule("4.3")` and `@pytest.mark.failure(18)`, or several ids: each must stand in the registry of its kind
(tests/rules.toml, tests/failures.toml), and goes into the report of the run.

packaging/gates.py reads the reports and says which row no passing test shows.
"""

from functools import cache
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[2]


def check_and_record(report: pytest.CollectReport) -> None:
    """Give each test of what was collected its rows as properties; an unknown id fails the collection of the file."""
    # Only now is `packaging` on the path (setting `pythonpath`): a plugin named on the command line is loaded before.
    from registries import KINDS, id_of

    problems = []
    for item in report.result:
        if not isinstance(item, pytest.Item):
            continue
        for kind in KINDS:
            for mark in item.iter_markers(kind.mark):
                found = _problems(kind, mark.args)
                problems += [f"{item.name}: {problem}" for problem in found]
                if not found:
                    item.user_properties += [(kind.mark, id_of(name)) for name in mark.args]
    if problems:
        report.outcome = "failed"
        report.longrepr = "\n".join(dict.fromkeys(problems))
        report.result = []


def _problems(kind, names: tuple[object, ...]) -> list[str]:
    from registries import RegistryError

    try:
        found = [_registry(kind).problem_with(name) for name in names]
    except RegistryError as bad:
        return [str(bad)]
    return [problem for problem in found if problem] if names else [f"the mark {kind.mark} names no {kind.row}"]


@cache
def _registry(kind):
    from registries import load

    return load(kind, TREE)
