"""Knows which edits were followed: a link's preview makes Discord tell of the last one of its message once more."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime

from bot.events import MessageEdited

MOST_EDITED = 10_000
"""Edited messages that are remembered; the one edited longest ago is forgotten first."""


class Followed:
    """The last edit of each message in this run; over restarts the assistant knows them."""

    def __init__(self) -> None:
        self._newest: OrderedDict[str, datetime] = OrderedDict()

    def first(self, event: MessageEdited) -> bool:
        """Note an edit; tell whether it is newer than all that were noted of its message."""
        before = self._newest.get(event.source_id)
        if before is not None and event.sent_at <= before:
            return False
        self._newest[event.source_id] = event.sent_at
        self._newest.move_to_end(event.source_id)
        if len(self._newest) > MOST_EDITED:
            self._newest.popitem(last=False)
        return True
