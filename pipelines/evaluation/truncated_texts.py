"""The share of held-out texts that are longer than the version reads: a likely cause of a refusal."""

from collections.abc import Iterator

from pipelines.catalog.recipe import Recipe
from pipelines.catalog.truncation_advice import truncation_advice
from pipelines.evaluation.case import CHALLENGER, Case
from pipelines.evaluation.measure import Measure
from pipelines.inference.artefact import read_package_metadata
from pipelines.inference.truncation import HEAD
from pipelines.inference.vocabulary import load_vocabulary

MIN_SHARE = 0.05  # of cut texts: with fewer the cut costs little


def measure_truncation(case: Case) -> Iterator[Measure]:
    """Measure the share of test texts that are cut; it only informs, and its reason goes with a refusal."""
    folder, texts = case.service.packages[CHALLENGER], case.test["text"].tolist()
    metadata = read_package_metadata(folder)
    limits = {"max_tokens": metadata["max_tokens"], "truncation": metadata.get("truncation", HEAD)}
    encoded = load_vocabulary(folder / "tokenizer.json", **limits).encode(texts) if texts else []
    yield truncation_measure(sum(text.truncated for text in encoded), len(texts), Recipe(**limits))


def truncation_measure(cut: int, texts: int, recipe: Recipe) -> Measure:
    """Measure a number of cut texts; with a sentence that names the remedy if they are many."""
    share = cut / texts if texts else 0.0
    wording = (
        f"{share:.0%} of the held-out texts are longer than the {recipe.max_tokens} tokens that it reads: "
        f"{truncation_advice(recipe)}"
    )
    return Measure("test.truncated", share, wording=wording if share >= MIN_SHARE else "", explains=True)
