"""Finds the command that a message is, and runs it: once where twice would do harm."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.commands import ONCE, Answer, Call, Commands, only_reads
from bot.commands.parse import Command, is_no, is_yes, parse
from bot.commands.pending import Pending
from bot.events import IncomingMessage
from bot.reception import Admitted, Reception
from bot.types import Policy

_NOT_FOR_GUESTS = frozenset({"remember", "recall"})
_CHOOSING = frozenset({"pause", "resume", "privacy"})
"""Commands whose answer says what is kept from now on, which for guests is not the whole truth."""

_ANYWHERE = frozenset(
    {"privacy", "pause", "resume", "memories", "export", "why", "undo", "forget", "help", "settings", "usage"}
)
"""What admins keep nobody from: a person's say over what is kept of them, and the way back from a wrong choice."""

_INTERRUPTED = "I was stopped in the middle of that. /memories shows what I know; say it again if it was not done."
_NO_SECRETS = "That holds a secret ({kinds}), and I keep none, so I have not kept it."
UNIDENTIFIED = (
    "I can't find out who you are just now, so I keep nothing of this and recall nothing. "
    "Please send it again in a moment."
)
"""What a person is told of whom the platform says nothing."""

_GUEST = "You are a guest here: I keep nothing new of guests, and recall nothing for them; admins can change that."


class Calling:
    """What stands between a message and the command in it."""

    def __init__(self, commands: Commands, pending: Pending, reception: Reception) -> None:
        self._commands = commands
        self._pending = pending
        self._reception = reception

    def find(self, message: IncomingMessage, arrived: datetime) -> Call | None:
        """Return the command that a message is: the platform's own, one written as text, or an awaited yes or no.

        Args:
            arrived: when it came, by our clock; a question put later was not what it answers.
        """
        command = _command(message)
        if command is None and (is_yes(message.text) or is_no(message.text)):
            asked = self._pending.open(message.scope, message.place, arrived)
            command = Command(asked, message.text) if asked else None
        if command is None:
            return None
        return Call(
            command=command,
            scope=message.scope,
            place=message.place,
            author=message.author,
            source_id=message.source_id,
            dedupe_key=message.dedupe_key,
            now=message.sent_at,
            arrived=arrived,
            confidential=message.confidential,
            admin=message.admin,
        )

    def answers(self, message: IncomingMessage, policy: Policy, arrived: datetime) -> bool:
        """Tell whether a message is answered where it was sent: in some places only what admins keep nobody from is."""
        if policy.answers_in(message.place):
            return True
        call = self.find(message, arrived)
        return call is not None and call.command.name in _ANYWHERE

    async def answer(self, call: Call, admitted: Admitted) -> Answer:
        """Return a command's answer. What would do harm when done twice is not begun again after a crash.

        Raises:
            StoreError: rows could not be read or written.
        """
        name = call.command.name
        if admitted.guest and name in _NOT_FOR_GUESTS:
            return Answer(_guest_line(admitted))
        if admitted.removed and name == "remember":
            await self._reception.remembered(admitted.message)
            return Answer(_NO_SECRETS.format(kinds=", ".join(dict.fromkeys(admitted.removed))))
        if name in ONCE:
            if admitted.remembered:
                return Answer(_INTERRUPTED)
            await self._reception.remembered(admitted.message)
        answer = await self._commands.run(call)
        await self._reception.remembered(admitted.message)
        if admitted.guest and name in _CHOOSING:
            return replace(answer, text=f"{answer.text}\n{_guest_line(admitted)}")
        return answer


def is_command(message: IncomingMessage) -> bool:
    """Tell whether a message is a command by itself, whatever was asked before it."""
    return _command(message) is not None


def may_be_answered(message: IncomingMessage, policy: Policy) -> bool:
    """Tell whether a message may be answered where it was sent, for all that it says itself.

    A yes or no may be to what a command asked there; whether one did, the assistant knows.
    """
    command = _command(message)
    if command is not None and command.name in _ANYWHERE:
        return True
    return policy.answers_in(message.place) or is_yes(message.text) or is_no(message.text)


def _guest_line(admitted: Admitted) -> str:
    return UNIDENTIFIED if admitted.message.unidentified else _GUEST


def need_not_wait(message: IncomingMessage) -> bool:
    """Tell whether a message is a command that only shows something."""
    command = _command(message)
    return command is not None and only_reads(command)


def _command(message: IncomingMessage) -> Command | None:
    """The command in a message. The text of a platform's own command is its argument and nothing else."""
    if not message.command:
        return parse(message.text)
    options = {name.lower(): value.lower() for name, value in message.options}
    return Command(message.command.lower(), message.text.strip(), options)
