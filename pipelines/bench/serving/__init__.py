"""How fast a champion is served, beside the ways in which people serve such models otherwise."""
