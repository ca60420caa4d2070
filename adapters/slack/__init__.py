"""Slack as a chat platform. The library behind it takes 25 MB and half a second, so it is loaded when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.slack.adapter import SlackAdapter

__all__ = ["SlackAdapter"]


def __getattr__(name: str) -> object:
    """Load the adapter when it is asked for."""
    if name != "SlackAdapter":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from adapters.slack.adapter import SlackAdapter  # noqa: PLC0415 - see the module's docstring

    return SlackAdapter
