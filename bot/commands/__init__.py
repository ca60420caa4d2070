"""What people can tell the bot to do, in words that are the same on every platform."""

from __future__ import annotations

import difflib
from collections.abc import Awaitable, Callable

from bot.commands.call import Answer, Call
from bot.commands.choosing import Choosing
from bot.commands.governing import Governing
from bot.commands.keeping import Keeping
from bot.commands.looking import Looking
from bot.commands.parse import Command
from bot.errors import InputError

__all__ = ["ONCE", "Answer", "Call", "Choosing", "Commands", "Governing", "Keeping", "Looking", "only_reads"]

ONCE = frozenset({"undo"})
"""Commands that do something else when they are done a second time."""

_READING = frozenset({"memories", "recall", "why", "export", "help", "usage"})
_READING_ALONE = frozenset({"privacy", "settings"})
"""Commands that only show something as long as nothing is written after them."""


def only_reads(command: Command) -> bool:
    """Tell whether a command changes nothing, so that it need not wait for what its person said before."""
    return command.name in _READING or (command.name in _READING_ALONE and not command.argument)


class Commands:
    """Runs commands by name."""

    def __init__(self, keeping: Keeping, looking: Looking, choosing: Choosing, governing: Governing) -> None:
        self._by_name: dict[str, Callable[[Call], Awaitable[Answer]]] = {
            "remember": keeping.remember,
            "forget": keeping.forget,
            "undo": keeping.undo,
            "memories": looking.memories,
            "recall": looking.recall,
            "why": looking.why,
            "export": looking.export,
            "pause": choosing.pause,
            "resume": choosing.resume,
            "privacy": choosing.privacy,
            "new": looking.new,
            "settings": governing.settings,
            "usage": governing.usage,
            "help": looking.help,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The commands there are."""
        return tuple(self._by_name)

    async def run(self, call: Call) -> Answer:
        """Return a command's answer; what cannot be done is said in one line, and nothing of it was done.

        Raises:
            StoreError: rows could not be read or written.
        """
        name = call.command.name
        command = self._by_name.get(name)
        if command is None:
            near = difflib.get_close_matches(name, self._by_name, n=1)
            guess = f"Did you mean /{near[0]}? " if near else ""
            return Answer(f"I don't know /{name}. {guess}/help lists what I know.")
        try:
            return await command(call)
        except InputError as error:
            return Answer(str(error))
