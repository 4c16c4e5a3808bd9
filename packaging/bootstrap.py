#!/usr/bin/env python3
"""One command from a fresh checkout to a running program: `python3 packaging/bootstrap.py run`.

Needs nothing but Python 3.11 or newer and makes everything else: a private environment under `.rebalancer-env/`, the
hash-pinned dependencies in it, and (on Debian and Ubuntu, as root) the system's own libraries. macOS and Windows have
their paths written here, but nobody has tried them yet.

This file must be readable by any Python 3, so that an old one can be told so: all newer syntax lives in the modules
that are imported after the check.
"""

import argparse
import signal
import sys

OLDEST = (3, 11)
EXIT_FAILED = 1
EXIT_INTERRUPTED = 130


def parse(arguments: "list[str]") -> "tuple[argparse.Namespace, list[str]]":
    parser = argparse.ArgumentParser(
        prog="bootstrap.py", description="Set Rebalancer up in this folder, then start or test it."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="run | test | check")
    run = commands.add_parser(
        "run",
        help="start the program (window; without a display: the engine in this terminal)",
        epilog="Everything else is handed to the program, for example --data-dir DIR or --demo.",
    )
    run.add_argument("--headless", action="store_true", help="no window, and no Qt installed: the engine, until Ctrl+C")
    test = commands.add_parser(
        "test",
        help="lint, types, architecture contracts and all tests",
        epilog="Everything else is handed to pytest; name files or folders to run only those tests.",
    )
    test.add_argument("--long", action="store_true", help="the long tests too (hours)")
    commands.add_parser("check", help="the quick part of test: lint, types, contracts, unit tests")
    options, passed_on = parser.parse_known_args(arguments)
    if options.command == "check" and passed_on:
        parser.error("check takes no further arguments: " + " ".join(passed_on))
    return options, passed_on


def dispatch(options: argparse.Namespace, passed_on: "list[str]") -> int:
    from private_env import SetupProblem

    try:
        if options.command == "run":
            import launch

            return launch.run(passed_on, headless=options.headless)
        import gates

        if options.command == "check":
            return gates.check()
        return gates.test(passed_on, long=options.long)
    except SetupProblem as problem:
        print("\n" + str(problem), file=sys.stderr, flush=True)
        return EXIT_FAILED


def main(arguments: "list[str]") -> int:
    if sys.version_info < OLDEST:
        print(
            "Rebalancer needs Python {}.{} or newer; this is Python {}.{} ({}).".format(  # noqa: UP032 (see the top)
                OLDEST[0], OLDEST[1], sys.version_info[0], sys.version_info[1], sys.executable
            ),
            file=sys.stderr,
        )
        return EXIT_FAILED
    options, passed_on = parse(arguments)
    # As with Ctrl+C: what was started ends too, and is not left behind at work.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return dispatch(options, passed_on)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here; a half-made set-up is made anew.", file=sys.stderr)
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
