"""The deployments in Prefect follow the catalog: a model that is added gets its own, one that is removed loses them."""

import asyncio
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from pydantic import TypeAdapter, ValidationError

from flows.pauses import AllPauses, Pauses, pause, read
from pipelines.catalog.spec import BrokenCatalog, ModelSpec, load
from pipelines.home.workspace import Workspace

EVERY_SECONDS = 10.0
# A model must be missing so many times in a row, over a minute: a catalog may be seen while it is written.
LOOKS = 7
Ids = TypeAdapter(dict[str, list[UUID]])
Noted = TypeVar("Noted")


class Offers:
    """Registers the deployments of each declared model with Prefect, and lists them in a file for the next start."""

    def __init__(
        self, runner: Runner, workspace: Workspace, deployments: Callable[[ModelSpec], Collection[RunnerDeployment]]
    ) -> None:
        self._runner, self._catalog, self._deployments = runner, workspace.catalog_file, deployments
        self._specs, self._read = dict[str, ModelSpec](), _state(self._catalog)
        self._file = workspace.files.logs / "deployments.json"
        self._paused_file = workspace.files.logs / "deployments.paused.json"
        self._paused = _noted(self._paused_file, AllPauses)
        self._ids, self._missed = _noted(self._file, Ids), dict[str, int]()

    async def update(self) -> None:
        """Offer what is declared and differs from before, withdraw what is gone for good; raises BrokenCatalog."""
        self._read = _state(self._catalog)
        missed, self._missed = self._missed, {}
        catalog = load(self._catalog)
        for name, spec in catalog.items():
            if self._specs.get(name) != spec:
                self._ids[name] = [await self._runner.aadd_deployment(each) for each in self._offered(spec)]
                self._specs[name] = spec
                self._paused.pop(name, None)
        for name in self._missing(catalog):
            self._missed[name] = missed.get(name, 0) + 1
            if self._missed[name] >= LOOKS:
                await self._withdraw(name)
        self._file.write_bytes(Ids.dump_json(self._ids))
        self._paused_file.write_bytes(AllPauses.dump_json(self._paused))

    def _offered(self, spec: ModelSpec) -> list[RunnerDeployment]:
        """Its deployments; one that was away comes back with what a person had paused."""
        paused = self._paused.get(spec.name, ())
        deployments = self._deployments(spec)
        if not paused:
            return [*deployments]
        return [pause(each, pauses) for each, pauses in zip(deployments, paused, strict=False)]

    def _missing(self, catalog: Collection[str]) -> set[str]:
        """Models with deployments that the catalog no longer declares; none while its file is empty or missing."""
        file = self._catalog
        return self._ids.keys() - set(catalog) if file.exists() and file.read_bytes().strip() else set()

    async def _withdraw(self, name: str) -> None:
        self._paused[name] = await _withdrawn(self._ids[name])
        del self._ids[name], self._missed[name]
        self._specs.pop(name, None)
        _tell(f"{name} is no longer declared: its deployments, schedule and automation are removed; its runs stay")

    async def follow(self, every: float = EVERY_SECONDS) -> None:
        """Update whenever the catalog's file has changed, and while a model is missing from it.

        What cannot be read or reached is told, and tried again.
        """
        again = False
        while True:
            await asyncio.sleep(every)
            if not again and not self._missed and _state(self._catalog) == self._read:
                continue
            again = False
            try:
                await self.update()
            except BrokenCatalog as error:  # while somebody writes it: what was offered stays until it can be read
                _tell(str(error))
            except Exception as error:  # Prefect may be away for a moment
                again = True
                _tell(f"the deployments were not updated, and will be tried again: {type(error).__name__}: {error}")


async def _withdrawn(ids: Collection[UUID]) -> list[Pauses]:
    """Remove the deployments; what was paused of each."""
    paused = [Pauses() for _ in ids]
    async with get_client() as client:
        for place, deployment in enumerate(ids):
            with suppress(ObjectNotFound):  # somebody else was first, or this is another Prefect
                paused[place] = await read(client, deployment)
                await client.delete_resource_owned_automations(f"prefect.deployment.{deployment}")
                await client.delete_deployment(deployment)
    return paused


def _state(file: Path) -> tuple[int, int] | None:
    """A stamp of a file that changes with every write; None if the file does not exist."""
    with suppress(FileNotFoundError):
        found = file.stat()
        return found.st_mtime_ns, found.st_size
    return None


def _noted(file: Path, kind: TypeAdapter[dict[str, list[Noted]]]) -> dict[str, list[Noted]]:
    with suppress(FileNotFoundError, ValidationError):
        return kind.validate_json(file.read_bytes())
    return {}


def _tell(line: str) -> None:
    """Into the log of the process: Prefect shows only those of runs."""
    print(line, file=sys.stderr, flush=True)
