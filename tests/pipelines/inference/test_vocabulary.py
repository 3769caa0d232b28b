import gc

from tokenizers import Tokenizer

from pipelines.inference import vocabulary as shared
from pipelines.inference.vocabulary import load_vocabulary
from tests.pipelines.serving.conftest import write_package


def test_packages_with_the_same_tokenizer_share_it_and_others_do_not(tmp_path):
    one, same = (write_package(tmp_path / name) / "tokenizer.json" for name in ("one", "same"))
    other = write_package(tmp_path / "other", words={"[UNK]": 0, "so": 1}) / "tokenizer.json"
    found = load_vocabulary(one, 32)
    assert load_vocabulary(same, 32) is found
    assert load_vocabulary(other, 32) is not found
    assert load_vocabulary(one, 2).ids(["so so so"]) == [[2, 2]]
    assert found.ids(["so so so"]) == [[2, 2, 2]]


def test_head_and_tail_are_a_quarter_from_the_start_and_the_rest_from_the_end(tmp_path):
    words = {"[UNK]": 0, **{f"w{number}": number for number in range(1, 40)}}
    file = write_package(tmp_path / "one", words=words) / "tokenizer.json"
    text = " ".join(f"w{number}" for number in range(1, 40))
    head, both = load_vocabulary(file, 8), load_vocabulary(file, 8, "head_tail")
    assert head.encode([text]) == [([1, 2, 3, 4, 5, 6, 7, 8], True)]
    assert both.encode([text]) == [([1, 2, 3, 35, 36, 37, 38, 39], True)]
    assert both.visible(text) == "w1 w2 w3 w35 w36 w37 w38 w39"
    assert head.visible(text) == "w1 w2 w3 w4 w5 w6 w7 w8"
    fits = " ".join(f"w{number}" for number in range(1, 9))
    for vocabulary in (head, both):
        assert vocabulary.encode([fits]) == [([1, 2, 3, 4, 5, 6, 7, 8], False)]
        assert vocabulary.visible(fits) == fits


def test_what_nobody_uses_any_more_is_forgotten(tmp_path):
    file = write_package(tmp_path / "one") / "tokenizer.json"
    gc.collect()  # objects of other tests
    before = len(shared._SHARED)
    found = load_vocabulary(file, 17)
    assert len(shared._SHARED) == before + 1
    del found
    gc.collect()
    assert len(shared._SHARED) == before


def test_padding_is_left_to_who_asks_and_its_id_is_kept(tmp_path):
    file = write_package(tmp_path / "one") / "tokenizer.json"
    padding = Tokenizer.from_file(str(file))
    padding.enable_padding(pad_id=4, pad_token="<EMAIL>")
    padding.save(str(file))
    found = load_vocabulary(file, 32)
    assert (found.pad, found.ids(["so", "so so"])) == (4, [[2], [2, 2]])
