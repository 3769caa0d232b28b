"""What one version is, where it came from and what it was shown to do, for people: its model card."""
