"""What a caller must hold for each route: declared beside it, published in OpenAPI, and looked up here.

A route that declares nothing is for admins, so that a new one is closed until somebody thinks about it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Mount, compile_path

from pipelines.store.key_scopes import Scope

Declaration = dict[str, Any]

SCHEME = "key"
# What anybody on this machine may do until the first key is made; reading messages and deciding ask for a sign-in.
WITHOUT_KEY: frozenset[str] = frozenset({"predict", "feedback"})
# Folders of files, which can declare nothing themselves.
OPEN_MOUNTS = ("/static",)
CLOSED: Declaration = {"security": [{SCHEME: ["admin"]}]}


def require_scopes(*scopes: Scope) -> Declaration:
    """For `openapi_extra` of a route: asks for a key that has all of these scopes; without any, for any key."""
    return {"security": [{SCHEME: list(scopes)}]}


def public() -> Declaration:
    """For `openapi_extra` of a route: asks for nothing. For health, sign-in and what else gives nothing away."""
    return {"security": []}


@dataclass(frozen=True)
class ScopeRule:
    """What one route asks for; `scopes` is None where it asks for nothing. `route` is its pattern, for logs."""

    route: str
    scopes: frozenset[str] | None


NO_ROUTE = "none"
UNKNOWN, UNKNOWN_OPEN = ScopeRule(NO_ROUTE, frozenset()), ScopeRule(NO_ROUTE, None)


class ScopeRules:
    """The need of a request, by the patterns of the router and in its order."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._rules = [_rule(context) for context in iter_route_contexts(list(routes)) if context.path is not None]
        self._kept = lru_cache(1024)(self._of)

    def of(self, method: str, path: str) -> ScopeRule:
        """What the route asks for that this request would reach; long paths are nobody's habit, and not remembered."""
        return self._kept(method, path) if len(method) + len(path) < 200 else self._of(method, path)

    def _of(self, method: str, path: str) -> ScopeRule:
        found = [(methods, need) for pattern, methods, need in self._rules if pattern.match(path)]
        for methods, need in found:
            if methods is None or method in methods:
                return need
        # No route of that name, or none with that method: nothing runs, and a key is asked for before that is told.
        return UNKNOWN_OPEN if any(need.scopes is None for _, need in found) else UNKNOWN


def _rule(context: RouteContext) -> tuple[re.Pattern[str], set[str] | None, ScopeRule]:
    path = context.path or ""
    if isinstance(context.route, Mount):
        declared = public() if path in OPEN_MOUNTS else CLOSED
        return compile_path(f"{path}/{{path:path}}")[0], None, ScopeRule(path, _scopes(declared))
    declared = getattr(context, "openapi_extra", None) or CLOSED
    return compile_path(path)[0], context.methods, ScopeRule(path, _scopes(declared))


def _scopes(declared: Mapping[str, Any]) -> frozenset[str] | None:
    security = declared.get("security", CLOSED["security"])
    return frozenset(security[0][SCHEME]) if security else None
