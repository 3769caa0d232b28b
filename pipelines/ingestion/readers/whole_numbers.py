"""Numbers as labels: a whole number is written without a point, whatever the format stores it as."""

_EXACT = 2.0**53  # floats hold every whole number up to this one


def whole_number(value: float | str) -> int | float:
    """The integer that a float stands for, as in a column of integers with missing values; else the float."""
    number = float(value)
    return int(number) if -_EXACT < number < _EXACT and number.is_integer() else number
