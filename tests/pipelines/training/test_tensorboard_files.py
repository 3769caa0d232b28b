import pytest

from pipelines.training.tensorboard_files import write_tensorboard


def test_what_is_watched_is_written_for_tensorboard_and_still_watched(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    seen = []
    with write_tensorboard(tmp_path, lambda *step: seen.append(step), "macro_f1") as watch:
        for step, loss, score in ((1, 0.9, None), (2, 0.7, None), (2, 0.7, 0.81)):
            watch(step, 2, loss, score)
    events = EventAccumulator(str(tmp_path)).Reload()
    losses = events.Scalars("train/loss")
    assert [one.step for one in losses] == [1, 2]
    assert [one.value for one in losses] == pytest.approx([0.9, 0.7])
    assert [one.value for one in events.Scalars("validation/macro_f1")] == pytest.approx([0.81])
    assert len(seen) == 3


def test_what_comes_after_another_part_goes_on_where_it_ended(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    with write_tensorboard(tmp_path, lambda *_step: None, "macro_f1") as watch:
        for step in (1, 2, 3, 1, 2, 1):  # masked words, then the labels, then another member
            watch(step, 3, 0.5, None)
    assert [one.step for one in EventAccumulator(str(tmp_path)).Reload().Scalars("train/loss")] == [1, 2, 3, 4, 5, 6]
