"""The errors that Discord answers with, by the names of its documentation: "Opcodes and Status Codes, JSON"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tests.servers.discord.wire import Json


class Error(NamedTuple):
    """One row of Discord's table."""

    status: int
    code: int
    text: str


UNAUTHORIZED = Error(401, 0, "401: Unauthorized")
NO_SUCH_ROUTE = Error(404, 0, "404: Not Found")
UNKNOWN_CHANNEL = Error(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = Error(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = Error(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = Error(404, 10008, "Unknown Message")
UNKNOWN_USER = Error(404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = Error(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = Error(404, 10062, "Unknown interaction")
UNKNOWN_COMMAND = Error(404, 10063, "Unknown application command")
TOO_MANY_COMMANDS = Error(400, 30032, "Maximum number of application commands reached")
TOO_MANY_COMMANDS_MADE = Error(400, 30034, "Max number of daily application command creates has been reached (200)")
ALREADY_ACKNOWLEDGED = Error(400, 40060, "Interaction has already been acknowledged.")
TOO_MANY_FOLLOW_UPS = Error(400, 40094, "This interaction has reached the maximum number of follow up messages")
MISSING_ACCESS = Error(403, 50001, "Missing Access")
NOT_IN_A_DM = Error(403, 50003, "Cannot execute action on a DM channel")
OTHERS_MESSAGE = Error(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = Error(400, 50006, "Cannot send an empty message")
CLOSED_DM = Error(403, 50007, "Cannot send messages to this user")
NOT_A_TEXT_CHANNEL = Error(400, 50008, "Cannot send messages in a non-text channel")
MISSING_PERMISSIONS = Error(403, 50013, "Missing Permissions")
EXPIRED_TOKEN = Error(401, 50027, "Invalid Webhook Token")
INVALID_FORM = Error(400, 50035, "Invalid Form Body")
ARCHIVED_THREAD = Error(400, 50083, "Tried to perform an operation on an archived thread.")
INVALID_JSON = Error(400, 50109, "The request body contains invalid JSON.")
NO_HISTORY_TO_REPLY = Error(403, 160002, "Cannot reply without permission to read message history")
THREAD_EXISTS = Error(400, 160004, "A thread has already been created for this message")
LOCKED_THREAD = Error(400, 160005, "Thread is locked")

OF_THE_WORLD = frozenset(
    {
        UNAUTHORIZED,
        UNKNOWN_CHANNEL,
        UNKNOWN_GUILD,
        UNKNOWN_MEMBER,
        UNKNOWN_USER,
        MISSING_ACCESS,
        CLOSED_DM,
        MISSING_PERMISSIONS,
        ARCHIVED_THREAD,
        LOCKED_THREAD,
        NO_HISTORY_TO_REPLY,
    }
)
"""What a correct bot can meet, since people change things under its hands. All else it must never provoke."""


class Fault(NamedTuple):
    """What is wrong with one field of a form: where, by Discord's name, and in words."""

    path: str
    code: str
    text: str


@dataclass
class Refusal(Exception):
    """A request that Discord would not carry out."""

    error: Error
    faults: Sequence[Fault] = ()
    to_blame: bool | None = None

    @property
    def is_violation(self) -> bool:
        """Whether a correct bot would never have asked."""
        return self.error not in OF_THE_WORLD if self.to_blame is None else self.to_blame

    @property
    def body(self) -> Json:
        """The answer as JSON."""
        told: Json = {"message": self.error.text, "code": self.error.code}
        return {**told, "errors": nested(self.faults)} if self.faults else told

    def __str__(self) -> str:
        """The short form for `violations`: the code and the fields, never their contents."""
        fields = "; ".join(f"{fault.path}: {fault.text}" for fault in self.faults)
        return f"{self.error.status} {self.error.code} {self.error.text}" + (f" ({fields})" if fields else "")


def refuse_form(faults: Iterable[Fault]) -> None:
    """Raise the refusal of a form if anything is wrong with it."""
    found = list(faults)
    if found:
        raise Refusal(INVALID_FORM, found)


def nested(faults: Iterable[Fault]) -> Json:
    """Return faults as the tree that Discord answers with."""
    tree: Json = {}
    for fault in faults:
        branch = tree
        for name in filter(None, fault.path.split(".")):
            branch = branch.setdefault(name, {})
        branch.setdefault("_errors", []).append({"code": fault.code, "message": fault.text})
    return tree
