"""Discord as a chat platform. The library behind it takes 30 MB and half a second, so it is loaded when it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.discord.adapter import DiscordAdapter

__all__ = ["DiscordAdapter"]


def __getattr__(name: str) -> object:
    """Load the adapter when it is asked for."""
    if name != "DiscordAdapter":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from adapters.discord.adapter import DiscordAdapter  # noqa: PLC0415 - see the module's docstring

    return DiscordAdapter
