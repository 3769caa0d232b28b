from pipelines.store.store import Store


def test_every_look_at_a_split_is_counted_for_that_split_alone(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'needloop.db'}")
    assert store.record_test_set_use("one", "topics", "version 1") == 1
    assert store.record_test_set_use("other", "topics", "version 1") == 1
    assert store.record_test_set_use("one", "topics", "version 2") == 2
    assert [purpose for _, purpose in Store(f"sqlite:///{tmp_path / 'needloop.db'}").test_set_uses("one")] == [
        "version 1",
        "version 2",
    ]
