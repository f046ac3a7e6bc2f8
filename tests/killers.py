"""Pieces of work that end their process in every way there is: importable, so that other processes can run them."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, replace
from typing import Any

from wenyuan.ingest.executors.limits import ends_after


@dataclass(frozen=True)
class Piece:
    """Some pages; what each does is a word."""

    deeds: tuple[str, ...]
    first: int = 0

    def parts(self) -> list[Piece]:
        """Single pages."""
        return [replace(self, deeds=(deed,), first=self.first + n) for n, deed in enumerate(self.deeds)]

    def killed(self) -> dict[str, Any]:
        """Set aside."""
        return {"pages": [f"{self.first} set aside"]}


def work(piece: Piece) -> dict[str, Any]:
    """Do what each page says."""
    return {"pages": [_do(deed, piece.first + number) for number, deed in enumerate(piece.deeds)]}


def join(results: list[dict[str, Any]]) -> dict[str, Any]:
    """The pages of all."""
    return {"pages": [page for result in results for page in result["pages"]]}


def _do(deed: str, number: int) -> str:
    if deed == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif deed == "exit":
        os._exit(0)
    elif deed == "loop":
        with ends_after(1):
            while True:
                time.sleep(0.01)
    elif deed == "devour":
        try:
            bytearray(8 * 1024**3)
        except MemoryError:
            return f"{number} too large"
    elif deed == "fail":
        raise ValueError("a fault of ours")
    return f"{number} done"
