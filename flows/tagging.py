"""The tags by which Prefect's lists of runs and deployments can be filtered."""

from typing import Any

from prefect import Flow, tags


def tags_of(flow: Flow[..., Any], *about: str) -> list[str]:
    """`needloop`, the flow, and the models or what else it is about."""
    return ["needloop", flow.name, *about]


def run_tagged(flow: Flow[..., Any], model: str, *arguments: Any) -> Any:
    """Run a flow about a model in this process, with the tags that a run of its deployment has."""
    with tags(*tags_of(flow, model)):
        return flow(model, *arguments)
