"""The program's own small JSON files, read so that what is wrong in one is said in plain words. Blocking, any thread."""

from __future__ import annotations

import json


def parsed(content: bytes) -> object:
    """What stands in the file. ValueError with words for people where it is no JSON."""
    try:
        found: object = json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: line {error.lineno}, column {error.colno}") from error
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8") from error
    except ValueError as error:
        raise ValueError("a number in it is far too long") from error
    return found


def fault_in(error: Exception) -> str:
    """What is wrong in a file whose reading raised ``error``: its own words, or plain ones for what Python says."""
    if isinstance(error, KeyError):
        return f"it has no \u201c{error.args[0]}\u201d"
    if isinstance(error, TypeError):
        return "something in it is of another kind than it should be"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return str(error)
