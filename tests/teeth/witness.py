"""A pytest plugin for the runs on a copy: writes down what a test failed of, which its output would only say in words."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


def _kinds(error: BaseException) -> list[str]:
    """The names of its classes; of a group also those of what is in it."""
    names = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, BaseExceptionGroup):
        names += [name for one in error.exceptions for name in _kinds(one)]
    return names


def pytest_exception_interact(
    node: pytest.Item | pytest.Collector,
    call: pytest.CallInfo[object],
    report: pytest.TestReport | pytest.CollectReport,
) -> None:
    """Called for each failure, also of a collection."""
    assert call.excinfo is not None
    line = {"node": node.nodeid, "when": report.when, "kinds": _kinds(call.excinfo.value)}
    with Path(os.environ["TEETH_WITNESS"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")
