"""Worker processes of one training on one machine: start, watch, end, and read their result."""

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
from pipelines.training.optimisation.training_loop import ProgressCallback
from pipelines.training.pretraining.pretraining import with_pretrained_base


class WorkerFailed(RuntimeError):
    """A worker process ended before its work was done; the other workers were ended too."""


def fine_tune_together(
    train: pd.DataFrame,
    spec: ModelSpec,
    folder: Path,
    parent: Path | None,
    progress: ProgressCallback,
    count: int,
    sharding: Sharding,
    messages: Iterable[str] = (),
) -> Challenger:
    """`fine_tune` in `count` new processes; the result equals one process's within rounding. Raises WorkerFailed."""
    if 0 < torch.cuda.device_count() < count:
        raise ValueError(
            f"{count} processes need a GPU each, this machine has {torch.cuda.device_count()}; "
            f"set NEEDLOOP_PROCESSES to {torch.cuda.device_count()} or less"
        )
    folder.mkdir(parents=True, exist_ok=True)
    meter = Meter(spec.recipe.budget)  # pretraining runs once, in this process
    worker_spec, perplexity = (
        (spec, None) if parent else with_pretrained_base(train, messages, spec, folder / "pretrained", progress, meter)
    )
    job = WorkerJob(worker_spec, folder, parent, count, sharding, os.getpid(), meter.cost(), time.time())
    train.to_parquet(job.frame)
    job.progress.touch()
    # The fork server imports once for all workers; forks of this process would inherit its threads and locks.
    multiprocessing.set_forkserver_preload(["pipelines.training.fine_tuning"])
    context = start_processes(_work, (job,), nprocs=count, join=False, daemon=True, start_method="forkserver")
    try:
        _wait(context, job, progress)
        return replace(TypeAdapter(Challenger).validate_json(job.result.read_bytes()), perplexity=perplexity)
    finally:
        for process in context.processes:
            process.kill()
            process.join()
        for file in (job.frame, job.progress, job.result, job.rendezvous):
            file.unlink(missing_ok=True)


def _wait(context: ProcessContext, job: WorkerJob, progress: ProgressCallback) -> None:
    with job.progress.open(encoding="utf-8") as lines:
        finished = False
        while not finished:
            try:
                finished = context.join(timeout=0.2)
            except (ProcessRaisedException, ProcessExitedException) as error:
                raise WorkerFailed(_failure_message(error, job.processes)) from error
            for line in lines:
                progress(*json.loads(line))


def _failure_message(error: ProcessRaisedException | ProcessExitedException, count: int) -> str:
    reason = str(error).strip().rpartition("\n")[2]
    return f"training process {error.error_index + 1} of {count} ended: {reason}; nothing was registered, train again"


def _work(rank: int, job: WorkerJob) -> None:
    """Run one worker process: join the others and train; the first one writes the challenger and its record."""
    _join(rank, job)
    before = job.cost_before()
    train = pd.read_parquet(job.frame)
    progress = progress_writer(rank, job)
    challenger = fine_tune(train, job.spec, job.folder, job.parent, progress, job.sharding, before=before)
    if rank == 0:
        job.result.write_bytes(TypeAdapter(Challenger).dump_json(challenger))
    dist.destroy_process_group()


def _join(rank: int, job: WorkerJob) -> None:
    """Join the process group of this machine; the processes share its cores."""
    gpu, threads = torch.cuda.is_available(), max(1, torch.get_num_threads() // job.processes)
    interface = "lo0" if sys.platform == "darwin" else "lo"
    os.environ |= {"GLOO_SOCKET_IFNAME": interface, "NCCL_SOCKET_IFNAME": interface, "OMP_NUM_THREADS": str(threads)}
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    os.environ |= {"WORLD_SIZE": str(job.processes), "LOCAL_WORLD_SIZE": str(job.processes)}
    torch.set_num_threads(threads)
    if gpu:
        torch.cuda.set_device(rank)
    backend = "cpu:gloo,cuda:nccl" if gpu else "gloo"
    dist.init_process_group(
        backend, init_method=job.rendezvous.absolute().as_uri(), rank=rank, world_size=job.processes
    )
    PartialState(cpu=not gpu)  # accelerate gathers nothing without this state


def progress_writer(rank: int, job: WorkerJob) -> ProgressCallback:
    """Progress callback that writes the first process's steps, and exits when the parent process has ended."""

    def progress(*step: int | float | None) -> None:
        if not _is_alive(job.parent_pid):
            raise SystemExit("the process that started this training has ended; train again")
        if rank == 0:
            with job.progress.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(step) + "\n")

    return progress


def _is_alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except (psutil.NoSuchProcess, ValueError):
        return False
