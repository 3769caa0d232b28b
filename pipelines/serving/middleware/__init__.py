"""Checks before a route: host and origin, credentials, scopes, rate limits, body limits, security headers."""
