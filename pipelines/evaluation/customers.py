"""Who wrote which text: one person's texts are alike, so whole customers are drawn where a score is resampled."""

import pandas as pd


def writers(test: pd.DataFrame) -> list[str] | None:
    """Who wrote each text, where a source or the store says it; a text of nobody known is its own."""
    if "customer" not in test:
        return None
    return [who or key for who, key in zip(test["customer"], test["key"], strict=True)]
