"""Tokens of texts, padded batches and their masks."""

import numpy as np
import torch

from pipelines.training.network.batches import pad_rows, shuffled_batches, tokenise
from pipelines.training.network.encoder import load_pretrained
from pipelines.training.network.network import make_network

CPU = torch.device("cpu")


def test_texts_are_cut_where_the_recipe_says(topics):
    tokenizer = load_pretrained(topics.base_model, 3, 0.0)[1]
    assert len(tokenise(["my bag is lost " * 40], tokenizer, 16)[0]) == 16


def test_padding_never_changes_an_answer(topics):
    model, tokenizer = load_pretrained(topics.base_model, 3, 0.0)
    net = make_network(model, CPU, 0)
    short, long = tokenise(["my bag", "the flight is late again and nobody cares at all today"], tokenizer, 128)
    np.testing.assert_allclose(net.predict([short])[0], net.predict([short, long])[0], atol=1e-5)


def test_every_row_is_in_exactly_one_batch_of_like_lengths():
    lengths = [number % 37 + 1 for number in range(1000)]
    batches = shuffled_batches(lengths, 16, torch.Generator().manual_seed(0))
    assert sorted(index for batch in batches for index in batch) == list(range(1000))
    waste = sum(max(lengths[i] for i in batch) * len(batch) for batch in batches) / sum(lengths)
    assert waste < 1.1


def test_the_mask_marks_real_tokens():
    batch, mask = pad_rows([torch.tensor([5, 6, 7]), torch.tensor([8])])
    assert batch.tolist() == [[5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 1], [1, 0, 0]]
