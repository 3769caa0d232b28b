"""The customer of each text: one person's texts are alike, so resampling draws whole customers."""

import pandas as pd


def text_customers(test: pd.DataFrame) -> list[str] | None:
    """Return the customer of each text, or None without that column; a text of an unknown customer gets its own key."""
    if "customer" not in test:
        return None
    return [customer or key for customer, key in zip(test["customer"], test["key"], strict=True)]
