"""The text of a reply while it grows: small notices, the answer, small notices; cut into messages when looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adapters.discord.literal import literal
from adapters.discord.sending import MESSAGE_CHARACTERS
from adapters.links import Style, defuse
from adapters.splitting import split
from adapters.streaming import closed, stable_prefix

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
        self._before: list[str] = []
        self._answer: list[str] = []
        self._is_plain = False
        self._after: list[str] = []

    def notice(self, text: str) -> None:
        """Add a notice: before the answer until that has begun, then after it."""
        (self._after if self._answer else self._before).extend(_small(text))

    def note(self, line: str) -> None:
        """Add a line after everything, as it is to be shown."""
        if line:
            self._after.append(line)

    def grow(self, text: str, *, plain: bool = False) -> None:
        """Add to the answer.

        Args:
            plain: as for `ReplyText`.
        """
        self._answer.append(text)
        self._is_plain = self._is_plain or plain

    def so_far(self) -> list[str]:
        """Return the messages that can be shown of an unfinished reply; none while nothing of the answer is certain."""
        answer = "".join(self._answer)
        answer = answer if self._is_plain else stable_prefix(answer)
        return self._messages(answer, ()) if answer.strip() else []

    def whole(self) -> list[str]:
        """Return the messages of the finished reply, at least one."""
        answer = "".join(self._answer).rstrip()
        return self._messages(answer if self._is_plain else closed(answer), self._after) or [_NO_TEXT]

    def _messages(self, answer: str, after: Sequence[str]) -> list[str]:
        safe = literal(answer) if self._is_plain else self._defused(answer)
        text = "\n".join([*self._before, *([safe] if safe else []), *after])
        return split(text, MESSAGE_CHARACTERS, plain=self._is_plain)

    def _defused(self, answer: str) -> str:
        return defuse(answer, allowed_hosts=self._hosts, said=self._said, style=Style.DISCORD)


def _small(text: str) -> Iterator[str]:
    """Yield a notice's lines as Discord shows small print."""
    return (f"-# {line}" for line in text.splitlines() if line.strip())
