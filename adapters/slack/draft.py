"""The text of a reply while it grows: notices, the answer, notices; cut into messages when looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.links import Style, defuse
from adapters.slack.mrkdwn import MARKDOWN_CHARACTERS, inert, small_print, spelled_out
from adapters.slack.sending import Block, Content
from adapters.splitting import split
from adapters.streaming import certain_prefix, closed, stable_prefix

_NO_TEXT = "I have no answer to that."


class Draft:
    """One reply's text.

    Args:
        hosts: hosts that the answer may link to.
        said: what the person wrote, whose own links may stand in the answer too.
    """

    def __init__(self, hosts: Iterable[str], said: str) -> None:
        self._hosts = frozenset(hosts)
        self._said = said
        self._is_plain = False
        self._above: list[Block] = []
        self._answer: list[str] = []
        self._below: list[Block] = []

    @property
    def may_flow(self) -> bool:
        """Whether it can be streamed: nothing is to be read before it, and it is Markdown."""
        return not (self._above or self._is_plain)

    def notice(self, text: str) -> None:
        """Add a notice: before the answer until that has begun, then after it."""
        (self._below if self._answer else self._above).append(small_print(text))

    def note(self, *blocks: Block) -> None:
        """Add blocks after everything."""
        self._below.extend(blocks)

    def grow(self, text: str, *, plain: bool = False) -> None:
        """Add to the answer.

        Args:
            plain: as for `ReplyText`.
        """
        self._answer.append(text)
        self._is_plain = self._is_plain or plain

    def so_far(self) -> list[Content]:
        """Return the messages that can be shown of an unfinished reply; none while nothing of the answer is certain."""
        answer = "".join(self._answer)
        answer = answer if self._is_plain else stable_prefix(answer)
        return self._messages(answer, ()) if answer.strip() else []

    def flowing(self) -> str:
        """Return what can be shown of an unfinished reply in one message that can only be added to."""
        return self._safe(certain_prefix("".join(self._answer)))

    def whole(self) -> list[Content]:
        """Return the messages of the finished reply, at least one."""
        answer = "".join(self._answer).rstrip() or _NO_TEXT
        return self._messages(answer if self._is_plain else closed(answer), self._below)

    def _messages(self, answer: str, below: Sequence[Block]) -> list[Content]:
        safe = answer if self._is_plain else self._safe(answer)
        texts = split(safe, MARKDOWN_CHARACTERS, plain=self._is_plain) or [_NO_TEXT]
        last = len(texts) - 1
        return [
            Content(text, tuple(self._above) if at == 0 else (), tuple(below) if at == last else (), self._is_plain)
            for at, text in enumerate(texts)
        ]

    def _safe(self, answer: str) -> str:
        linked = defuse(spelled_out(answer), allowed_hosts=self._hosts, said=self._said, style=Style.SLACK)
        return inert(linked)
