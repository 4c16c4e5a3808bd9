"""The words of ``settings``, ``backup`` and ``restore`` on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_settings(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """The actions of ``settings``. ``shared``: the options of every command."""
    words = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    words.add_parser("list", parents=[shared], help="every setting, its value and its default")
    change = words.add_parser("set", parents=[shared], help="change one setting")
    change.add_argument("key", metavar="KEY", help="as `settings list` names it")
    change.add_argument("value", metavar="VALUE", help="on or off, a word, a number")
    export = words.add_parser("export", parents=[shared], help="write them to a file, without any key or address")
    export.add_argument("file", type=Path, metavar="FILE", help="a new file")
    take = words.add_parser("import", parents=[shared], help="take them from such a file, whole or not at all")
    take.add_argument("file", type=Path, metavar="FILE", help="what `settings export` wrote")
    take.add_argument("--yes", action="store_true", help="do not ask")


def add_backup(backup: argparse.ArgumentParser, restore: argparse.ArgumentParser) -> None:
    """The arguments of ``backup`` and ``restore``."""
    backup.add_argument(
        "file", type=Path, metavar="FILE", help="a new file; it gets everything but keys, logs and backups"
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="what `backup` wrote")
    restore.add_argument("--yes", action="store_true", help="do not ask")


def add_doctor(parser: argparse.ArgumentParser) -> None:
    """The argument of ``doctor``."""
    parser.add_argument("--report", action="store_true", help="a report for those who help: no keys, names or amounts")
