"""The home (state folder): its location, its files, its backup and restore."""
