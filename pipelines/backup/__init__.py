"""Backups of a home, and their restoration."""
