"""The gain from further pretraining on messages without labels: perplexity and validation scores."""

import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.bench import results_file
from pipelines.bench.data import identity
from pipelines.bench.part import Bench, BenchMeasure
from pipelines.catalog.built_in import BUILT_IN
from pipelines.catalog.catalog_file import find
from pipelines.catalog.spec import ModelSpec
from pipelines.ingestion import corpus, snapshot
from pipelines.ingestion.unlabelled import messages
from pipelines.kinds.classification.evaluation.label_resamples import Resampled
from pipelines.kinds.labelled.label_counts import macro_f1
from pipelines.training.fine_tuning import train_networks
from pipelines.training.network.batches import tokenise
from pipelines.training.optimisation.cost import Meter
from pipelines.training.pretraining.pretraining import with_pretrained_base
from pipelines.workspace.settings import Settings

SENTIMENT = find("sentiment", {spec.name: spec for spec in BUILT_IN})


def pretraining(
    bench: Bench, spec: ModelSpec = SENTIMENT, uri: str = "tweets:", epochs: int = 1
) -> Iterator[BenchMeasure]:
    """Perplexity before and after pretraining on unlabelled messages, and its gain on the validation texts.

    The bundled messages are 14,638 to airlines and 23,520 about other things; those held out stay unread.
    """
    recipe = spec.recipe.model_copy(update={"pretraining": epochs})
    source = spec.source.model_copy(update={"unlabelled": uri})
    pretrained_spec = spec.model_copy(update={"recipe": recipe, "source": source})
    key = ["pretraining", pretrained_spec.model_dump(mode="json"), identity("airline", bench.data)]
    result = results_file.load_or_compute(
        bench,
        bench.work / "runs" / "pretraining" / f"{spec.name}.json",
        key,
        lambda: _measure_pretraining(pretrained_spec, bench),
    )
    yield from _gain_measures(pretrained_spec, result)


def _gain_measures(spec: ModelSpec, result: dict[str, Any]) -> Iterator[BenchMeasure]:
    perplexity, name = result["perplexity"], f"{spec.name}-read"
    head = "; its head was new, so that the first figure is that of a head which knows nothing"
    note = (
        f"of masked words in a tenth of {perplexity['texts'] / 0.9:.0f} texts{head if perplexity['new_head'] else ''}"
    )
    for moment in ("before", "after"):
        yield BenchMeasure("pretraining", name, f"perplexity {moment}", perplexity[moment], note=note)
    resampled = Resampled(result["given"], spec.target.names)
    for variant, recipe in (("plain", spec.name), ("read", name)):
        score = resampled.interval(macro_f1, result[variant])
        yield BenchMeasure("pretraining", recipe, "macro-F1", score.value, low=score.low, high=score.high)
    gain = resampled.difference(macro_f1, result["read"], result["plain"])
    note = f"macro-F1 with reading less macro-F1 without, paired, on {len(result['given'])} validation texts"
    seconds = result["seconds"]
    yield BenchMeasure(
        "pretraining", name, "gain", gain.value, low=gain.low, high=gain.high, seconds=seconds, note=note
    )


def _measure_pretraining(spec: ModelSpec, bench: Bench) -> dict[str, Any]:
    """Answers to the validation texts by a plain and a further pretrained network; seconds of the pretraining."""
    with tempfile.TemporaryDirectory(dir=bench.work) as folder:
        workspace = Settings(home=Path(folder), store=None, _env_file=None).workspace
        train = snapshot.read(corpus.ingest(spec, workspace).train)
        texts = messages(spec, workspace)
        unlabelled_texts = snapshot.read(texts)["text"].tolist() if texts else []
        meter = Meter()
        bench.say(f"{spec.name}: reading {len(unlabelled_texts)} messages without labels")
        watch = _progress_callback(bench, f"{spec.name} reads")
        pretrained_spec, perplexity = with_pretrained_base(
            train, unlabelled_texts, spec, Path(folder) / "read", watch, meter
        )
        seconds = meter.cost().seconds
        answers = {
            name: _answers(train, variant, bench) for name, variant in (("plain", spec), ("read", pretrained_spec))
        }
    labels = train.loc[train["validation"], "label"].tolist()
    return {"perplexity": asdict(perplexity) if perplexity else {}, "seconds": seconds, "given": labels, **answers}


def _answers(train: pd.DataFrame, spec: ModelSpec, bench: Bench) -> list[str]:
    networks = train_networks(
        train, spec, None, _progress_callback(bench, f"{spec.name} learns"), Meter(spec.recipe.budget)
    )
    net, texts = networks.nets[0], train.loc[train["validation"], "text"].tolist()
    rows = net.prepare(tokenise(texts, networks.tokenizer, spec.recipe.max_tokens))
    with net.trainable_part():
        return [spec.target.names[index] for index in net.predict(rows).argmax(1)]


def _progress_callback(bench: Bench, name: str) -> Any:
    return lambda step, steps, _loss, _score: bench.progress(name, step, steps)
