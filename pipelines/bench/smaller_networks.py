"""Size, speed and accuracy of pruned and int8 networks: the sentiment model on its validation texts."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path

from pipelines.bench import ours, results_file
from pipelines.bench.data import identity, load_split
from pipelines.bench.part import Bench, BenchMeasure
from pipelines.bench.recipes import Setup
from pipelines.bench.split import Split
from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.recipe import Pruning
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.known import find_kind
from pipelines.training.adapters.attaching import merge_adapters
from pipelines.training.challenger import FORM
from pipelines.training.export.compression import Form, PackagePair, compare_packages, describe_pruning
from pipelines.training.export.packaging import fp32_package, quantise
from pipelines.training.optimisation.ensemble import combine_members

PART, DATA = "compression", "airline"
PRUNED = {"whole": None, "two-layers-fewer": Pruning(layers=2), "third-of-heads-fewer": Pruning(heads=1 / 3)}
FIGURES = {"bytes": "bytes", "ms": "ms per text", "macro_f1": "validation macro-F1", "flipped": "answers not as fp32"}


def compression(bench: Bench) -> Iterator[BenchMeasure]:
    """The network whole, without two upper layers, or without a third of its heads; each as fp32 and int8."""
    key = [PART, [setup.identity() for setup in recipes()], identity(DATA, bench.data), FORM]
    rows = results_file.load_or_compute(
        bench, bench.work / "runs" / PART / "forms.json", key, partial(_measure_forms, bench)
    )
    for row in rows:
        form = Form(**row["form"])
        for name, figure in FIGURES.items():
            value = float(form.row()[name])
            yield BenchMeasure(PART, form.name, figure, value, seconds=row["seconds"], seed=row["seed"])


def recipes() -> list[Setup]:
    """The setup of the built-in sentiment model, and its pruned variants."""
    (declared,) = (spec.recipe for spec in BUILT_IN if spec.name == "sentiment")
    return [
        Setup(name, DATA, declared.model_copy(update={"pruning": pruning}), seeds=(declared.seed,))
        for name, pruning in PRUNED.items()
    ]


def _measure_forms(bench: Bench) -> list[dict[str, object]]:
    """The forms of every setup, timed side by side; with the seconds and the seed of its training."""
    split = load_split(DATA, bench.data)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        trained = [(setup.seeds[0], _build_packages(setup, split, work, stack, bench)) for setup in recipes()]
        forms = compare_packages(
            [pair for _, (_, pair) in trained], ours.frame(split.validation), Labels(labels=split.labels)
        )
    runs = [(seed, seconds) for seed, (seconds, _) in trained for _ in ("fp32", "int8")]
    return [
        {"seed": seed, "seconds": seconds, "form": asdict(form)}
        for (seed, seconds), form in zip(runs, forms, strict=True)
    ]


def _build_packages(
    setup: Setup, split: Split, work: Path, stack: ExitStack, bench: Bench
) -> tuple[float, PackagePair]:
    """Seconds of training, and both packages, which exist as long as the stack."""
    trained = ours.train(setup, split, setup.seeds[0], bench)
    model = combine_members(
        [merge_adapters(net.model.cpu()) for net in trained.learnt.nets], find_kind(trained.spec.kind).objective
    )
    folder, texts = work / setup.name, list(split.train.texts)
    fp32 = stack.enter_context(fp32_package(model, trained.learnt.tokenizer, trained.spec, folder))
    return trained.seconds, PackagePair(describe_pruning(model), fp32, quantise(fp32, folder, texts))
