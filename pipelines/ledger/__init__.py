"""The record of promotions: append-only, hash-chained, signed, one JSON line per entry; what the server trusts."""
