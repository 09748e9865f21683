"""Chooses the device and number format for models, and collects the facts about both for the window."""

import functools
import json
import logging
import math
import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import torch

from studio.core.engine_config import configured
from studio.core.errors import StudioError
from studio.core.text import tr
from studio.files.atomic import write_atomic
from studio.files.reading import load_json

log = logging.getLogger(__name__)

_DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}

# Measured on a Xeon with avx512_bf16 but without AMX (torch 2.13, 2 cores): bfloat16 took 1.9 times as long as float32
# for matrix products, 1.8 times for 3x3 convolutions and 1.3 to 1.8 times for whole UNets of 16 to 64 million
# parameters; channels_last changed nothing. On other machines with the same flag, and with AMX, it is the faster
# one by far. So a measurement decides, not a flag: of both operations, since picture models use both.
_WORTH_IT = 1.2
_FINE = 1e-5
"""Seconds of clock resolution; measurements take about a hundred times as long."""


class DeviceChoice(NamedTuple):
    """Where models run. ``device`` is a torch device's name, ``why`` a translated phrase."""

    device: str
    dtype: torch.dtype
    why: str


def choose() -> DeviceChoice:
    """The fastest device and format here, or the configured ones.

    Raises StudioError if these are not available.
    """
    device, why = _device()
    asked = configured().dtype
    if asked:
        if asked not in _DTYPES:
            raise StudioError(
                tr(
                    "{name} is not a number format. Choose one of {names} in Settings.",
                    name=asked,
                    names=", ".join(_DTYPES),
                )
            )
        return DeviceChoice(device, _DTYPES[asked], _both(why, tr("{name} was chosen in Settings", name=asked)))
    dtype, because = _dtype(device)
    return DeviceChoice(device, dtype, _both(why, because))


def _both(one: str, other: str) -> str:
    return tr("{one}; {other}", one=one, other=other)


def _device() -> tuple[str, str]:
    asked = configured().device
    if asked:
        if asked.partition(":")[0] not in _present():
            raise StudioError(
                tr(
                    "This machine has no device {name} that torch can use. Choose another device in Settings.",
                    name=asked,
                )
            )
        return asked, tr("{name} was chosen in Settings", name=asked)
    first = _present()[0]
    return first, tr("no GPU that torch can use") if first == "cpu" else tr("the first GPU found")


def _present() -> list[str]:
    """The kinds of devices that torch can use here, the fastest first; the CPU is always among them."""
    there = {
        "cuda": torch.cuda.is_available(),
        "xpu": torch.xpu.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    return [name for name, is_there in there.items() if is_there]


def _dtype(device: str) -> tuple[torch.dtype, str]:
    kind = device.partition(":")[0]
    if kind == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.float16, tr("the card doesn't support bfloat16")
    if kind in ("cuda", "xpu"):
        return torch.bfloat16, tr("the card supports bfloat16")
    if kind == "mps":
        # M1 emulates bfloat16; all of Apple's chips support float16.
        return torch.float16, tr("Apple's chips support float16")
    gain = bfloat16_gain()
    words = tr("bfloat16 measured {times} times as fast as float32 here", times=f"{gain:.1f}")
    return (torch.bfloat16 if gain >= _WORTH_IT else torch.float32), words


@functools.cache
def bfloat16_gain() -> float:
    """bfloat16's speedup over float32 on the CPU: the smaller one of matrix products and convolutions.

    Measured once a machine (some 50 ms), and kept in the configured cache where there is one.
    """
    folder = configured().cache
    if not folder:
        return _measure()
    path = Path(folder) / "bfloat16.json"
    key = f"{platform.node()} {platform.machine()} torch {torch.__version__} threads {torch.get_num_threads()}"
    known = _read_gains(path)
    if key not in known:
        known[key] = _measure()
        _write_gains(path, known)
    return known[key]


def _read_gains(path: Path) -> dict[str, float]:
    try:
        known = load_json(path)
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in known.items() if isinstance(v, float)} if isinstance(known, dict) else {}


def _write_gains(path: Path, known: dict[str, float]) -> None:
    try:
        write_atomic(path, json.dumps(known, indent=1))
    except StudioError:
        log.warning("the measured speed could not be kept in %s", path, exc_info=True)


def _measure() -> float:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # with more threads other programs distort it: they wait for each other
    try:
        with torch.inference_mode():
            matrix, picture, kernel = torch.randn(512, 512), torch.randn(2, 128, 32, 32), torch.randn(128, 128, 3, 3)
            products = _gain(lambda dtype: (matrix.to(dtype), matrix.to(dtype)), torch.matmul)
            convolutions = _gain(lambda dtype: (picture.to(dtype), kernel.to(dtype)), torch.conv2d)
    finally:
        torch.set_num_threads(threads)
    return round(min(products, convolutions), 2)


def _gain(given: Callable[[torch.dtype], tuple[torch.Tensor, ...]], work: Callable[..., object]) -> float:
    """The speedup of ``work`` in bfloat16. The shortest runs count: interference only makes runs longer.

    Uses the thread's CPU time if its resolution suffices: on a busy machine wall time varies fivefold.
    """
    fine = time.get_clock_info("thread_time").resolution < _FINE
    now = time.thread_time if fine else time.perf_counter
    shortest = {torch.float32: math.inf, torch.bfloat16: math.inf}
    operands = {dtype: given(dtype) for dtype in shortest}
    for _ in range(7):
        for dtype, tensors in operands.items():
            start = now()
            work(*tensors)
            shortest[dtype] = min(shortest[dtype], now() - start)
    return shortest[torch.float32] / shortest[torch.bfloat16]


def use_cores() -> None:
    """Let torch use every physical core available to this process; more threads would only wait for each other."""
    if "OMP_NUM_THREADS" in os.environ:
        return
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(max(1, min(allowed, psutil.cpu_count(logical=False) or allowed)))


def memory(device: str) -> tuple[int, int]:
    """(free, total) bytes of the memory for models on ``device``."""
    kind = device.partition(":")[0]
    if kind == "cuda":
        return torch.cuda.mem_get_info(torch.device(device))
    if kind == "xpu":
        return torch.xpu.mem_get_info(torch.device(device))
    whole = psutil.virtual_memory()
    return whole.available, whole.total


def facts() -> dict[str, Any]:
    """Facts about the machine for the window: JSON values for ``EngineState.facts``.

    If the device in Settings is gone, "why" says so: the window must open so that they can be changed.
    """
    try:
        choice = choose()
    except StudioError as error:
        choice = DeviceChoice("cpu", torch.float32, error.message)
    free, total = memory(choice.device)
    missing = not torch.cuda.is_available() and torch.version.hip is None and _nvidia_card()
    return {
        "device": choice.device,
        "dtype": str(choice.dtype).removeprefix("torch."),
        "why": choice.why,
        "gpu": _gpu(choice.device),
        "threads": torch.get_num_threads(),
        "memory_free": free,
        "memory_total": total,
        "versions": {name: metadata.version(name) for name in ("torch", "diffusers", "transformers")},
        "cuda_missing": missing,
        "mend": "python3 main.py --torch auto" if missing else "",
    }


def _gpu(device: str) -> str:
    kind = device.partition(":")[0]
    if kind == "cuda":
        return torch.cuda.get_device_name(torch.device(device))
    if kind == "xpu":
        return str(torch.xpu.get_device_name(torch.device(device)))
    return "Apple" if kind == "mps" else ""


@functools.cache
def _nvidia_card() -> bool:
    """True if there is an NVIDIA card with its driver, whatever torch was built for."""
    if Path("/proc/driver/nvidia/version").exists():
        return True
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return False
    try:
        return subprocess.run([tool, "-L"], capture_output=True, timeout=10, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
