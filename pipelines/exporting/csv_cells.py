"""Cells of CSV that a spreadsheet does not execute (OWASP, "CSV Injection")."""

from typing import Any

# Excel, LibreOffice and Google Sheets take a cell that begins with one of these for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: Any) -> Any:
    """The value of a cell; a text that a spreadsheet would execute gets a leading apostrophe. Numbers stay."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS) and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
