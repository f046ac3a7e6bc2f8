"""Waiting in the browser: a click, a key or a finger has only begun what a test looks for.

What an act leads to over the network, with a frame or by a script is waited for: by `expect`, by Playwright's own
`wait_for_…`, or by what is here. Read at once is only what must not happen, and what is there before the act returns.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from e2e.chromium import playwright

PATIENCE_S = 30
"""As long as Playwright waits for an element; a machine that tests much at once is slow."""
STILL_FRAMES = 6

expect = playwright.expect
expect.set_options(timeout=PATIENCE_S * 1000)


def until(is_so: Callable[[], object], told: Callable[[], object] = str) -> None:
    """Wait for something that no selector says, asking from here: the pages' policy lets no script evaluate words."""
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end, told()
        time.sleep(0.05)


def rest(page: Any, what: str) -> None:
    """Wait until an expression has been the same for some frames: what moves does so by frames, however slow they are.

    What it was before does not count: since the act there may have been no frame yet.
    """
    page.evaluate("() => { window.seen = { value: null, frames: 0 }; }")
    page.wait_for_function(
        f"""() => {{
          const value = JSON.stringify({what});
          const frames = value === window.seen.value ? window.seen.frames + 1 : 0;
          window.seen = {{ value, frames }};
          return frames >= {STILL_FRAMES};
        }}"""
    )


def copied(page: Any, act: Callable[[], object]) -> str:
    """What an act puts on the clipboard, which is emptied before: the browser writes when the act has long returned."""
    read = "navigator.clipboard.readText()"
    page.evaluate("navigator.clipboard.writeText('')")
    act()
    until(lambda: page.evaluate(read), told=lambda: "nothing was copied")
    return str(page.evaluate(read))
