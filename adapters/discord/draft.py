"""The text of a reply while it grows: small notices, the answer, small notices; cut into messages when looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adapters.discord.literal import literal
from adapters.discord.sending import MESSAGE_CHARACTERS
from adapters.links import Style, defuse
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
        self._before: list[str] = []
        self._after: list[str] = []

    def notice(self, text: str) -> None:
        """Add a notice: before the answer until that has begun, then after it."""
        (self._after if self.answer.has_begun else self._before).extend(_small(text))

    def note(self, line: str) -> None:
        """Add a line after everything, as it is to be shown."""
        if line:
            self._after.append(line)

    def so_far(self) -> list[str]:
        """Return the messages that can be shown of an unfinished reply; none while nothing of the answer is certain."""
        answer = self.answer.so_far()
        return self._messages(answer, ()) if answer.strip() else []

    def whole(self) -> list[str]:
        """Return the messages of the finished reply, at least one."""
        return self._messages(self.answer.whole(), self._after) or [NO_ANSWER]

    def _messages(self, answer: str, after: Sequence[str]) -> list[str]:
        safe = literal(answer) if self.answer.is_plain else self._defused(answer)
        text = "\n".join([*self._before, *([safe] if safe else []), *after])
        return split(text, MESSAGE_CHARACTERS, plain=self.answer.is_plain)

    def _defused(self, answer: str) -> str:
        return defuse(answer, allowed_hosts=self._hosts, said=self._said, style=Style.DISCORD)


def _small(text: str) -> Iterator[str]:
    """Yield a notice's lines as Discord shows small print."""
    return (f"-# {line}" for line in text.splitlines() if line.strip())
