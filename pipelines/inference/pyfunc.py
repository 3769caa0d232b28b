"""The packaged model as an MLflow pyfunc ("models from code"): a column `text` in, `label` and `score` out."""

from pathlib import Path

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from pipelines.inference.packaged import ModelPackage
from pipelines.ingestion.text import normalise
from pipelines.masking.mask import mask


class PackagedModel(PythonModel):
    """Masks texts as the service does, then answers."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the registered package."""
        self.packaged = ModelPackage.load(Path(context.artifacts["package"]))

    def predict(self, model_input: pd.DataFrame) -> pd.DataFrame:  # type: ignore[override]  # MLflow reads the names
        """One row `label, score` for each `text`."""
        rules = self.packaged.masking
        answers = self.packaged.predict([mask(normalise(text), rules) for text in model_input["text"]])
        return pd.DataFrame(
            {"label": [answer.label for answer in answers], "score": [answer.score for answer in answers]}
        )


set_model(PackagedModel())
