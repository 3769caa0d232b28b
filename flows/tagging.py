"""Tags to filter Prefect's lists of runs and deployments by."""

from typing import Any

from prefect import Flow, tags


def tags_of(flow: Flow[..., Any], *about: str) -> list[str]:
    """The tags `needloop`, the name of the flow, and its models or other subjects."""
    return ["needloop", flow.name, *about]


def run_tagged(flow: Flow[..., Any], model: str, *arguments: Any) -> Any:
    """Run a flow of a model in this process, with the same tags as a run of its deployment."""
    with tags(*tags_of(flow, model)):
        return flow(model, *arguments)
