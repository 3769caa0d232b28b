"""The processes that train one network together on one machine: started, watched, ended; what they leave is read."""

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import psutil
import torch
import torch.distributed as dist
from accelerate import PartialState
from pydantic import TypeAdapter
from torch.multiprocessing.spawn import ProcessContext, ProcessExitedException, ProcessRaisedException, start_processes

from pipelines.catalog.spec import ModelSpec
from pipelines.training.challenger import Challenger
from pipelines.training.distribution.worker_job import WorkerJob
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.network.network import Sharding
from pipelines.training.optimisation.cost import Meter
from pipelines.training.optimisation.training_loop import Watch
from pipelines.training.pretraining.pretraining import adopted


class WorkerFailed(RuntimeError):
    """A process of a shared training ended before its work was done; the others were ended too."""


def fine_tune_together(
    train: pd.DataFrame,
    spec: ModelSpec,
    folder: Path,
    parent: Path | None,
    watch: Watch,
    count: int,
    sharding: Sharding,
    messages: Iterable[str] = (),
) -> Challenger:
    """`fine_tune` in `count` fresh processes; the result is one process's within rounding. Raises WorkerFailed."""
    if 0 < torch.cuda.device_count() < count:
        raise ValueError(
            f"{count} processes need a GPU each, this machine has {torch.cuda.device_count()}; "
            f"set NEEDLOOP_PROCESSES to {torch.cuda.device_count()} or less"
        )
    folder.mkdir(parents=True, exist_ok=True)
    meter = Meter(spec.recipe.budget)  # the texts are read once, in this process
    own, read = (spec, None) if parent else adopted(train, messages, spec, folder / "pretrained", watch, meter)
    order = WorkerJob(own, folder, parent, count, sharding, os.getpid(), meter.spent(), time.time())
    train.to_parquet(order.frame)
    order.progress.touch()
    # A fresh process imports once for all; forks of this one would inherit its threads and locks.
    multiprocessing.set_forkserver_preload(["pipelines.training.fine_tuning"])
    running = start_processes(_work, (order,), nprocs=count, join=False, daemon=True, start_method="forkserver")
    try:
        _await(running, order, watch)
        return replace(TypeAdapter(Challenger).validate_json(order.result.read_bytes()), perplexity=read)
    finally:
        for one in running.processes:
            one.kill()
            one.join()
        for file in (order.frame, order.progress, order.result, order.meeting):
            file.unlink(missing_ok=True)


def _await(running: ProcessContext, order: WorkerJob, watch: Watch) -> None:
    with order.progress.open(encoding="utf-8") as lines:
        ended = False
        while not ended:
            try:
                ended = running.join(timeout=0.2)
            except (ProcessRaisedException, ProcessExitedException) as error:
                raise WorkerFailed(_sentence(error, order.processes)) from error
            for line in lines:
                watch(*json.loads(line))


def _sentence(error: ProcessRaisedException | ProcessExitedException, count: int) -> str:
    why = str(error).strip().rpartition("\n")[2]
    return f"training process {error.error_index + 1} of {count} ended: {why}; nothing was registered, train again"


def _work(rank: int, order: WorkerJob) -> None:
    """One process: join the others and learn; the first one leaves the challenger and its record."""
    _join(rank, order)
    before = order.before()
    train = pd.read_parquet(order.frame)
    watch = _watch(rank, order)
    challenger = fine_tune(train, order.spec, order.folder, order.parent, watch, order.sharding, before=before)
    if rank == 0:
        order.result.write_bytes(TypeAdapter(Challenger).dump_json(challenger))
    dist.destroy_process_group()


def _join(rank: int, order: WorkerJob) -> None:
    """Meet the other processes; they talk within this machine only, and share its cores."""
    gpu, threads = torch.cuda.is_available(), max(1, torch.get_num_threads() // order.processes)
    inside = "lo0" if sys.platform == "darwin" else "lo"
    os.environ |= {"GLOO_SOCKET_IFNAME": inside, "NCCL_SOCKET_IFNAME": inside, "OMP_NUM_THREADS": str(threads)}
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    os.environ |= {"WORLD_SIZE": str(order.processes), "LOCAL_WORLD_SIZE": str(order.processes)}
    torch.set_num_threads(threads)
    if gpu:
        torch.cuda.set_device(rank)
    backend = "cpu:gloo,cuda:nccl" if gpu else "gloo"
    dist.init_process_group(
        backend, init_method=order.meeting.absolute().as_uri(), rank=rank, world_size=order.processes
    )
    PartialState(cpu=not gpu)  # accelerate gathers nothing before it knows of the others


def _watch(rank: int, order: WorkerJob) -> Watch:
    """Tell the steps of the first process, and end when nobody waits for the result any more."""

    def watch(*step: int | float | None) -> None:
        if not _alive(order.starter):
            raise SystemExit("the process that started this training is gone")
        if rank == 0:
            with order.progress.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(step) + "\n")

    return watch


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except (psutil.NoSuchProcess, ValueError):
        return False
