"""Models that give each text any number of labels: none, one or several."""
