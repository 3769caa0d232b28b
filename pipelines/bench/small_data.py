"""What few labels give: learning curves from 8 texts a label, and what reading messages without labels adds."""

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

from pipelines.bench import results_file
from pipelines.bench.data import identity, loaded
from pipelines.bench.part import Bench, Measure
from pipelines.bench.recipes import SEEDS, Kept
from pipelines.bench.runs import Run, run
from pipelines.bench.split import Rows, Split
from pipelines.catalog.recipe import Recipe
from pipelines.catalog.spec import BUILT_IN, ModelSpec, find
from pipelines.ingestion import corpus, snapshot
from pipelines.ingestion.unlabelled import messages
from pipelines.kinds.classification.evaluation.label_resamples import Resampled
from pipelines.kinds.labelled.label_counts import macro_f1
from pipelines.runtime.settings import Settings
from pipelines.training.fine_tuning import learnt
from pipelines.training.network.batches import encoded
from pipelines.training.optimisation.cost import Meter
from pipelines.training.pretraining.pretraining import adopted

SIZES = (8, 16, 64)
SPECS = {spec.name: spec for spec in BUILT_IN}
INTENT, SENTIMENT = find("intent", SPECS), find("sentiment", SPECS)
RECIPES = {
    "regression": Recipe(epochs=0),
    "declared": INTENT.recipe,
    "contrast": INTENT.recipe.model_copy(update={"contrast": 1, "epochs": 0}),  # then a regression, as SetFit does
}


def learning_curve(
    bench: Bench, sizes: Sequence[int] = SIZES, seeds: Sequence[int] = SEEDS, base: str = "minilm"
) -> Iterator[Measure]:
    """Macro-F1 on the test texts by the number of texts a label: mean and spread over seeds, which draw the texts.

    BANKING77 where its folder is there, else the bundled intents; a label with fewer texts gives all it has.
    """
    name = "banking77" if bench.data else "intent"
    split = loaded(name, bench.data)
    for size in sizes:
        for way, recipe in RECIPES.items():
            kept = Kept(f"{name}-{size}-{way}", name, recipe, base, seeds=tuple(seeds))
            found = [run("learning-curve", kept, few(split, size, seed), seed, bench) for seed in seeds]
            yield _spread(kept.name, size, found, split)


def few(split: Split, size: int, seed: int) -> Split:
    """The same test texts, and `size` texts of each label drawn by the seed; none are spared to say when to stop."""
    groups: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(split.train.labels):
        groups[label].append(index)
    draw = random.Random(seed)  # noqa: S311  no secret
    drawn = [draw.sample(group, min(size, len(group))) for _, group in sorted(groups.items())]
    return Split(split.train.chosen(index for group in drawn for index in group), Rows(), split.test)


def _spread(recipe: str, size: int, found: Sequence[Run], split: Split) -> Measure:
    """The mean of the seeds; their spread stands in the note, because three values make no interval."""
    scores = [float(f1_score(split.test.labels, one.answers, average="macro", zero_division=0.0)) for one in found]
    spread = f"{min(scores):.4f} to {max(scores):.4f}, standard deviation {np.std(scores, ddof=len(scores) > 1):.4f}"
    note = f"{spread} over seeds {', '.join(str(one.seed) for one in found)}"
    accuracy = f"accuracy {np.mean([one.accuracy for one in found]):.4f}"
    return Measure(
        part="learning-curve",
        recipe=recipe,
        figure=f"macro-F1 from {size} a label",
        value=float(np.mean(scores)),
        seconds=float(np.mean([one.seconds for one in found])),
        note=f"{note}; {accuracy}",
    )


def pretraining(bench: Bench, spec: ModelSpec = SENTIMENT, uri: str = "tweets:", epochs: int = 1) -> Iterator[Measure]:
    """Perplexity before and after reading messages without labels, and what that gives on the validation texts.

    The bundled messages are 14,638 to airlines and 23,520 about other things; what the model holds out stays unread.
    """
    recipe = spec.recipe.model_copy(update={"pretraining": epochs})
    source = spec.source.model_copy(update={"unlabelled": uri})
    own = spec.model_copy(update={"recipe": recipe, "source": source})
    key = ["pretraining", own.model_dump(mode="json"), identity("airline", bench.data)]
    found = results_file.remembered(
        bench, bench.work / "runs" / "pretraining" / f"{spec.name}.json", key, lambda: _read_and_not(own, bench)
    )
    yield from _gained(own, found)


def _gained(spec: ModelSpec, found: dict[str, Any]) -> Iterator[Measure]:
    read, name = found["perplexity"], f"{spec.name}-read"
    head = "; its head was new, so that the first figure is that of a head which knows nothing"
    note = f"of masked words in a tenth of {read['texts'] / 0.9:.0f} texts{head if read['new_head'] else ''}"
    for moment in ("before", "after"):
        yield Measure("pretraining", name, f"perplexity {moment}", read[moment], note=note)
    resampled = Resampled(found["given"], spec.target.names)
    for which, recipe in (("plain", spec.name), ("read", name)):
        score = resampled.interval(macro_f1, found[which])
        yield Measure("pretraining", recipe, "macro-F1", score.value, low=score.low, high=score.high)
    gain = resampled.difference(macro_f1, found["read"], found["plain"])
    note = f"macro-F1 with reading less macro-F1 without, paired, on {len(found['given'])} validation texts"
    seconds = found["seconds"]
    yield Measure("pretraining", name, "gain", gain.value, low=gain.low, high=gain.high, seconds=seconds, note=note)


def _read_and_not(spec: ModelSpec, bench: Bench) -> dict[str, Any]:
    """Answers to the validation texts by two networks, of which one read the messages first; seconds of reading."""
    with tempfile.TemporaryDirectory(dir=bench.work) as folder:
        workspace = Settings(home=Path(folder), store=None, _env_file=None).workspace
        train = snapshot.read(corpus.ingest(spec, workspace).train)
        texts = messages(spec, workspace)
        unread = snapshot.read(texts)["text"].tolist() if texts else []
        meter = Meter()
        bench.say(f"{spec.name}: reading {len(unread)} messages without labels")
        watch = _told(bench, f"{spec.name} reads")
        own, perplexity = adopted(train, unread, spec, Path(folder) / "read", watch, meter)
        seconds = meter.spent().seconds
        answers = {name: _answers(train, one, bench) for name, one in (("plain", spec), ("read", own))}
    given = train.loc[train["validation"], "label"].tolist()
    return {"perplexity": asdict(perplexity) if perplexity else {}, "seconds": seconds, "given": given, **answers}


def _answers(train: pd.DataFrame, spec: ModelSpec, bench: Bench) -> list[str]:
    found = learnt(train, spec, None, _told(bench, f"{spec.name} learns"), Meter(spec.recipe.budget))
    net, texts = found.nets[0], train.loc[train["validation"], "text"].tolist()
    rows = net.rows(encoded(texts, found.tokenizer, spec.recipe.max_tokens))
    with net.learning():
        return [spec.target.names[index] for index in net.scored(rows).argmax(1)]


def _told(bench: Bench, name: str) -> Any:
    return lambda step, steps, _loss, _score: bench.progress(name, step, steps)
