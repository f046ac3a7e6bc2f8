"""Run benchmarks, each in a process of its own so that none warms or fattens another.

    python -m benchmarks [NAME…] [OPTION…]

Without a name all are run. Each prints its figures with their units and writes `benchmarks/out/NAME.json`. Options
belong to the benchmark that is named and go to it: `python -m benchmarks ocr --made 0`.
"""

from __future__ import annotations

import argparse
import pkgutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules([str(HERE)]) if not module.name.startswith("_"))


def main() -> int:
    """The number of benchmarks that failed."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names())}; default: all")
    wanted, options = arguments.parse_known_args()
    chosen = wanted.names or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        arguments.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names())}")
    if options and len(chosen) != 1:
        arguments.error(f"{' '.join(options)}: options go with one benchmark, named")
    failed = 0
    for name in chosen:
        print(f"\n== {name}", flush=True)
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], cwd=HERE.parent, check=False)
        failed += done.returncode != 0
        print(f"   ({name}: {time.perf_counter() - start:.0f} s{', FAILED' if done.returncode else ''})", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
