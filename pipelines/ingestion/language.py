"""Language identification by byte n-grams; downloads nothing."""

from functools import cache, lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

# Of 4,000 masked airline messages 96% reach this confidence, all of them as English.
MIN_CONFIDENCE = 0.5
UNDETERMINED = "und"


@lru_cache(2**16)  # a check that leaves out one sender after another repeats the same texts
def language(text: str) -> str | None:
    """The ISO 639-1 code of a text; None if it is too short or too unusual to identify."""
    code, _ = _identifier().classify(text)
    return None if code == UNDETERMINED else str(code)


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True, min_confidence=MIN_CONFIDENCE)
    # Declarations use ISO 639-1: codes of three letters (Wu, Nigerian Pidgin) would only split the vote.
    identifier.set_languages([code for code in identifier.labels if len(code) == 2])
    return identifier
