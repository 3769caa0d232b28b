"""What leaving out layers and heads, and int8, save and cost: the sentiment model on its validation texts."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path

from pipelines.bench import ours, results_file
from pipelines.bench.data import identity, loaded
from pipelines.bench.part import Bench, Measure
from pipelines.bench.recipes import Kept
from pipelines.bench.split import Split
from pipelines.catalog.recipe import Pruning
from pipelines.catalog.spec import BUILT_IN
from pipelines.kinds.classification.target import Labels
from pipelines.kinds.known import find
from pipelines.training.adapters.attaching import merged
from pipelines.training.challenger import FORM
from pipelines.training.export.compression import Form, Pair, compared, pruned
from pipelines.training.export.packaging import quantised, whole_package
from pipelines.training.optimisation.ensemble import joined

PART, DATA = "compression", "airline"
PRUNED = {"whole": None, "two-layers-fewer": Pruning(layers=2), "third-of-heads-fewer": Pruning(heads=1 / 3)}
FIGURES = {"bytes": "bytes", "ms": "ms per text", "macro_f1": "validation macro-F1", "flipped": "answers not as fp32"}


def compression(bench: Bench) -> Iterator[Measure]:
    """The recipe whole, without its two upper layers, without a third of its heads; each as fp32 and int8."""
    key = [PART, [kept.identity() for kept in recipes()], identity(DATA, bench.data), FORM]
    found = results_file.remembered(bench, bench.work / "runs" / PART / "forms.json", key, partial(_measured, bench))
    for one in found:
        form = Form(**one["form"])
        for name, figure in FIGURES.items():
            value = float(form.row()[name])
            yield Measure(PART, form.name, figure, value, seconds=one["seconds"], seed=one["seed"])


def recipes() -> list[Kept]:
    """The recipe of the built-in sentiment model, and what is left out of it."""
    (declared,) = (spec.recipe for spec in BUILT_IN if spec.name == "sentiment")
    return [
        Kept(name, DATA, declared.model_copy(update={"pruning": pruning}), seeds=(declared.seed,))
        for name, pruning in PRUNED.items()
    ]


def _measured(bench: Bench) -> list[dict[str, object]]:
    """The forms of every recipe, timed beside each other; the seconds and the seed of its training."""
    split = loaded(DATA, bench.data)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        trained = [(kept.seeds[0], _packaged(kept, split, work, stack, bench)) for kept in recipes()]
        forms = compared([pair for _, (_, pair) in trained], ours.frame(split.validation), Labels(labels=split.labels))
    runs = [(seed, seconds) for seed, (seconds, _) in trained for _ in ("fp32", "int8")]
    return [
        {"seed": seed, "seconds": seconds, "form": asdict(form)}
        for (seed, seconds), form in zip(runs, forms, strict=True)
    ]


def _packaged(kept: Kept, split: Split, work: Path, stack: ExitStack, bench: Bench) -> tuple[float, Pair]:
    """Seconds of training, and both packages, which stay as long as the stack."""
    found = ours.trained(kept, split, kept.seeds[0], bench)
    model = joined([merged(net.model.cpu()) for net in found.learnt.nets], find(found.spec.kind).objective)
    folder, texts = work / kept.name, list(split.train.texts)
    whole = stack.enter_context(whole_package(model, found.learnt.tokenizer, found.spec, folder))
    return found.seconds, Pair(pruned(model), whole, quantised(whole, folder, texts))
