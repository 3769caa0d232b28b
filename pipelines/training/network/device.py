"""Where and in which precision this machine trains: found, never assumed."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn.functional import linear, scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

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


@contextmanager
def mixed(place: torch.device, dtype: torch.dtype) -> Iterator[None]:
    """Autocast to the decided precision, but for attention on a CPU; in fp32 nothing changes."""
    if dtype is torch.float32:
        yield
        return
    with torch.autocast(place.type, dtype=dtype), _FullAttention() if place.type == "cpu" else nullcontext():
        yield


class _FullAttention(TorchFunctionMode):
    """Attention in fp32 whatever the autocast: the way back through a CPU's fused attention is slow in bf16.

    Of a training step of 64 texts of 14 tokens it took 44% in bf16, and takes 5% in fp32.
    """

    def __torch_function__(
        self, function: Callable[..., Any], _types: object, given: tuple[Any, ...] = (), named: Any = None
    ) -> Any:
        named = named or {}
        if function is not scaled_dot_product_attention:
            return function(*given, **named)
        with torch.autocast("cpu", enabled=False):
            return function(*map(_full, given), **{name: _full(one) for name, one in named.items()})


def _full(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value


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
