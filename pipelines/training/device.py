"""Where and in which precision this machine trains: found, never assumed."""

import logging
import time
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Literal

import torch
from torch.nn.functional import linear

log = logging.getLogger(__name__)
Precision = Literal["auto", "fp32", "bf16", "fp16"]
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
WORTH = 1.2  # times faster a CPU's bf16 products must be: casts, norms and the optimiser gain nothing from it


class NoPrecision(ValueError):
    """A precision this device cannot train in."""


def device() -> torch.device:
    """The CUDA device of this process, or the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision(place: torch.device, wanted: Precision = "auto") -> torch.dtype:
    """What the forward pass computes in. `auto`: bf16 where a GPU has it, else fp16; on a CPU what a probe finds.

    Raises NoPrecision where a CPU is asked for fp16: what CPUs have units for is bf16, which needs no scaling either.
    """
    if wanted == "fp16" and place.type == "cpu":
        raise NoPrecision("a CPU does not train in fp16; set the recipe's precision to auto, bf16 or fp32")
    if wanted != "auto":
        return DTYPES[wanted]
    if place.type == "cpu":
        return torch.bfloat16 if gain() >= WORTH else torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


def mixed(place: torch.device, dtype: torch.dtype) -> AbstractContextManager[object]:
    """Autocast to the decided precision; in fp32 nothing changes."""
    return nullcontext() if dtype is torch.float32 else torch.autocast(place.type, dtype=dtype)


def scaler(place: torch.device, dtype: torch.dtype) -> torch.amp.GradScaler:
    """Keeps fp16's small gradients from vanishing (Micikevicius and others, 2018); idle in other precisions."""
    return torch.amp.GradScaler(place.type, enabled=dtype is torch.float16)


def name_of(dtype: torch.dtype) -> str:
    """As a recipe calls it."""
    return next(name for name, one in DTYPES.items() if one is dtype)


@cache
def gain() -> float:
    """How many times faster than in fp32 this CPU multiplies in bf16, at an encoder's shapes; takes about 60 ms.

    CPUs differ: 0.6 was measured where bf16 is emulated, 2.2 with AVX512-BF16 (a whole training step: 1.5).
    """
    times: dict[torch.dtype, list[float]] = {torch.float32: [], torch.bfloat16: []}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # on a busy machine threads wait for each other, and the waiting would be counted
    try:
        for _ in range(5):  # in turn, and the best of each: one busy moment must not decide
            for dtype, seconds in times.items():
                seconds.append(_product(dtype))
    finally:
        torch.set_num_threads(threads)
    found = min(times[torch.float32]) / min(times[torch.bfloat16])
    log.info("this CPU multiplies %.1f times as fast in bf16 as in fp32", found)
    return found


def _product(dtype: torch.dtype) -> float:
    """Seconds of CPU time for 512 tokens through a matrix of 384 x 1536."""
    tokens, matrix = torch.ones(512, 384, dtype=dtype), torch.ones(1536, 384, dtype=dtype)
    started = time.process_time()
    linear(tokens, matrix)
    return time.process_time() - started
