"""Says what each sentence does: chat, ask, request, or state something; knows words, not meanings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from itertools import pairwise

from bot.judgement.lexicon import UNSPACED, Lexicon, fold, lexicons, script_of, split
from bot.judgement.text import HAN_AND_KANA, is_question, length_in_words, sentences, words


class Act(Enum):
    """What a sentence does."""

    CHAT = auto()
    QUESTION = auto()
    REQUEST = auto()
    REMARK = auto()  # says something, but little, and nothing about the person
    STATEMENT = auto()


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a sentence between commas or conjunctions, seen through one language.

    weight: the words in it that are neither function words nor small talk; strong: a number or a name is among them.
    """

    act: Act
    weight: float = 0.0
    length: float = 0.0
    first_person: bool = False
    second_person: bool = False
    vague: bool = False
    strong: bool = False
    courtesy: bool = False  # thanks, an apology, a wish


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence's act and what its stating clauses say together."""

    act: Act
    weight: float = 0.0
    length: float = 0.0
    first_person: bool = False
    strong: bool = False
    mentions_me: bool = False  # in any clause, chat and questions too


LONG_ENOUGH = 8.0
"""Words from which on a sentence that says nothing about the person is kept all the same."""

# Content that a sentence without "I" needs: Japanese and Chinese leave "I" out, and one character says half a word.
_ENOUGH = {"ja": 1.0, "zh": 1.5}

_LAUGHTER = (
    r"(?:a*(?:h+[aeiou]+){2,}h*|(?:[ao]?j[aei]+){2,}j*|k{2,}|(?:rs){1,}r?|x+d+|l+o+l+(?:ol)*|l+m+a+o+|w{3,}|5{3,}|(?:s[jk]){2,}"
    r"|(?:а*(?:х+[аеио]+){2,}х*)|а*х+а+х+|(?:ㅋ|ㅎ|ㅠ|ㅜ)+|(?:ه){3,}|哈+|呵+|嘻+|笑+|草+|z{3,}|b?r{3,}|a+r+g+h+|m+h+m+|p+f+t?)"
)


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source)


def read_sentences(text: str) -> list[Sentence]:
    """Return what each sentence of a text does. The text is clean and free of code, links and mentions."""
    return [_read_sentence(sentence) for sentence in sentences(text)]


def _read_sentence(sentence: str) -> Sentence:
    candidates = _candidates(sentence)
    if not candidates:
        return _unknown_script(sentence)
    return min((_through(sentence, lexicon) for lexicon in candidates), key=_preference)


def _preference(read: Sentence) -> tuple[bool, float, int]:
    """Order readings in languages that know equally much of a sentence: chat first, then who leaves least unknown."""
    return read.act is not Act.CHAT, read.weight, -read.act.value


def _candidates(sentence: str) -> list[Lexicon]:
    """Return the languages of the sentence's script that know most of its words; several when they are even."""
    known = lexicons(script_of(sentence))
    if len(known) <= 1:
        return list(known)
    tokens = set(split(sentence))
    hits = [_familiarity(sentence, tokens, lexicon) for lexicon in known]
    return [lexicon for lexicon, count in zip(known, hits, strict=True) if count == max(hits)]


def _familiarity(sentence: str, tokens: set[str], lexicon: Lexicon) -> int:
    """Return how much of a sentence a language knows; its everyday words count more than its phrases."""
    if lexicon.code in UNSPACED:
        return sum(len(token) for token in _cut_run(fold(sentence), lexicon) if token in lexicon.known)
    return 2 * len(tokens & lexicon.light) + len(tokens & lexicon.known)


def _unknown_script(sentence: str) -> Sentence:
    """Judge by length alone where no word list applies."""
    length = length_in_words(sentence)
    if not length:
        return Sentence(Act.CHAT)
    if is_question(sentence):
        return Sentence(Act.QUESTION)
    return Sentence(Act.STATEMENT if length >= 3 else Act.CHAT, length, length)


def _through(sentence: str, lexicon: Lexicon) -> Sentence:
    """Read a sentence as one of a given language."""
    pieces = _pieces(sentence, lexicon)
    clauses = [_read_clause(piece, at == 0, lexicon) for at, piece in enumerate(pieces)]
    asks = is_question(sentence) or _ends_asking(sentence, lexicon)
    if asks and clauses:
        clauses[-1] = Clause(Act.QUESTION)
    if _ends_with(sentence, lexicon.request_tails) and not _ends_with(sentence, lexicon.naming_tails):
        return Sentence(Act.REQUEST)
    stated = [clause for clause in clauses if clause.act is Act.STATEMENT]
    act = _act_of(clauses, stated, asks, lexicon.code)
    return Sentence(
        act,
        weight=sum(clause.weight for clause in stated),
        length=sum(clause.length for clause in stated),
        first_person=any(clause.first_person for clause in stated),
        strong=any(clause.strong for clause in stated),
        mentions_me=not lexicon.me.isdisjoint(split(sentence)),
    )


def _act_of(clauses: list[Clause], stated: list[Clause], asks: bool, code: str) -> Act:
    """Return what the clauses of a sentence do together."""
    weight = sum(clause.weight for clause in stated)
    first_person = any(clause.first_person for clause in stated)
    excuse = weight <= 1 and clauses[0].courtesy and not any(clause.strong for clause in stated)
    if weight and not excuse:  # "sorry, I didn't mean to be rude"
        if first_person and (not asks or weight >= 1):
            return Act.STATEMENT
        if _says_enough(stated, weight, _ENOUGH.get(code, 2.0)):
            return Act.STATEMENT
    acts = {clause.act for clause in clauses}
    for act in (Act.QUESTION, Act.REQUEST):
        if act in acts:
            return act
    return Act.REMARK if weight else Act.CHAT


def _says_enough(stated: list[Clause], weight: float, enough: float) -> bool:
    """Return whether clauses without a first person tell something of substance."""
    length = sum(clause.length for clause in stated)
    strong = any(clause.strong for clause in stated)
    first = stated[0]
    if length >= LONG_ENOUGH and weight >= 2:
        return True
    if first.second_person:
        return weight >= 3 and strong
    if first.vague:
        return weight >= 3 or (weight >= 2 and strong)
    return weight >= enough or (weight >= 1 and strong and length >= 2)


def _pieces(sentence: str, lexicon: Lexicon) -> list[str]:
    """Cut a sentence into clauses: at punctuation, and before words such as "but"."""
    pieces: list[str] = []
    for piece in _pattern(
        r"(?<!\d)[,:](?!\d)|,\s|:\s|[;()\u00bf\u00a1\u3001\uff0c\uff1a\uff1b\u060c\u2014\u2026]|\s[-\u2013]\s|\.\.+"
    ).split(sentence):
        pieces.extend(_cut_before(piece, lexicon) if lexicon.code not in UNSPACED else [piece])
    return [piece for piece in pieces if words(piece)]


def _cut_before(piece: str, lexicon: Lexicon) -> list[str]:
    """Cut a clause before each conjunction that starts a thought of its own."""
    parts = piece.split()
    folded = [fold(part).strip("'\"!.?") for part in parts]
    starts = [at for at in range(1, len(parts)) if lexicon.but.match(folded, at)]
    edges = [0, *starts, len(parts)]
    return [" ".join(parts[a:b]) for a, b in pairwise(edges)]


def _ends_asking(sentence: str, lexicon: Lexicon) -> bool:
    return bool(lexicon.ask_tails) and _ends_with(sentence, lexicon.ask_tails)


def _ends_with(sentence: str, tails: tuple[str, ...]) -> bool:
    return bool(tails) and sentence.rstrip(" \t!.?~\u3002\uff01\uff1f\u301c\u2026\u30fc").endswith(tails)


def _read_clause(clause: str, first: bool, lexicon: Lexicon) -> Clause:
    """Read one clause through one language."""
    tokens, capital = _tokens(clause, lexicon)
    start, swallowed = _after_openings(tokens, lexicon)
    rest = tokens[start:]
    if not rest:
        return Clause(Act.CHAT)
    if _names_self(rest, lexicon):
        return Clause(Act.STATEMENT, 1.0, length_in_words(clause), first_person=True, strong=True)
    addressed = bool(lexicon.you.match(rest, 0))
    free, content = _content(rest, lexicon)
    me = _speaks_of_self(free, lexicon, addressed and len(set(content)) <= 1)
    if content and not first and tokens[0] in lexicon.negation and lexicon.calendar.issuperset(content):
        return Clause(Act.STATEMENT, 2.0, length_in_words(clause), first_person=me, strong=True)  # "..., not Monday"
    content = _own(free, content, me, lexicon)
    weight = sum(_weight(token) for token in set(content))
    if (swallowed or _ends_with(clause, lexicon.chat_tails)) and not (me and weight >= 3):
        return Clause(Act.CHAT, courtesy=swallowed)
    negated = start > 0 and tokens[start - 1] in lexicon.negation  # "não posso" asks nothing, "posso" may
    if lexicon.ask.match(rest, 0) and not negated:
        return Clause(Act.QUESTION)
    if lexicon.request.match(rest, 0) or lexicon.request_shape.match(" ".join(rest)):
        return Clause(Act.REQUEST)
    names = {token for token, upper in zip(rest, capital[start:], strict=True) if upper}
    if start and not me and len(rest) <= 2 and names.issuperset(content):
        return Clause(Act.CHAT)  # a name after a greeting
    return Clause(
        Act.STATEMENT,
        weight,
        length_in_words(clause),
        first_person=me,
        second_person=addressed or (not me and lexicon.you.found_in(rest)),
        vague=first and bool(lexicon.vague.match(rest, 0)),
        strong=any(token[0].isdigit() for token in content)
        or (lexicon.code != "de" and any(token in names for token in content if token != tokens[0])),
    )


_SUBJECT = r"i|im|ive|we|ich|wir|je?|nous|on|yo|nosotros|io|noi|eu|ik|wij|я|мы"


def _names_self(rest: list[str], lexicon: Lexicon) -> bool:
    """Return whether a clause says how its author is called ("call me Sam"), which is no request to do something."""
    size = lexicon.naming.match(rest, 0)
    return 0 < size < len(rest) and not _is_light(rest[size], lexicon)


def _speaks_of_self(rest: list[str], lexicon: Lexicon, only_as_subject: bool) -> bool:
    """Return whether a clause speaks of its author; "you crack me up" does not, so there only a subject counts."""
    if only_as_subject:
        return any(_pattern(_SUBJECT).fullmatch(token) for token in rest)
    if any(token in lexicon.me or lexicon.me_shape.fullmatch(token) for token in rest):
        return True
    if lexicon.code in UNSPACED and any(cue in "".join(rest) for cue in lexicon.preference):
        return True  # "紅茶が好きです" needs no "I"
    return bool(rest and lexicon.implied.match(rest, 0))


def _after_openings(tokens: list[str], lexicon: Lexicon) -> tuple[int, bool]:
    """Return where a clause goes on after "hey", "yes" or "oh well", and whether a thanks or a wish swallows it."""
    at = 0
    while at < len(tokens):
        if lexicon.swallow.match(tokens, at) and not lexicon.unswallow.match(tokens, at):
            return at, True
        step = lexicon.open.match(tokens, at) or int(_is_exclaimed(tokens[at]))
        if not step:
            break
        at += step
    return at, False


def _content(tokens: list[str], lexicon: Lexicon) -> tuple[list[str], list[str]]:
    """Return the tokens outside formulas, and those of them that carry content: no light word, no laughter."""
    start = at = lexicon.formulas.match(tokens, 0)
    free = tokens[:start]  # "I can't" may go on: its "I" counts, in "Mondays, am I right" it does not
    while at < len(tokens):
        step = lexicon.formulas.match(tokens, at)
        if not step:
            free.append(tokens[at])
        at += step or 1
    return free, [token for token in free[start:] if not _is_light(token, lexicon)]


def _own(free: list[str], content: list[str], me: bool, lexicon: Lexicon) -> list[str]:
    """Return the content without what anyone could say: weather, a bare weekday, a wish for coffee, "so beat"."""
    if not me or lexicon.want.found_in(free):
        content = [token for token in content if token not in lexicon.backdrop]
        return [] if lexicon.calendar.issuperset(content) else content
    alone = len(content) == 1 and any(word in lexicon.so and after == content[0] for word, after in pairwise(free))
    return [] if alone else content


def _is_light(token: str, lexicon: Lexicon) -> bool:
    if token in lexicon.light or _is_laughter(token):
        return True
    if not _pattern(r"(.)\1\1|(\w)\2$").search(token):
        return False
    return any(
        _pattern(r"(.)\1+" if short else r"(.)\1\1+").sub(by, token) in lexicon.light
        for short, by in ((0, r"\1"), (0, r"\1\1"), (1, r"\1"))
    )


def _is_exclaimed(token: str) -> bool:
    """Return whether a word that opens a clause is laughter or drawn out like a shout ("yesss", "niceee")."""
    return _is_laughter(token) or _pattern(r"([^\W\d])\1\1").search(token) is not None


def _is_laughter(token: str) -> bool:
    return len(token) < 60 and _pattern(_LAUGHTER).fullmatch(token) is not None


def _weight(token: str) -> float:
    """Return how many words a content token stands for: two characters of Chinese or Japanese make one."""
    if _pattern(f"[{HAN_AND_KANA}]").match(token):
        return len(token) / 2
    return 1.0


def _tokens(clause: str, lexicon: Lexicon) -> tuple[list[str], list[bool]]:
    """Return the folded tokens of a clause, and which of them were written with a capital."""
    if lexicon.code in UNSPACED:
        cut = _cut_run(fold(clause), lexicon)
        return cut, [False] * len(cut)
    tokens: list[str] = []
    capital: list[bool] = []
    for word in words(clause):
        parts = split(word)
        tokens.extend(parts)
        capital.extend([word[0].isupper() and not (len(word) > 1 and word.isupper())] * len(parts))
    return tokens, capital


def _cut_run(text: str, lexicon: Lexicon) -> list[str]:
    """Cut text without spaces by the longest known word at each place; what no word covers stays in one piece."""
    tokens: list[str] = []
    at = unknown = 0
    known = lexicon.known
    while at < len(text):
        size = next((n for n in range(min(lexicon.longest, len(text) - at), 0, -1) if text[at : at + n] in known), 0)
        if not size:
            at += 1
            continue
        tokens.extend(split(text[unknown:at]))
        tokens.append(text[at : at + size])
        at += size
        unknown = at
    tokens.extend(split(text[unknown:]))
    return tokens
