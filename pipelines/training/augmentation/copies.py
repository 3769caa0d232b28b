"""Training rows and their changed copies, as the recipe's `augmentation` asks."""

from collections.abc import Callable, Iterator
from random import Random

import pandas as pd

from pipelines.catalog.recipe import Augmentation
from pipelines.catalog.spec import ModelSpec
from pipelines.kinds.known import find_kind
from pipelines.training.augmentation.guarded import protected_tokens
from pipelines.training.augmentation.synonyms import replace_synonyms
from pipelines.training.augmentation.translation import back_translate, no_check
from pipelines.training.augmentation.typos import add_typos, can_misspell


class NoSynonyms(ValueError):
    """There is no synonym list for the language."""


class NoTypos(ValueError):
    """No text has a word that can get a typing error."""


def augment(train: pd.DataFrame, spec: ModelSpec, check: Callable[[], None] = no_check) -> pd.DataFrame:
    """The rows (text, label, validation, ...) and `copies` changed copies of each training row.

    A copy differs from its row in its text alone, and from every existing text. A copy is dropped if a number, a
    handle, a placeholder or a negation did not survive, or if a bag-of-words classifier is unsure of its answer. The
    same rows and recipe give the same copies. `check` is called repeatedly, and may raise. Raises NoSynonyms, NoTypos
    and TranslatorNotFound.
    """
    augmentation = spec.recipe.augmentation
    originals = train[~train["validation"]]
    if augmentation is None or originals.empty:
        return train
    if augmentation.synonyms and spec.language != "en":
        raise NoSynonyms(f"synonyms are listed for English (en), not {spec.language!r}: use typos or translation")
    if augmentation.typos and not augmentation.synonyms and not any(map(can_misspell, originals["text"])):
        raise NoTypos("typing errors need words in Latin letters, and no text has one: use translation")
    copy_sets = [
        originals.assign(before=originals["text"], text=texts)
        for texts in _copy_texts(originals, augmentation, spec, check)
    ]
    copies = _valid_copies(pd.concat(copy_sets, ignore_index=True), train, originals, spec)
    return pd.concat([train, copies.drop(columns="before")], ignore_index=True)


def _copy_texts(
    originals: pd.DataFrame, augmentation: Augmentation, spec: ModelSpec, check: Callable[[], None]
) -> Iterator[list[str]]:
    """The texts of each set of copies."""
    texts = originals["text"].tolist()
    translations = (
        back_translate(texts, augmentation.translation, augmentation.copies, check) if augmentation.translation else []
    )
    for number in range(augmentation.copies):
        check()
        start = [versions[number] for versions in translations] if translations else texts
        # A generator for each text: copies do not depend on the other rows.
        generators = (Random(f"{spec.recipe.seed} {number} {text}") for text in texts)  # noqa: S311  no secret
        yield [_change(text, augmentation, generator) for text, generator in zip(start, generators, strict=True)]


def _change(text: str, augmentation: Augmentation, generator: Random) -> str:
    if augmentation.synonyms:
        text = replace_synonyms(text, augmentation.synonyms, generator)
    return add_typos(text, augmentation.typos, generator) if augmentation.typos else text


def _valid_copies(copies: pd.DataFrame, train: pd.DataFrame, originals: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
    """The copies with a new text and the same meaning."""
    existing = set(train["text"].str.casefold())
    folded = copies["text"].str.casefold()
    copies = copies[~folded.isin(existing) & ~folded.duplicated()]
    copies = copies[copies["before"].map(protected_tokens) == copies["text"].map(protected_tokens)]
    if copies.empty:
        return copies
    texts, cells = originals["text"].tolist(), originals["label"].tolist()
    before, after = copies["before"].tolist(), copies["text"].tolist()
    return copies[find_kind(spec.kind).baseline.label_preserving(texts, cells, before, after, spec.target)]
