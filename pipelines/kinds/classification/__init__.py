"""Models that give each text one label."""
