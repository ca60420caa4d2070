"""The messages of a reply as Slack has them: one that is edited, and one that is streamed while it can be."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Protocol

from adapters.blocks import Table, blocks
from adapters.slack.faults import Passing, StillFlowing, Unsure, patiently
from adapters.slack.sending import (
    Content,
    append_to_stream,
    begin_stream,
    end_stream,
    safe_change,
    safe_delete,
    safe_post,
)
from adapters.slack.spot import Spot
from bot.errors import PlatformError


class Shown(Protocol):
    """One message of a reply. All methods raise PlatformError when Slack does not do it."""

    async def show(self, content: Content) -> None:
        """Show a state that others will follow."""
        ...

    async def settle(self, content: Content) -> None:
        """Show what it is to show from now on."""
        ...

    async def leave(self) -> None:
        """Leave it as it is, with nothing in it that says more will come."""
        ...

    async def withdraw(self) -> None:
        """Delete it."""
        ...


class Edited:
    """A message that is posted, and changed when there is more to show."""

    def __init__(self, spot: Spot, key: str, ts: str, content: Content | None) -> None:
        self._spot = spot
        self._key = key
        self._ts = ts
        self._content = content

    @classmethod
    async def posted(cls, spot: Spot, key: str, content: Content) -> Edited:
        """Post a message, and return it.

        Raises:
            PlatformError: it was not posted, or that is not known.
        """
        return cls(spot, key, await safe_post(spot, content, key), content)

    @classmethod
    async def streamed(cls, spot: Spot, key: str, ts: str) -> Edited:
        """Return a message that was streamed until now; one whose stream ended by itself is as good.

        Raises:
            Passing: its stream could not be ended.
        """
        try:
            await end_stream(spot, ts, key)
        except Passing:
            raise
        except PlatformError:  # it has ended, or an edit finds out whether it has
            pass
        return cls(spot, key, ts, None)

    async def show(self, content: Content) -> None:
        """Change it, if there is something to change."""
        if content != self._content:
            self._content = None  # what stands there after a failure is unknown
            await safe_change(self._spot, self._ts, content, self._key)
            self._content = content

    settle = show

    async def leave(self) -> None:
        """Take the button away that stops what has ended."""
        if self._content is not None and self._content.below:
            await patiently(partial(self.show, replace(self._content, below=())))

    async def withdraw(self) -> None:
        """Delete it."""
        await safe_delete(self._spot, self._ts)


class Streamed:
    """A message that grows before the reader's eyes. A stream that dies is made up for by edits.

    A stream can only be added to, ends after some minutes, and may be stopped by the reader
    (https://docs.slack.dev/reference/methods/chat.appendStream).
    """

    def __init__(self, spot: Spot, key: str, ts: str, text: str) -> None:
        self._spot = spot
        self._key = key
        self._ts = ts
        self._text: str | None = text  # all that is in it; None once that is not known
        self._rest: Edited | None = None

    @classmethod
    async def begun(cls, spot: Spot, key: str, text: str) -> Streamed:
        """Begin a stream, and return it.

        Raises:
            PlatformError: it was not begun, or that is not known.
        """
        return cls(spot, key, await begin_stream(spot, text), text)

    @property
    def is_open(self) -> bool:
        """Whether it can still be added to, as far as is known."""
        return self._rest is None

    async def flow(self, text: str) -> None:
        """Add what a text has more than it; one that goes on otherwise waits for the end."""
        before = self._text
        if before is not None:
            if not text.startswith(before) or text == before:
                return
            self._text = None
            with suppress(PlatformError):
                await append_to_stream(self._spot, self._ts, text[len(before) :])
                self._text = text
                return
        await self._end_flow()  # the next state is shown by an edit

    async def show(self, content: Content) -> None:
        """Show a state by an edit, which ends the stream."""
        await (self._rest or await self._end_flow()).show(content)

    async def settle(self, content: Content) -> None:
        """End it with the rest of its text; where the rest does not follow, or has a table, by an edit of all of it."""
        if self._rest is None and self._flows_into(content):
            await self._flow_out(content)
        try:
            await (self._rest or await self._end_flow()).settle(content)
        except StillFlowing:
            await (await self._end_flow()).settle(content)

    async def leave(self) -> None:
        """End it as it is."""
        if self._rest is None:
            await patiently(self._end_flow)

    async def withdraw(self) -> None:
        """Delete it."""
        await self.leave()
        await safe_delete(self._spot, self._ts)

    def _flows_into(self, content: Content) -> bool:
        """Whether adding to it is enough to show something."""
        is_whole = self._text is not None and content.text.startswith(self._text)
        return is_whole and not (content.is_plain or _has_table(content.text))

    async def _flow_out(self, content: Content) -> None:
        """End it with the rest of its text, if that can be."""
        rest, below = content.text.removeprefix(self._text or ""), (*content.above, *content.below)
        try:
            await end_stream(self._spot, self._ts, self._key, text=rest, below=below)
        except Unsure:  # the edit finds out whether it ended
            self._rest = Edited(self._spot, self._key, self._ts, None)
        except Passing:
            raise
        except PlatformError:
            pass  # it ended by time, or by the reader
        else:
            self._rest = Edited(self._spot, self._key, self._ts, content)

    async def _end_flow(self) -> Edited:
        """Go on by edits."""
        self._rest = await Edited.streamed(self._spot, self._key, self._ts)
        return self._rest


def _has_table(markdown: str) -> bool:
    """Tell whether a text has a table, which streams show broken; a markdown block does not."""
    return any(isinstance(block, Table) for block in blocks(markdown))
