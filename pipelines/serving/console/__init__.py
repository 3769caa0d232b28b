"""The console: a page for people, and the routes that it asks beside the others'."""
