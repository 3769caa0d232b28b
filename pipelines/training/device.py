"""Where and in which precision this machine trains: found, never assumed."""

from contextlib import AbstractContextManager, nullcontext

import torch


def device() -> torch.device:
    """The first CUDA device, or the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision(place: torch.device) -> torch.dtype:
    """bf16 where a GPU has it. On CPUs without AMX bf16 products are slower than fp32 (140 to 240 GFLOP/s)."""
    return torch.bfloat16 if place.type == "cuda" and torch.cuda.is_bf16_supported() else torch.float32


def mixed(place: torch.device) -> AbstractContextManager[object]:
    """Autocast to the device's precision; on fp32 devices nothing changes."""
    dtype = precision(place)
    return nullcontext() if dtype is torch.float32 else torch.autocast(place.type, dtype=dtype)
