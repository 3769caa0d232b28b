import json

import pandas as pd
import pytest
import torch
from transformers import AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from pipelines.catalog.recipe import Budget
from pipelines.training import fine_tuning
from pipelines.training.challenger import training_key
from pipelines.training.export.saving import save
from pipelines.training.fine_tuning import fine_tune
from pipelines.training.network.encoder import EncoderNotFound, load_pretrained
from pipelines.training.optimisation.cost import Meter, OverBudget
from pipelines.training.pretraining import pretraining
from pipelines.training.pretraining.masked_language import MaskedLanguageModel, masked_model, split_batch
from pipelines.training.pretraining.pretraining import pretrain, pretraining_texts
from pipelines.training.pretraining.token_masking import NotMaskable, mask_tokens, tokenised_texts
from tests.conftest import small_rows
from tests.pipelines.training.small import silent

FP32 = torch.float32


@pytest.fixture(autouse=True)
def _no_bars():
    transformers_logging.disable_progress_bar()


@pytest.fixture
def recipe(topics):
    return topics.recipe.model_copy(update={"pretraining": 1})


@pytest.fixture
def spec(topics, reader, recipe):
    return topics.model_copy(update={"base_model": str(reader), "recipe": recipe.model_copy(update={"epochs": 1})})


@pytest.fixture
def frame():
    rows = pd.DataFrame(small_rows(120), columns=["text", "label"])
    return rows.assign(validation=[number % 10 == 0 for number in range(len(rows))], origin="source", weight=1.0)


TEXTS = [text for text, _ in small_rows(120)]


def test_texts_are_read_better_after(reader, recipe, tmp_path, monkeypatch):
    monkeypatch.setattr(pretraining, "RATE", 2e-3)
    seen, recipe = [], recipe.model_copy(update={"pretraining": 8})
    found = pretrain(TEXTS, str(reader), recipe, tmp_path / "read", lambda *step: seen.append(step), Meter())
    assert found.after < found.before / 2
    assert found.texts == 108
    assert found.new_head
    assert [step for step, *_ in seen] == list(range(1, seen[0][1] + 1))


def test_what_was_read_is_an_encoder_that_others_load(reader, recipe, tmp_path):
    pretrain(TEXTS, str(reader), recipe, tmp_path / "read", silent, Meter())
    before, after = (AutoModel.from_pretrained(place).state_dict() for place in (reader, tmp_path / "read"))
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert before.keys() == after.keys()
    assert {name.split(".")[0] for name in moved} == {"embeddings", "encoder"}
    assert AutoTokenizer.from_pretrained(tmp_path / "read").mask_token == "[MASK]"


def test_the_head_sees_masked_places_only_and_says_the_same(reader):
    model, tokenizer, _ = masked_model(str(reader))
    net = MaskedLanguageModel(model, FP32).eval()
    batch = mask_tokens(tokenised_texts(TEXTS[:8], tokenizer, 32), tokenizer, torch.Generator().manual_seed(0))
    widths = []
    model.cls.register_forward_hook(lambda _module, _given, logits: widths.append(logits.shape[:2].numel()))
    narrow = net.loss(batch)
    net.sparse = False
    whole = net.loss(batch)
    assert widths == [len(batch.truth), batch.ids.numel()]
    assert torch.allclose(narrow, whole, rtol=1e-4)


@pytest.fixture
def still(reader, tmp_path):
    """The reader without dropout, so that runs can be compared."""
    for file in reader.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    none = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (tmp_path / "config.json").write_text(json.dumps(config | none))
    return tmp_path


@pytest.fixture
def read(still, recipe):
    """The weights after 14 steps of 16 texts, and the sizes of the batches in the encoder."""

    def pretrained_weights(**changes):
        sizes = []

        def note(module, _given, inputs):
            if module.training:
                sizes.append(len(inputs["attention_mask"]))

        def watched(base):
            found = masked_model(base)
            found[0].base_model.register_forward_pre_hook(note, with_kwargs=True)
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pretraining, "masked_model", watched)
            changed = recipe.model_copy(update={"pretraining": 2, "batch": 16, "precision": "fp32", **changes})
            pretrain(TEXTS, str(still), changed, still / "read", silent, Meter())
        return AutoModel.from_pretrained(still / "read").state_dict(), sizes

    return pretrained_weights


@pytest.mark.parametrize("checkpointing", [False, True], ids=["kept", "recomputed"])
def test_a_batch_in_four_parts_teaches_what_the_whole_teaches(still, read, checkpointing):
    """The texts differ in length, so that a mean of the parts' means would be another loss."""
    start = AutoModel.from_pretrained(still).state_dict()
    (whole, sizes), (found, smaller) = read(), read(accumulate=4, checkpointing=checkpointing)
    assert (max(sizes), max(smaller)) == (16, 4)
    assert sum(sizes) == sum(smaller)
    assert max(float((whole[name] - start[name]).abs().max()) for name in whole) > 5e-4
    for name, weight in whole.items():
        # A constant of all keys changes no attention, so Adam lets it drift.
        torch.testing.assert_close(found[name], weight, atol=1e-3 if "key.bias" in name else 1e-5, rtol=0)


def test_parts_hide_and_ask_what_the_whole_does(reader):
    tokenizer = AutoTokenizer.from_pretrained(reader)
    whole = mask_tokens(tokenised_texts(TEXTS[:7], tokenizer, 32), tokenizer, torch.Generator().manual_seed(0))
    found = split_batch(whole, 3)
    assert [len(part.ids) for part in found] == [3, 3, 1]
    assert [len(part.truth) for part in found] == [int(part.chosen.sum()) for part in found]
    for name in ("ids", "mask", "chosen", "truth"):
        assert torch.equal(torch.cat([getattr(part, name) for part in found]), getattr(whole, name))


def test_reading_recomputes_activations_where_the_recipe_says_so(reader, recipe, tmp_path):
    kept = {}
    for checkpointing in (False, True):
        sizes = kept.setdefault(checkpointing, [])

        def keep(tensor, sizes=sizes):
            sizes.append(tensor.numel() * tensor.element_size())
            return tensor

        changed = recipe.model_copy(update={"pretraining": 1, "checkpointing": checkpointing})
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            pretrain(TEXTS, str(reader), changed, tmp_path / "read", silent, Meter())
    assert sum(kept[True]) < 0.7 * sum(kept[False])


def test_a_fresh_challenger_starts_from_what_it_read(frame, spec, tmp_path):
    """Fine-tuning lasts no epoch, so the weights are those of the pretrained base."""
    still = spec.model_copy(update={"recipe": spec.recipe.model_copy(update={"epochs": 0})})
    challenger = fine_tune(frame, still, tmp_path, None, silent, messages=["a message nobody labelled"])
    base, read, weights = (
        AutoModel.from_pretrained(place).state_dict()
        for place in (spec.base_model, tmp_path / "pretrained", tmp_path / "weights")
    )
    assert all(torch.equal(read[name], weights[name]) for name in read)
    assert not all(torch.equal(read[name], base[name]) for name in read)
    assert challenger.perplexity.texts == 99  # nine tenths of 108 rows and a message


def test_a_champion_that_learns_again_does_not_read_again(frame, spec, tmp_path, monkeypatch):
    def first_step(*_):
        raise StopIteration

    model, tokenizer = load_pretrained(spec.base_model, 3, 0.0)
    save([model], tokenizer, tmp_path / "champion")
    monkeypatch.setattr(fine_tuning, "with_pretrained_base", lambda *_: pytest.fail("it read again"))
    with pytest.raises(StopIteration):
        fine_tune(frame.assign(origin="feedback"), spec, tmp_path / "again", tmp_path / "champion", first_step)


def test_validation_texts_are_not_read(frame):
    held = frame.loc[frame["validation"], "text"].tolist()
    texts = pretraining_texts(frame, [held[0], "a new message", "a new message"])
    assert not set(texts) & set(held)
    assert texts[-1] == "a new message"
    assert len(texts) == len(set(texts)) == 109


def test_a_reading_that_is_killed_leaves_no_base(frame, spec, tmp_path):
    def kill(step, *_):
        if step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fine_tune(frame, spec, tmp_path, None, kill)
    assert not (tmp_path / "pretrained").exists()


def test_a_save_that_is_killed_leaves_no_base_and_the_next_run_makes_it_whole(
    frame, spec, recipe, tmp_path, monkeypatch
):
    def kill(*_args, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("transformers.PreTrainedTokenizerFast.save_pretrained", kill)
        with pytest.raises(KeyboardInterrupt):
            pretrain(TEXTS, spec.base_model, recipe, tmp_path / "read", silent, Meter())
    assert not (tmp_path / "read").exists()
    pretrain(TEXTS, spec.base_model, recipe, tmp_path / "read", silent, Meter())
    assert json.loads((tmp_path / "read" / "config.json").read_text())["model_type"] == "bert"
    assert AutoTokenizer.from_pretrained(tmp_path / "read").mask_token == "[MASK]"
    assert not list(tmp_path.glob("*.part"))


def test_reading_keeps_to_the_budget(reader, recipe, tmp_path):
    with pytest.raises(OverBudget):
        pretrain(TEXTS, str(reader), recipe, tmp_path / "read", silent, Meter(Budget(seconds=1e-6)))


def test_an_encoder_without_a_mask_is_named(tiny_encoder, recipe, tmp_path):
    with pytest.raises(NotMaskable, match="no mask token"):
        pretrain(TEXTS, str(tiny_encoder), recipe, tmp_path / "read", silent, Meter())


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        ("own", EncoderNotFound, "which Needloop does not run"),
        ("gpt2", NotMaskable, "set the recipe's pretraining to 0"),
    ],
    ids=["code of its own", "no head for masked words"],
)
def test_a_base_that_cannot_read_is_refused_in_our_words(recipe, tmp_path, kind, error, words):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    with pytest.raises(error, match=words):
        pretrain(TEXTS, str(tmp_path), recipe, tmp_path / "read", silent, Meter())


def test_the_key_changes_with_the_messages(spec):
    keys = {training_key("a", spec, None), training_key("a", spec, None, "m"), training_key("a", spec, None, "n")}
    assert len(keys) == 3
