import pytest

from pipelines.evaluation.behaviour.offtopic import off_topic_texts
from pipelines.ingestion import near_duplicates
from pipelines.ingestion.text import normalise
from pipelines.masking.mask import mask


@pytest.mark.parametrize("language", ["en", "zh"])
def test_some_forty_different_texts_are_what_the_service_reads(language):
    texts = off_topic_texts(language)
    assert 35 <= len(texts) <= 50
    assert [text for text in texts if mask(normalise(text)) != text] == []
    known = near_duplicates.Index()
    for print_ in near_duplicates.signatures(texts):
        assert print_ not in known
        known.add(print_)


def test_a_language_of_which_nobody_wrote_gets_what_belongs_to_none():
    assert len(off_topic_texts("fr")) >= 10
    assert set(off_topic_texts("fr")) == set(off_topic_texts("en")) & set(off_topic_texts("zh"))
