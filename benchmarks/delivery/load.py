"""One kind of request, as fast as a server can: wrk with 1 thread and 8 connections."""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.delivery.processes import Server

CONNECTIONS = 8
LEAST_ANSWERS = 3 * CONNECTIONS
"""A run with fewer is made again in twice the time: on a busy machine a slow server has answered hardly anybody yet."""
LONGEST_S = 30
SCRIPT = """
local paths = {}
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
local place = tonumber(os.getenv("FIRST"))
request = function()
  place = place % #paths + 1
  return wrk.format("GET", paths[place])
end
done = function(summary, latency)
  local bad = summary.errors
  print(string.format(
    '{"requests":%d,"microseconds":%d,"bytes":%d,"p50":%d,"p95":%d,"p99":%d,"bad":%d}',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    bad.connect + bad.read + bad.write + bad.status + bad.timeout))
end
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run.

    Attributes:
        rate: answers a second.
        cpu_ms: processor time of the server for each answer.
        kilobytes: of each answer, head and body.
    """

    rate: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms: float
    kilobytes: float


def load(server: Server, paths: list[str], seconds: float, run: int) -> Sample:
    """Ask a server for a shuffled list of paths again and again, after a warm-up of a quarter of the time.

    Args:
        run: number of the run: each begins elsewhere in the list, and at the same place for every server.

    Raises:
        RuntimeError: some answers were errors.
    """
    shuffled = random.Random(1).sample(paths, len(paths))
    with tempfile.TemporaryDirectory(prefix="wrk-") as folder:
        script, listed = Path(folder, "ask.lua"), Path(folder, "paths")
        script.write_text(SCRIPT)
        listed.write_text("\n".join(shuffled) + "\n")
        first = 7919 * run % len(shuffled)
        _wrk(server, script, listed, max(1, round(seconds / 4)), first)
        lasting = max(1, round(seconds))
        while True:
            before = server.cpu_s()
            told = _wrk(server, script, listed, lasting, first)
            spent, count = server.cpu_s() - before, told["requests"]
            if told["bad"]:
                raise RuntimeError(f"{server.origin}: {told['bad']} answers besides {count} were errors or never came")
            if count >= LEAST_ANSWERS or lasting > LONGEST_S:
                break
            lasting *= 2
    if not count:
        raise RuntimeError(f"{server.origin}: no answer in {lasting} s")
    return Sample(
        count / (told["microseconds"] / 1e6),
        *(told[name] / 1e3 for name in ("p50", "p95", "p99")),
        1e3 * spent / count,
        told["bytes"] / count / 1e3,
    )


def _wrk(server: Server, script: Path, listed: Path, seconds: int, first: int) -> dict[str, int]:
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script), server.origin],
        env={"PATHS": str(listed), "FIRST": str(first), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, int] = json.loads(done.stdout.strip().splitlines()[-1])
    return told
