import json

from pipelines.bench.plots import plots, plotted_runs


def run(bench, part, recipe, points, accuracy):
    file = bench.work / "runs" / part / f"{recipe}-7.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    value = {"data": "banking77", "recipe": recipe, "points": points, "seconds": 9.0, "accuracy": accuracy}
    file.write_text(json.dumps({"key": "k", "value": value}))


def test_what_learnt_from_few_texts_has_a_picture_of_its_own(bench):
    run(bench, "banking77", "all", [[2.0, 0.8], [9.0, 0.9]], 0.91)
    run(bench, "learning-curve", "banking77-8", [], 0.83)
    parts = ["banking77", "learning-curve"]
    assert {data: [one["recipe"] for one in runs] for data, runs in plotted_runs(bench, parts).items()} == {
        "banking77": ["all"],
        "banking77-few-texts": ["banking77-8"],
    }
    assert [file.name for file in plots(bench, parts)] == ["banking77.png", "banking77-few-texts.png"]


def test_a_recipe_without_points_or_without_a_test_score_is_drawn_too(bench):
    run(bench, "banking77", "spared", [[2.0, 0.8], [9.0, 0.9]], None)
    run(bench, "instant", "at once", [], 0.91)
    (file,) = plots(bench, ["banking77", "instant"])
    assert file.stat().st_size > 5000
