"""Device and numeric precision of training, chosen by what this machine has."""

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
MIN_SPEEDUP = 1.2  # of a CPU's bf16 products: casts, norms and the optimiser gain nothing from it


class UnsupportedPrecision(ValueError):
    """The recipe asks for a precision that this device cannot train in."""


def choose_device() -> torch.device:
    """The CUDA device of this process, or the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def compute_dtype(device: torch.device, precision: Precision = "auto") -> torch.dtype:
    """Data type of the forward pass. `auto`: on a GPU bf16 if it has it, else fp16; on a CPU what a probe finds.

    Raises UnsupportedPrecision for fp16 on a CPU: CPUs have units for bf16, which needs no scaling either.
    """
    if precision == "fp16" and device.type == "cpu":
        raise UnsupportedPrecision("a CPU does not train in fp16; set the recipe's precision to auto, bf16 or fp32")
    if precision != "auto":
        return DTYPES[precision]
    if device.type == "cpu":
        return torch.bfloat16 if bf16_speedup() >= MIN_SPEEDUP else torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


@contextmanager
def mixed_precision(device: torch.device, dtype: torch.dtype) -> Iterator[None]:
    """Autocast to `dtype`, except attention on a CPU; in fp32 nothing changes."""
    if dtype is torch.float32:
        yield
        return
    with torch.autocast(device.type, dtype=dtype), _FloatAttention() if device.type == "cpu" else nullcontext():
        yield


class _FloatAttention(TorchFunctionMode):
    """Attention in fp32 under autocast: the backward pass of a CPU's fused attention is slow in bf16.

    Of a training step of 64 texts of 14 tokens it took 44% in bf16, and takes 5% in fp32.
    """

    def __torch_function__(
        self, function: Callable[..., Any], _types: object, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if function is not scaled_dot_product_attention:
            return function(*args, **kwargs)
        with torch.autocast("cpu", enabled=False):
            return function(*map(_as_float, args), **{name: _as_float(value) for name, value in kwargs.items()})


def _as_float(value: Any) -> Any:
    return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value


def make_grad_scaler(device: torch.device, dtype: torch.dtype) -> torch.amp.GradScaler:
    """Gradient scaler for fp16 (Micikevicius and others, 2018); disabled in other precisions."""
    return torch.amp.GradScaler(device.type, enabled=dtype is torch.float16)


def precision_name(dtype: torch.dtype) -> str:
    """Name of a data type in a recipe."""
    return next(name for name, known in DTYPES.items() if known is dtype)


@cache
def bf16_speedup() -> float:
    """Speed of bf16 over fp32 products on this CPU at an encoder's shapes, as a ratio; takes about 60 ms.

    CPUs differ: 0.6 was measured where bf16 is emulated, 2.2 with AVX512-BF16 (a whole training step: 1.5).
    """
    times: dict[torch.dtype, list[float]] = {torch.float32: [], torch.bfloat16: []}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # on a busy machine threads wait for each other, and the waiting would be counted
    try:
        for _ in range(5):  # in turns, the best of each: one busy moment must not decide
            for dtype, seconds in times.items():
                seconds.append(_product_seconds(dtype))
    finally:
        torch.set_num_threads(threads)
    speedup = min(times[torch.float32]) / min(times[torch.bfloat16])
    log.info("this CPU multiplies %.1f times as fast in bf16 as in fp32", speedup)
    return speedup


def _product_seconds(dtype: torch.dtype) -> float:
    """CPU seconds for 512 tokens through a matrix of 384 x 1536."""
    tokens, matrix = torch.ones(512, 384, dtype=dtype), torch.ones(1536, 384, dtype=dtype)
    started = time.process_time()
    linear(tokens, matrix)
    return time.process_time() - started
