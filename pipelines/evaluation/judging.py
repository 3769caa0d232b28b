"""One version before the bench: everything that its promotion is decided on, asked of the service it would run in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from pipelines.catalog import ModelSpec
from pipelines.evaluation import label_errors
from pipelines.evaluation.agreement import agreement
from pipelines.evaluation.answers import Answers
from pipelines.evaluation.behaviour.cases import sample
from pipelines.evaluation.behaviour.offtopic import off_topic
from pipelines.evaluation.behaviour.suite import behaviour
from pipelines.evaluation.bootstrap import Resampled
from pipelines.evaluation.burden import burden
from pipelines.evaluation.calibration import trust
from pipelines.evaluation.comparison import compared
from pipelines.evaluation.fairness import fairness
from pipelines.evaluation.harm import harmful
from pipelines.evaluation.leakage import leaks
from pipelines.evaluation.recent import LEAST, Recent
from pipelines.evaluation.scope import Scope, scope
from pipelines.evaluation.scorecard import Doubts, Scorecard, scorecard, writers
from pipelines.evaluation.slices import slices
from pipelines.evaluation.trial import Trial
from pipelines.inference.artefact import card as package_card
from pipelines.ingestion.records import Record
from pipelines.ingestion.records import read as read_records
from pipelines.ingestion.text import digest, normalise
from pipelines.masking.mask import mask
from pipelines.store.lessons import Lesson

CHALLENGER, CHAMPION = "challenger", "champion"
CROSSED = 3000  # train rows whose labels are doubted: five fits of TF-IDF on them take seconds
OUTSIDE = 300  # texts: the standard error of a recall is three points


@dataclass(frozen=True)
class Verdict:
    """A scorecard and what it was counted from, for people.

    `answers` has a row for each test text (key, label, and a column for each contestant), `suspects` one for each label
    that looks like an error (split, text, label, answer).
    """

    card: Scorecard
    answers: pd.DataFrame
    suspects: pd.DataFrame


def judge(
    spec: ModelSpec,
    train: pd.DataFrame,
    test: pd.DataFrame,
    lessons: Sequence[Lesson],
    contest: Trial,
    cache: str,
) -> Verdict:
    """Ask every contestant for the test texts and the `lessons` that are recent, and the challenger for the rest."""
    texts, ask = test["text"].tolist(), partial(contest.ask, CHALLENGER)
    found = {who: contest.ask(who, texts) for who in contest.packages}
    labels = {who: answers.labels for who, answers in found.items()}
    about = package_card(contest.packages[CHALLENGER])
    threshold, known = about.get("threshold"), tuple(about["labels"])
    validation = train[train["validation"]]
    suspects = _suspects(test, found[CHALLENGER], sample(train[train["origin"] == "source"], CROSSED))
    card = replace(
        scorecard(spec, test, train, labels, cache),
        known=known,
        agreement=agreement(contest.packages[CHALLENGER], ask),
        trust=trust(test["label"].tolist(), found[CHALLENGER], found.get(CHAMPION)),
        scope=_scope(found[CHALLENGER], ask(_outside(spec)), threshold),
        burden=burden(contest, texts),
        slices=slices(spec.slices, test, labels[CHALLENGER], labels.get(CHAMPION)),
        behaviour=behaviour(spec, validation, train, ask, threshold or 0.0) if set(known) == set(spec.labels) else None,
        fairness=fairness(spec, (validation if len(validation) else train)["text"].tolist(), ask),
        harmful=tuple(word for label in spec.labels for word in harmful(label)),
        doubts=Doubts(leaks(train["text"].tolist(), texts), len(suspects)),
        recent=_recent(spec, lessons, contest),
    )
    answered = test[["key", "label"]].assign(sure=found[CHALLENGER].sure.round(4), **labels)
    return Verdict(card, answered, suspects)


def flips(verdict: Verdict, test: pd.DataFrame) -> pd.DataFrame:
    """The texts that the champion had right and the challenger has wrong (text, label, challenger)."""
    against = verdict.card.against
    rows = verdict.answers.assign(text=test["text"].tolist()).iloc[list(against.lost) if against else []]
    return rows[["text", "label", CHALLENGER]]


def _scope(inside: Answers, outside: Answers, threshold: float | None) -> Scope | None:
    """None where no validation text could set a threshold."""
    return None if threshold is None else scope(inside, outside, threshold)


def _outside(spec: ModelSpec) -> list[str]:
    """Masked texts that are about none of the labels: the declared ones that hash lowest, else bundled ones."""
    if spec.source.outside is None:
        return list(off_topic(spec.language))
    columns = spec.source.model_copy(
        update={"label": None, "id": None, "confidence": None, "channel": None, "customer": None}
    )
    texts = (normalise(one.text) for one in read_records(spec.source.outside, columns) if isinstance(one, Record))
    return [mask(text, spec.source.keep_handles) for text in sorted(texts, key=digest)[:OUTSIDE]]


def _suspects(test: pd.DataFrame, answers: Answers, own: pd.DataFrame) -> pd.DataFrame:
    """Test labels by the challenger, which never saw them, and train labels by what was learnt from the others."""
    crossed = label_errors.out_of_sample(own["text"].tolist(), own["label"].tolist())
    found = []
    for split, rows, said in (("test", test, answers), ("train", own, crossed)):
        places = label_errors.suspects(rows["label"].tolist(), said)
        chosen = rows.iloc[places][["text", "label"]]
        found.append(chosen.assign(split=split, answer=[said.labels[place] for place in places]))
    return pd.concat(found, ignore_index=True)[["split", "text", "label", "answer"]]


def _recent(spec: ModelSpec, lessons: Sequence[Lesson], contest: Trial) -> Recent:
    """Both contestants on what was said last; single texts decide, so that a hundred of them can say something."""
    if not lessons:
        return Recent(0, 0, enough=False, since=0)
    frame = pd.DataFrame([{"key": one.key, "text": one.text, "customer": one.customer} for one in lessons])
    labels = [one.label for one in lessons]
    found = {who: contest.ask(who, frame["text"].tolist()).labels for who in contest.packages}
    resampled = Resampled(labels, spec.labels, writers(frame))
    against = compared(labels, found[CHALLENGER], found[CHAMPION], resampled) if CHAMPION in found else None
    right = sum(one == label for one, label in zip(found[CHALLENGER], labels, strict=True))
    return Recent(len(labels), right, len(labels) >= LEAST, lessons[0].feedback, against)
