"""Card sections on a version's data, training cost and recipe."""

from pipelines.card.lineage import DataChecks, Lineage
from pipelines.card.markdown import bullet_list, in_home, name_value_list, section, table
from pipelines.evaluation.figures import MISSING, size


def data(lineage: Lineage) -> str:
    """The train snapshot, its size, its share of feedback, and the results of the expectations."""
    parameters = lineage.parameters
    return section(
        "Data",
        name_value_list(
            [
                ("train snapshot", lineage.snapshot or MISSING),
                ("rows learnt from", parameters.get("rows", MISSING)),
                ("of them from feedback", _feedback(lineage)),
                ("source", parameters.get("source", MISSING)),
            ]
        ),
        _rows(lineage),
        _expectations(lineage.checked),
    )


def _rows(lineage: Lineage) -> str:
    """A table of what became of every row of the source; empty for versions made before these were recorded."""
    prefix = "rows."
    rows = [
        (name.removeprefix(prefix).replace("left_out.", "left out: ").replace("_", " "), f"{value:,.0f}")
        for name, value in lineage.figures.items()
        if name.startswith(prefix)
    ]
    return table(("rows", "number"), rows) if rows else ""


def _feedback(lineage: Lineage) -> str:
    rows = lineage.parameters.get("feedback", MISSING)
    return f"{rows}, up to feedback {lineage.feedback}" if lineage.feedback else rows


def _expectations(checked: DataChecks | None) -> str:
    if checked is None:
        return "The results of the expectations for this snapshot are not recorded."
    summary = f"{checked.checks} expectations, {len(checked.failed) or 'none'} failed"
    return "\n\n".join(filter(None, (summary + _data_docs(checked), bullet_list(checked.failed))))


def _data_docs(checked: DataChecks) -> str:
    """A link to the Data Docs if it works from the card, otherwise the file's path."""
    if checked.page:
        return f": [Data Docs]({checked.page})."
    return f". {in_home('Data Docs', checked.file)}" if checked.file else "; their page is gone."


def cost(lineage: Lineage) -> str:
    """Time and memory of the training, and the size of the package."""
    figures = lineage.figures
    if not figures:
        return section("Cost", "Not recorded.")
    seconds = {"wall": "cost.seconds", "CPU": "cost.cpu_seconds", "GPU": "cost.gpu_seconds"}
    memory = {"peak memory": "cost.memory", "peak GPU memory": "cost.gpu_memory"}
    package = [("package", size(figures["serve.bytes"]))] if "serve.bytes" in figures else []
    rows = [
        *((f"{name} seconds", f"{figures[key]:.1f}") for name, key in seconds.items() if key in figures),
        *((name, size(figures[key])) for name, key in memory.items() if key in figures),
        *package,
    ]
    return section("Cost", table(("what", "spent"), rows))


def recipe(lineage: Lineage) -> str:
    """The training settings as they were declared."""
    settings = {
        name.removeprefix("recipe."): value for name, value in lineage.parameters.items() if name.startswith("recipe.")
    }
    return section("Recipe", table(("setting", "value"), sorted(settings.items())) if settings else "Not recorded.")
