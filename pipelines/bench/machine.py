"""The machine and its speed of matrix products."""

import platform
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import torch

from pipelines.runtime.cores import cores

# Rows, inner, columns: large squares, and the products of a small encoder's layers.
SHAPES = ((2048, 2048, 2048), (1024, 384, 1536), (1024, 1536, 384), (4096, 384, 1536), (4096, 768, 3072))
OPERATIONS = 5e9  # of one try: some hundredths of a second on two cores


@dataclass(frozen=True)
class Machine:
    """Processor, memory and the libraries that compute; `threads` are torch's."""

    processor: str
    cores: int
    memory_gib: float
    device: str
    threads: int
    system: str
    python: str
    torch: str
    kernels: str
    transformers: str

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.cores} cores, {self.memory_gib:.0f} GiB, {self.device}; torch {self.torch} "
            f"({self.kernels}, {self.threads} threads), transformers {self.transformers}, Python {self.python}"
        )


def machine() -> Machine:
    """The machine of this process."""
    gpu = torch.cuda.is_available()
    return Machine(
        processor=_processor(),
        cores=cores(),
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        device=torch.cuda.get_device_name() if gpu else "no GPU",
        threads=torch.get_num_threads(),
        system=platform.system(),
        python=platform.python_version(),
        torch=torch.__version__,
        kernels=_kernels(),
        transformers=version("transformers"),
    )


def identity() -> dict[str, Any]:
    """The properties that must be equal for two figures to be comparable."""
    return {name: value for name, value in asdict(machine()).items() if name != "memory_gib"}


def timestamp() -> str:
    """The current time in ISO 8601, in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def matrix_rate(device: torch.device, dtype: torch.dtype = torch.float32, tries: int = 25) -> float:
    """Floating-point operations per second of the best matrix product, over shapes and tries."""
    return max(_rate(shape, device, dtype) for _ in range(tries) for shape in SHAPES)


def _rate(shape: tuple[int, int, int], device: torch.device, dtype: torch.dtype) -> float:
    rows, inner, columns = shape
    left = torch.randn(rows, inner, device=device).to(dtype)
    right = torch.randn(inner, columns, device=device).to(dtype)
    repeats = max(1, int(OPERATIONS / (2 * rows * inner * columns)))
    torch.mm(left, right)
    _synchronise(device)
    started = time.perf_counter()
    for _ in range(repeats):
        torch.mm(left, right)
    _synchronise(device)
    return 2 * rows * inner * columns * repeats / (time.perf_counter() - started)


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _kernels() -> str:
    """The matrix libraries of torch, with their versions."""
    lines = [line.strip(" -") for line in torch.__config__.show().splitlines()]
    libraries = [line for line in lines if line.startswith(("Intel(R) oneAPI Math Kernel", "Intel(R) MKL", "OpenBLAS"))]
    capability = torch.backends.cpu.get_cpu_capability()
    return ", ".join([*(line.split("-Product")[0].split(" for ")[0].split(" (")[0] for line in libraries), capability])
