"""`python -m tests.teeth.run`: every planted bug, which test caught it and how long that took; `--only WORD` some of them.

Exit code 1 when a bug was not caught, or when a named test fails without any.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.teeth.harness import Bug, Copy, Verdict, bugs


def line(bug: Bug, verdict: Verdict) -> str:
    """One row of the report."""
    what = verdict.first if verdict.caught else f"NOT CAUGHT (exit code {verdict.exit_code}, {verdict.kinds[:1]})"
    return f"{verdict.seconds:5.1f} s  {Path(bug.file).name}: {bug.name}\n          {what}"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.teeth.run", description=__doc__)
    parser.add_argument("--only", default="", help="a word of the bug's sentence or file")
    parser.add_argument("--loud", action="store_true", help="the output of the tests where a bug was not caught")
    asked = parser.parse_args()
    chosen = [bug for bug in bugs() if asked.only in f"{bug.file} {bug.name}"]
    missed, spent = 0, 0.0
    with tempfile.TemporaryDirectory(prefix="rebalancer-teeth-") as folder:
        copy = Copy(Path(folder))
        control = copy.control(chosen)
        print(
            f"without a bug: {'all pass' if control.passed else control.output} ({control.seconds:.1f} s)", flush=True
        )
        for bug in chosen:
            verdict = copy.run_on(bug)
            spent += verdict.seconds
            missed += not verdict.caught
            print(line(bug, verdict), flush=True)
            if asked.loud and not verdict.caught:
                print(verdict.output)
    print(f"{len(chosen) - missed} of {len(chosen)} caught in {spent:.0f} s")
    return 0 if control.passed and not missed else 1


if __name__ == "__main__":
    sys.exit(main())
