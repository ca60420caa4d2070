"""Words beside a message, made ready for a prompt: without secrets, bounded, and told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.events import Quoted, Relation
from bot.judgement.secrets import redact
from bot.judgement.text import clean
from bot.replies.turns import Turn
from bot.tokens import cut_to_tokens, estimate_tokens
from bot.types import Author

MOST_TOKENS_EACH = 1000
"""Of one quotation: more than the longest message of Discord, and a page of a file."""

MOST_TOKENS = 3000
"""Of all quotations of one prompt."""

_READ_CHARACTERS = 2 * 3 * MOST_TOKENS_EACH  # of one quotation; room for what is shortened when secrets are taken out
_NAME_CHARACTERS = 100
_TELLING_CHARACTERS = 20  # a shorter line is found in an answer by chance


def quotable(context: Sequence[Quoted], turns: Sequence[Turn], asker_id: str) -> tuple[Quoted, ...]:
    """Return what of the words beside a message goes into its prompt, in their order.

    EARLIER lines that are among the recent turns are left out, since those say who asked and who answered: the asker's
    own when a turn says the same, another's when it holds an answer or is a piece of one, as the bot's own lines are.
    Beyond the bound of all, EARLIER lines go first, of these the oldest.
    """
    earlier = [at for at, quoted in enumerate(context) if quoted.relation is Relation.EARLIER]
    others = [at for at in range(len(context)) if at not in earlier]
    chosen: dict[int, Quoted] = {}
    left = MOST_TOKENS
    for at in (*others, *reversed(earlier)):
        if at in earlier and _is_told(context[at], turns, asker_id):
            continue
        ready = _ready(context[at])
        left -= estimate_tokens(ready.text)
        if left < 0:
            break
        chosen[at] = ready
    return tuple(chosen[at] for at in sorted(chosen))


def _is_told(line: Quoted, turns: Sequence[Turn], asker_id: str) -> bool:
    words = _words(line.text)
    if line.author is not None and line.author.id == asker_id:
        return any(words == _words(turn.said) for turn in turns)
    answers = [_words(turn.answered) for turn in turns]
    return any(words == said or (_is_telling(words, said) and (words in said or said in words)) for said in answers)


def _is_telling(*texts: str) -> bool:
    return min(map(len, texts)) >= _TELLING_CHARACTERS


def _words(text: str) -> str:
    return " ".join(clean(text[:_READ_CHARACTERS]).split())


def _ready(quoted: Quoted) -> Quoted:
    text = cut_to_tokens(redact(clean(quoted.text[:_READ_CHARACTERS])).text, MOST_TOKENS_EACH)
    author = quoted.author and Author(quoted.author.id, _name(quoted.author.name))
    return replace(quoted, text=text, author=author, name=_name(quoted.name))


def _name(name: str) -> str:
    return " ".join(clean(name[:_NAME_CHARACTERS]).split())
