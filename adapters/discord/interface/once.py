"""Which interactions were begun: a resumed session delivers some again, and Discord takes one answer to each."""

from __future__ import annotations

from collections import OrderedDict

MOST = 1000
"""Interactions that are remembered; a session is resumed with fewer than that outstanding."""


class Once:
    """The interactions that were begun last."""

    def __init__(self) -> None:
        self._begun: OrderedDict[int, None] = OrderedDict()

    def first(self, interaction_id: int) -> bool:
        """Note an interaction; tell whether it was not begun before."""
        is_first = interaction_id not in self._begun
        self._begun[interaction_id] = None
        if len(self._begun) > MOST:
            self._begun.popitem(last=False)
        return is_first
