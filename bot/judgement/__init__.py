"""Judges one text at a time: what is secret, sensitive, worth keeping or already known. Pure functions, no model."""
