"""Statistics: bootstrap intervals, exact tests and corrections."""
