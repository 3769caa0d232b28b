"""Scopes that each route requires: declared with the route, published in OpenAPI, looked up here.

A route without a declaration requires `admin`, so that a new route is closed by default.
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
# Scopes of anonymous callers on this machine until the first key is created.
WITHOUT_KEY: frozenset[str] = frozenset({"predict", "feedback"})
# Mounted folders of files, which cannot declare scopes.
OPEN_MOUNTS = ("/static",)
CLOSED: Declaration = {"security": [{SCHEME: ["admin"]}]}


def require_scopes(*scopes: Scope) -> Declaration:
    """For `openapi_extra` of a route: require a key with all of these scopes; with none given, any key."""
    return {"security": [{SCHEME: list(scopes)}]}


def public() -> Declaration:
    """For `openapi_extra` of a route: require no key, as for health and sign-in."""
    return {"security": []}


@dataclass(frozen=True)
class ScopeRule:
    """The scopes that a route requires (None: public); `route` is its path pattern, for logs."""

    route: str
    scopes: frozenset[str] | None


NO_ROUTE = "none"
UNKNOWN, UNKNOWN_OPEN = ScopeRule(NO_ROUTE, frozenset()), ScopeRule(NO_ROUTE, None)


class ScopeRules:
    """The rules of all routes, matched in the order of the router."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._rules = [_rule(context) for context in iter_route_contexts(list(routes)) if context.path is not None]
        self._cached = lru_cache(1024)(self._match)

    def find(self, method: str, path: str) -> ScopeRule:
        """The rule of the route that serves this request; the rules of long paths are not cached."""
        return self._cached(method, path) if len(method) + len(path) < 200 else self._match(method, path)

    def _match(self, method: str, path: str) -> ScopeRule:
        matches = [(methods, rule) for pattern, methods, rule in self._rules if pattern.match(path)]
        for methods, rule in matches:
            if methods is None or method in methods:
                return rule
        # No such path, or no such method: nothing runs, and a key is required before the caller learns that.
        return UNKNOWN_OPEN if any(rule.scopes is None for _, rule in matches) else UNKNOWN


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
