"""The terminal as a chat platform: one person, who types lines or pipes them in."""

from adapters.terminal.adapter import TerminalAdapter

__all__ = ["TerminalAdapter"]
