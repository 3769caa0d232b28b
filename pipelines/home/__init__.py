"""The home (state folder): its location, its files, and what damages them."""
