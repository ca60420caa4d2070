"""Keeps memories, inbox, settings and usage in one SQLite file; nothing outside this package knows SQL."""
