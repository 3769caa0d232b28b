"""Advice about texts that are longer than a model reads."""

from pipelines.catalog.recipe import MAX_TOKENS, Recipe


def truncation_advice(recipe: Recipe) -> str:
    """A remedy for cut texts, as a clause without a subject; what the recipe has already is left out."""
    longer = f"raise recipe.max_tokens ({recipe.max_tokens} now, at most {MAX_TOKENS}, and what the encoder reads)"
    both = "read their end too with recipe.truncation = 'head_tail'"
    remedies = [
        *([longer] if recipe.max_tokens < MAX_TOKENS else []),
        *([both] if recipe.truncation == "head" else []),
    ]
    return ", or ".join(remedies) or "shorten the texts, for instance by their quoted history"
