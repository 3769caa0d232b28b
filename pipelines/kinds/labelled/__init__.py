"""Code shared by kinds whose answers are labels of a declared set, one or several for each text."""
