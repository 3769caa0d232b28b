"""Update of a declaration whose file has gained labels; its declared labels, gate and recipe stay as they are."""

from pathlib import Path

from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion.corpus import ingest
from pipelines.ingestion.snapshot import read
from pipelines.kinds.declaring import LabelFormat, NotDeclarable
from pipelines.kinds.known import find_kind
from pipelines.onboarding.catalog_edits import edited, table_of
from pipelines.onboarding.scaffold import NewModel
from pipelines.workspace.workspace import Workspace

UNCHANGED = "the file has no label that is not declared: the declaration stays as it is"


def update(spec: ModelSpec, workspace: Workspace, min_rows: int = 1) -> NewModel:
    """The declaration with the labels that its file has gained, behind the declared ones, each with rows to learn from.

    Raises NotDeclarable if its labels come from a label file or from declared columns.
    """
    if spec.source.labels or spec.target.columns:
        raise NotDeclarable(f"the labels of {spec.name!r} are no column of cells: change its `labels` by hand")
    declaring = find_kind(spec.kind).declaring
    label_format = LabelFormat(spec.target.served_fields.get("separator"), min_rows=min_rows)
    found = declaring.target(spec.source, label_format)
    new = [label for label in found.target.names if spec.target.read(label) is None]
    grown = _with_labels(spec, new)
    corpus = ingest(grown, workspace)
    learnt = read(corpus.train)["label"].tolist()
    absent = declaring.unlearnable(grown.target, learnt) & set(new)
    if absent:
        grown = _with_labels(spec, [label for label in new if label not in absent])
        corpus = ingest(grown, workspace)
        learnt = read(corpus.train)["label"].tolist()
    share = min(spec.min_label_share, declaring.rarest_share(grown.target, learnt) / 2)
    notes = (*found.notes, *_left_out(sorted(absent)), *([] if len(new) > len(absent) else [UNCHANGED]))
    return NewModel(grown.model_copy(update={"min_label_share": share}), corpus.report, notes)


def write_update(spec: ModelSpec, file: Path) -> None:
    """Set labels, source address and smallest share of a label in the catalog; everything else stays as written."""
    with edited(file) as models:
        table = table_of(models, spec.name, file)
        target = table.get("target", {})
        (target if "labels" in target else table)["labels"] = list(spec.target.names)
        table["rarest" if "rarest" in table else "min_label_share"] = spec.min_label_share
        table["source"]["uri"] = spec.source.uri


def _with_labels(spec: ModelSpec, new: list[str]) -> ModelSpec:
    fields = spec.target.model_dump() | {"labels": (*spec.target.names, *new)}
    return spec.model_copy(update={"target": type(spec.target).model_validate(fields)})


def _left_out(absent: list[str]) -> list[str]:
    return [f"{label!r} has no row to learn from, all are held out by their hash: left out" for label in absent]
