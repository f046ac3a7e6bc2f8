"""Neural networks in ONNX files, run on the processor by OpenVINO or onnxruntime.

Nothing is ever downloaded: a file that is not there is an error that names it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wenyuan.repo.errors import ModelMissing, UnknownBackend

Tensor = NDArray[np.float32]
Network = Callable[[Tensor], Tensor]
"""One input, one output. The result may be overwritten by the next call: copy what is to be kept."""

_M_MMAP_THRESHOLD = -3
_LARGE = 4 * 1024**2
"""Bytes: buffers from this size on go back to the system when they are freed."""

BACKENDS = ("openvino", "onnxruntime")
"""The fastest first (docs/decisions/012)."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A network ready to run.

    Attributes:
        notes: what the file says of itself, e.g. `character`, the recogniser's alphabet.
    """

    run: Network
    notes: dict[str, str]


def choose(backend: str) -> str:
    """The back end that "auto" stands for here, or the one named.

    Raises:
        UnknownBackend: none of this name.
    """
    if backend == "auto":
        return next(name for name in BACKENDS if find_spec(name))
    if backend not in BACKENDS:
        raise UnknownBackend(setting="WENYUAN_OCR_BACKEND", value=backend, allowed=list(BACKENDS))
    return backend


def label(backend: str) -> str:
    """`openvino 2026.4.1`."""
    return f"{backend} {version(backend)}"


def load(file: Path, backend: str, threads: int) -> Loaded:
    """Open a network.

    Raises:
        ModelMissing: the file is not there.
    """
    if not file.is_file():
        raise ModelMissing(file=file.name)
    _give_back_large_buffers()
    return _LOADERS[backend](file, threads)


def _give_back_large_buffers() -> None:
    """Keep glibc from raising this size by itself (mallopt(3)): pages of many sizes left 300 MB of holes."""
    with suppress(AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)


def _onnxruntime(file: Path, threads: int) -> Loaded:
    import onnxruntime  # 20 MB that the other back end does not need

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # The arena keeps the largest page's buffers for ever.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    # Threads that wait for work would otherwise run in circles: half as much processor time again.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(batch: Tensor) -> Tensor:
        result: Tensor = session.run(None, {name: batch})[0]
        return result

    return Loaded(run, dict(session.get_modelmeta().custom_metadata_map))


def _openvino(file: Path, threads: int) -> Loaded:
    import openvino  # an extra

    core = openvino.Core()
    model = core.read_model(file)
    settings: dict[str, Any] = {
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        # Pinned, the processes of a pool all sit on the same cores (docs/decisions/012).
        "ENABLE_CPU_PINNING": False,
        # What it prepares for one size of picture it keeps for ever otherwise: 20 MB a size.
        "CPU_RUNTIME_CACHE_CAPACITY": 0,
    }
    request = core.compile_model(model, "CPU", settings).create_infer_request()

    def run(batch: Tensor) -> Tensor:
        request.infer([batch], share_inputs=True)
        result: Tensor = request.get_output_tensor().data
        return result

    alphabet = ["framework", "character"]
    return Loaded(run, {"character": str(model.get_rt_info(alphabet).value)} if model.has_rt_info(alphabet) else {})


_LOADERS: dict[str, Callable[[Path, int], Loaded]] = {"onnxruntime": _onnxruntime, "openvino": _openvino}
