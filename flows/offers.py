"""Synchronise Prefect's deployments with the catalog: new models get deployments, removed models lose them."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from pydantic import TypeAdapter, ValidationError

from flows.pauses import AllPauses, DeploymentPauses, pause, read
from pipelines.catalog.catalog_file import BrokenCatalog, load
from pipelines.catalog.spec import ModelSpec
from pipelines.workspace.workspace import Workspace

EVERY_SECONDS = 10.0
# A model must be missing in so many readings in a row, over a minute: a catalog may be read while it is written.
READINGS = 7
Ids = TypeAdapter(dict[str, list[UUID]])
Saved = TypeVar("Saved")
Delete = Callable[[Collection[UUID]], Awaitable[list[DeploymentPauses]]]


async def delete_deployments(ids: Collection[UUID]) -> list[DeploymentPauses]:
    """Remove the deployments; return the pauses of each."""
    paused = [DeploymentPauses() for _ in ids]
    async with get_client() as client:
        for index, deployment in enumerate(ids):
            with suppress(ObjectNotFound):  # already deleted, or this is another Prefect server
                paused[index] = await read(client, deployment)
                await client.delete_resource_owned_automations(f"prefect.deployment.{deployment}")
                await client.delete_deployment(deployment)
    return paused


class DeploymentSync:
    """Registers the deployments of each declared model with Prefect, and lists them in a file for the next start."""

    def __init__(
        self,
        runner: Runner,
        workspace: Workspace,
        deployments: Callable[[ModelSpec], Collection[RunnerDeployment]],
        delete: Delete = delete_deployments,
    ) -> None:
        self._delete = delete
        self._runner, self._catalog, self._deployments = runner, workspace.catalog_file, deployments
        self._specs, self._read = dict[str, ModelSpec](), _state(self._catalog)
        self._file = workspace.files.logs / "deployments.json"
        self._paused_file = workspace.files.logs / "deployments.paused.json"
        self._paused = _saved(self._paused_file, AllPauses)
        self._ids, self._missed = _saved(self._file, Ids), dict[str, int]()

    async def update(self) -> None:
        """Register new and changed models, withdraw removed ones; raises BrokenCatalog."""
        self._read = _state(self._catalog)
        missed, self._missed = self._missed, {}
        catalog = load(self._catalog)
        for name, spec in catalog.items():
            if self._specs.get(name) != spec:
                self._ids[name] = [
                    await self._runner.aadd_deployment(deployment) for deployment in self._deployments_of(spec)
                ]
                self._specs[name] = spec
                self._paused.pop(name, None)
        for name in self._missing(catalog):
            self._missed[name] = missed.get(name, 0) + 1
            if self._missed[name] >= READINGS:
                await self._withdraw(name)
        self._file.write_bytes(Ids.dump_json(self._ids))
        self._paused_file.write_bytes(AllPauses.dump_json(self._paused))

    def _deployments_of(self, spec: ModelSpec) -> list[RunnerDeployment]:
        """The deployments of a model; a model that comes back gets the pauses that a person had set."""
        paused = self._paused.get(spec.name, ())
        deployments = self._deployments(spec)
        if not paused:
            return [*deployments]
        return [pause(deployment, pauses) for deployment, pauses in zip(deployments, paused, strict=False)]

    def _missing(self, catalog: Collection[str]) -> set[str]:
        """Models with deployments that the catalog no longer declares; none while its file is empty or missing."""
        file = self._catalog
        return self._ids.keys() - set(catalog) if file.exists() and file.read_bytes().strip() else set()

    async def _withdraw(self, name: str) -> None:
        self._paused[name] = await self._delete(self._ids[name])
        del self._ids[name], self._missed[name]
        self._specs.pop(name, None)
        _log(f"{name} is no longer declared: its deployments, schedule and automation are removed; its runs stay")

    async def follow(self, every: float = EVERY_SECONDS) -> None:
        """Update when the catalog's file has changed, and while a model is missing; log failures and try again."""
        retry = False
        while True:
            await asyncio.sleep(every)
            if not retry and not self._missed and _state(self._catalog) == self._read:
                continue
            retry = False
            try:
                await self.update()
            except BrokenCatalog as error:  # the file is being written: registered deployments stay until it is valid
                _log(str(error))
            except Exception as error:  # Prefect may be unreachable for a moment
                retry = True
                _log(f"the deployments were not updated; trying again in {every:g} s: {type(error).__name__}: {error}")


def _state(file: Path) -> tuple[int, int] | None:
    """A stamp of a file that changes with every write; None if the file does not exist."""
    with suppress(FileNotFoundError):
        status = file.stat()
        return status.st_mtime_ns, status.st_size
    return None


def _saved(file: Path, kind: TypeAdapter[dict[str, list[Saved]]]) -> dict[str, list[Saved]]:
    with suppress(FileNotFoundError, ValidationError):
        return kind.validate_json(file.read_bytes())
    return {}


def _log(line: str) -> None:
    """Print a line to stderr, the log of this process; Prefect shows only logs of runs."""
    print(line, file=sys.stderr, flush=True)
