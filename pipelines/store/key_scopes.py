"""The scopes of an API key; `admin` includes the others."""

from typing import Literal, get_args

Scope = Literal["predict", "feedback", "review", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
