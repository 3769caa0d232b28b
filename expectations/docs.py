"""Data Docs: each validation is stored as a result and as a static HTML page under the state folder."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import great_expectations as gx
import pandas as pd
from filelock import FileLock
from great_expectations.core import ExpectationSuiteValidationResult, RunIdentifier
from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    FilesystemStoreBackendDefaults,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)

from expectations import leftovers
from expectations.failure import explain

KEPT_RESULTS = 20  # of one suite; older results are removed with their pages


@dataclass(frozen=True)
class PublishedResult:
    """The number of expectations, a sentence for each failed one, and the URL of the page with the result."""

    checks: int
    failed: tuple[str, ...]
    page: str


def publish(rows: pd.DataFrame, suite: gx.ExpectationSuite, run: str, home: Path) -> PublishedResult:
    """Validate the rows with the suite and publish the result in `home/docs`, listed as `run`."""
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / "docs.lock"):
        leftovers.remove_incomplete(home / "gx", home / "docs")
        context = _context(home)
        suite = context.suites.add_or_update(suite)
        result = _validate(context, rows, suite)
        return PublishedResult(len(result.results), explain(result), _build(context, result, run))


def failed_expectations(rows: pd.DataFrame, suite: gx.ExpectationSuite) -> tuple[str, ...]:
    """A sentence for each expectation that the rows fail; stores no result and no page."""
    settings = ProgressBarsConfig(globally=False)
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(), analytics_enabled=False, progress_bars=settings
    )
    return explain(_validate(gx.get_context(mode="ephemeral", project_config=config), rows, suite))


def _context(home: Path) -> AbstractDataContext:
    stores = FilesystemStoreBackendDefaults(root_directory=home / "gx")
    stores.data_docs_sites = {"docs": _site(home / "docs")}
    for store in stores.stores.values():
        # Nothing here uses the id in this file, and each run would warn about an incomplete one.
        cast(dict[str, Any], store["store_backend"])["suppress_store_backend_id"] = True
    config = DataContextConfig(
        store_backend_defaults=stores,
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _site(folder: Path) -> dict[str, Any]:
    ours = {"module_name": "expectations.page"}
    page = {"view": {**ours, "class_name": "DocsPage"}}
    front = {"renderer": {**ours, "class_name": "PageLinks"}, "view": {**ours, "class_name": "FrontPage"}}
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
        "site_section_builders": {"expectations": page, "validations": page, "profiling": "None"},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder", **front},
    }


def _validate(
    context: AbstractDataContext, rows: pd.DataFrame, suite: gx.ExpectationSuite
) -> ExpectationSuiteValidationResult:
    asset = context.data_sources.add_pandas("corpus").add_dataframe_asset(suite.name)
    batch = asset.add_batch_definition_whole_dataframe("train and test").get_batch({"dataframe": rows})
    return batch.validate(suite, result_format="SUMMARY")


def _build(context: AbstractDataContext, result: ExpectationSuiteValidationResult, run: str) -> str:
    suite = ExpectationSuiteIdentifier(result.suite_name)
    result.meta["run_id"] = RunIdentifier(run_name=run, run_time=datetime.now(UTC))
    key = ValidationResultIdentifier(suite, result.meta["run_id"], result.batch_id)
    context.validation_results_store.set(key, result)
    _remove_oldest(context, suite)
    context.build_data_docs(resource_identifiers=[key, suite])  # type: ignore[arg-type]
    [site] = context.get_docs_sites_urls(resource_identifier=key)
    return str(site["site_url"])


def _remove_oldest(context: AbstractDataContext, suite: ExpectationSuiteIdentifier) -> None:
    store = context.validation_results_store
    keys = [key for key in store.list_keys() if isinstance(key, ValidationResultIdentifier)]
    own = [key for key in keys if key.expectation_suite_identifier == suite]
    for key in sorted(own, key=lambda key: key.run_id.run_time)[:-KEPT_RESULTS]:
        store.remove_key(key)  # type: ignore[no-untyped-call]
