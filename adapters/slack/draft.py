"""The text of a reply while it grows: notices, the answer, notices; cut into messages when looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.links import Style, defuse
from adapters.slack.mrkdwn import MARKDOWN_CHARACTERS, inert, small_print, spelled_out
from adapters.slack.sending import Block, Content
from adapters.splitting import split
from adapters.streaming import NO_ANSWER, Answer


class Draft:
    """One reply's text.

    Args:
        hosts: hosts that the answer may link to.
        said: what the person wrote, whose own links may stand in the answer too.
    """

    def __init__(self, hosts: Iterable[str], said: str) -> None:
        self.answer = Answer()
        self._hosts = frozenset(hosts)
        self._said = said
        self._above: list[Block] = []
        self._below: list[Block] = []

    @property
    def may_flow(self) -> bool:
        """Whether it can be streamed: nothing is to be read before it, and it is Markdown."""
        return not (self._above or self.answer.is_plain)

    def notice(self, text: str) -> None:
        """Add a notice: before the answer until that has begun, then after it."""
        (self._below if self.answer.has_begun else self._above).append(small_print(text))

    def note(self, *blocks: Block) -> None:
        """Add blocks after everything."""
        self._below.extend(blocks)

    def so_far(self) -> list[Content]:
        """Return the messages that can be shown of an unfinished reply; none while nothing of the answer is certain."""
        answer = self.answer.so_far()
        return self._messages(answer, ()) if answer.strip() else []

    def flowing(self) -> str:
        """Return what can be shown of an unfinished reply in one message that can only be added to."""
        return self._safe(self.answer.flowing())

    def whole(self) -> list[Content]:
        """Return the messages of the finished reply, at least one."""
        return self._messages(self.answer.whole() or NO_ANSWER, self._below)

    def _messages(self, answer: str, below: Sequence[Block]) -> list[Content]:
        is_plain = self.answer.is_plain
        texts = split(answer if is_plain else self._safe(answer), MARKDOWN_CHARACTERS, plain=is_plain) or [NO_ANSWER]
        last = len(texts) - 1
        return [
            Content(text, tuple(self._above) if at == 0 else (), tuple(below) if at == last else (), is_plain)
            for at, text in enumerate(texts)
        ]

    def _safe(self, answer: str) -> str:
        linked = defuse(spelled_out(answer), allowed_hosts=self._hosts, said=self._said, style=Style.SLACK)
        return inert(linked)
