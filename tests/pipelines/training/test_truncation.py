"""Head and tail: of a long text the start and the end are read, in training as in the package."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import torch

from pipelines.catalog.recipe import Recipe
from pipelines.evaluation.spread import recipe_digest
from pipelines.inference.packaged import ModelPackage
from pipelines.inference.vocabulary import load_vocabulary
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.initialise import TooManyTokens, new_models
from pipelines.training.network.batches import tokenise
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.encoder_files import readable_tokens
from pipelines.training.pretraining.token_masking import tokenised_texts
from tests.conftest import small_rows, topics_model

TOKENS = 32
GREETING = "hello all of you, this is a long mail with a long start before it says what it is about: "


def long_texts():
    """Texts whose subject stands at their end, after more tokens than are read."""
    rows = pd.DataFrame(small_rows(), columns=["text", "label"])
    rows["text"] = GREETING + rows["text"]
    return rows.assign(validation=[number % 10 == 0 for number in range(len(rows))], origin="source", weight=1.0)


def challenger(tiny_encoder, folder, truncation):
    spec = topics_model(folder / "unread.csv", tiny_encoder)
    recipe = spec.recipe.model_copy(update={"max_tokens": TOKENS, "truncation": truncation})
    return fine_tune(long_texts(), spec.model_copy(update={"recipe": recipe}), folder, None, lambda *_: None)


@pytest.mark.parametrize(("truncation", "right"), [("head", (0.0, 0.6)), ("head_tail", (0.9, 1.0))])
def test_the_words_at_the_end_of_a_long_text_change_the_answer_if_they_are_read(
    tiny_encoder, tmp_path, truncation, right
):
    trained, texts = challenger(tiny_encoder, tmp_path, truncation), long_texts()
    package = ModelPackage.load(trained.package)
    labels = np.array([answer.label for answer in package.predict(texts["text"].tolist())])
    assert right[0] <= np.mean(labels == texts["label"]) <= right[1]
    recorded = json.loads((trained.package / "recorded.json").read_text())
    agreement = [package.predict([row["text"]])[0].label == row["label"] for row in recorded]
    assert np.mean(agreement) > 0.95
    assert package.metadata.get("truncation") == (None if truncation == "head" else truncation)


def test_training_and_package_read_the_same_tokens(tiny_encoder, tmp_path):
    tokenizer = load_pretrained(str(tiny_encoder), 3, 0.0)[1]
    tokenizer.backend_tokenizer.save(str(tmp_path / "tokenizer.json"))
    texts = ["my bag", *long_texts()["text"].tolist()[:5]]
    for truncation in ("head", "head_tail"):
        learnt = [row.tolist() for row in tokenise(texts, tokenizer, TOKENS, truncation)]
        assert load_vocabulary(tmp_path / "tokenizer.json", TOKENS, truncation).ids(texts) == learnt
        pretrained = tokenised_texts(texts, tokenizer, TOKENS, truncation)
        assert [text.ids.tolist() for text in pretrained] == learnt
        assert all(len(text.words) == len(text.ids) for text in pretrained)
    start, end = torch.tensor(learnt[1][:9]), torch.tensor(learnt[1][9:])
    whole = tokenise(texts[1:2], tokenizer, 512)[0]
    assert (whole[:9].equal(start), whole[-23:].equal(end)) == (True, True)


def test_the_digest_of_a_recipe_is_what_it_was_unless_the_tail_is_read():
    assert "truncation" not in Recipe().model_dump_json()
    assert recipe_digest(Recipe()) != recipe_digest(Recipe(truncation="head_tail"))
    assert recipe_digest(Recipe(truncation="head")) == recipe_digest(Recipe())


def test_more_tokens_than_the_encoder_reads_are_refused_before_the_training(tiny_encoder, tmp_path):
    base = shutil.copytree(tiny_encoder, tmp_path / "base")
    model, _ = load_pretrained(str(base), 3, 0.0)
    limit = model.encoder.config.max_position_embeddings
    spec = topics_model(tmp_path / "unread.csv", base)
    for tokens in (limit, limit + 1):
        recipe = spec.recipe.model_construct(**{**dict(spec.recipe), "max_tokens": tokens})
        wanted = spec.model_copy(update={"recipe": recipe})
        if tokens == limit:
            new_models(wanted, long_texts())
            continue
        with pytest.raises(TooManyTokens, match=f"reads at most {limit} tokens .* set recipe.max_tokens of 'topics'"):
            new_models(wanted, long_texts())


def test_the_unused_positions_of_roberta_do_not_count():
    assert readable_tokens({"max_position_embeddings": 514, "pad_token_id": 1, "model_type": "xlm-roberta"}) == 512
    assert readable_tokens({"max_position_embeddings": 512, "pad_token_id": 0, "model_type": "bert"}) == 512
    assert readable_tokens({"model_type": "t5"}) is None
