"""Who sits at the terminal, and what they type as messages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from bot.events import IncomingMessage
from bot.protocols import Clock
from bot.types import Author, Place, Scope

PLATFORM = "terminal"


@dataclass(slots=True)
class Speaker:
    """One person in one place. heard_at: when they last said something."""

    scope: Scope
    place: Place
    clock: Clock
    heard_at: datetime | None = None

    def says(self, text: str) -> IncomingMessage:
        """Return a line as a message of its own; the same words again are another message."""
        name = uuid.uuid4().hex
        author = Author(self.scope.user_id, self.scope.user_id)
        self.heard_at = self.clock()
        return IncomingMessage(name, self.scope, self.place, author, text, name, self.heard_at)

    def said(self, message: IncomingMessage) -> bool:
        """Tell whether a message of an earlier run is this person's, from this place."""
        return (message.scope, message.place) == (self.scope, self.place)
