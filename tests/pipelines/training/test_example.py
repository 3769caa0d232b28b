import re
from pathlib import Path

import pipelines.training

PAGE = Path(pipelines.training.__file__).parent / "EXAMPLE.md"


def test_the_corrected_example_runs_as_it_stands_and_learns(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    room = {"__name__": "example"}
    exec(compile(code, str(PAGE), "exec"), room)
    said = capsys.readouterr().out
    losses = [float(found) for found in re.findall(r"train loss (\d\.\d+)", said)]
    assert losses[-1] < losses[0]
    assert float(re.search(r"test accuracy (\d\.\d+)", said)[1]) > 0.45  # a third by chance
