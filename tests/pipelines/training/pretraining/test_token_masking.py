import torch
from transformers import AutoTokenizer

from pipelines.training.pretraining.token_masking import MASKED_SHARE, mask_tokens, tokenised_texts
from tests.conftest import small_rows


def test_masks_are_whole_words_and_drawn_anew(reader):
    tokenizer = AutoTokenizer.from_pretrained(reader)
    texts = tokenised_texts([f"{text} 12345 67890" for text, _ in small_rows()] * 4, tokenizer, 64)
    draw = torch.Generator().manual_seed(0)
    one, other = mask_tokens(texts, tokenizer, draw), mask_tokens(texts, tokenizer, draw)
    assert not torch.equal(one.chosen, other.chosen)
    shares = []
    for row, text in zip(one.chosen, texts, strict=True):
        words = {int(word) for word in text.words[row[: len(text.words)]]}
        assert words
        assert -1 not in words
        assert sum(int((text.words == word).sum()) for word in words) == int(row.sum())
        shares.append(len(words) / len(set(text.words.tolist()) - {-1}))
    assert MASKED_SHARE < sum(shares) / len(shares) < MASKED_SHARE + 0.1  # a text without a masked word has no loss
    hidden = (one.ids[one.chosen] == tokenizer.mask_token_id).float().mean()
    kept = (one.ids[one.chosen] == one.truth).float().mean()
    assert 0.75 < hidden < 0.85
    assert 0.06 < kept < 0.16


def test_a_script_without_spaces_is_not_one_word(reader):
    tokenizer = AutoTokenizer.from_pretrained(reader)
    (long, _) = tokenised_texts(["x" * 40, "my bag"], tokenizer, 64)
    assert len(set(long.words.tolist()) - {-1}) > 8
