"""What the adapter says in its own words in more than one place."""

from __future__ import annotations

FAILED = "That did not work, and the mistake is mine. Whoever runs this bot finds it in the log as {reference}."
"""For what went wrong unexpectedly; the log has the same reference."""
