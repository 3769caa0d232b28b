"""What a model must beat to be worth its cost: the commonest label, and TF-IDF with logistic regression."""

from collections import Counter
from collections.abc import Sequence

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from threadpoolctl import threadpool_limits


def majority(train_labels: Sequence[str], rows: int) -> list[str]:
    """The commonest label of the train snapshot, for every row."""
    return [Counter(train_labels).most_common(1)[0][0]] * rows


def tfidf(train_texts: Sequence[str], train_labels: Sequence[str], texts: Sequence[str]) -> list[str]:
    """What `fitted` answers to some texts."""
    return [str(label) for label in fitted(train_texts, train_labels).predict(texts)]


def fitted(texts: Sequence[str], labels: Sequence[str]) -> Pipeline:
    """Word TF-IDF with logistic regression, scikit-learn's defaults; bigrams were worse on both built-in models.

    Characters stand for words where a script has no spaces.
    """
    spaced = sum(" " in text.strip() for text in texts) > len(texts) / 2
    words = TfidfVectorizer() if spaced else TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
    with threadpool_limits(1):  # its steps are small: a second thread only waits for the first
        return make_pipeline(words, LogisticRegression(max_iter=1000)).fit(texts, labels)
