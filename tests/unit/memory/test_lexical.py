"""Words of a text in several scripts, and BM25 with soft matches over the memories that may be read alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.memory.lexical import SOFT_FROM, Analyzer, Floats, LexicalIndex, Matches, Rows, Word

ANALYZER = Analyzer("english")


class SharedLetters:
    """Counts two words as near as their first letters agree, in the surface form: "cats" is nearer to "cat" than "dog".

    Depends on how a word is written, as real word vectors do.
    """

    def __init__(self) -> None:
        self._words: list[str] = []

    def rows(self, words: Sequence[str]) -> Rows:
        """Number words in the order in which they are met."""
        self._words += [word for word in words if word not in self._words]
        return np.array([self._words.index(word) for word in words], np.int32)

    def similarities(self, queries: Rows, rows: Rows) -> Floats:
        """Return the share of letters that agree from the beginning, below 1 for different words."""
        return np.array([[self._near(self._words[q], self._words[r]) for r in rows] for q in queries], np.float32)

    @staticmethod
    def _near(one: str, other: str) -> float:
        agreeing = next(
            (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(map(len, (one, other)))
        )
        return agreeing / max(len(one), len(other))


class Strangers:
    """Knows no word, so that only exact matches count."""

    def rows(self, words: Sequence[str]) -> Rows:
        """Know none."""
        return np.full(len(words), -1, np.int32)

    def similarities(self, queries: Rows, rows: Rows) -> Floats:
        """Find nothing near."""
        return np.zeros((len(queries), len(rows)), np.float32)


def index_of(texts: Sequence[str], similarity: SharedLetters | Strangers | None = None) -> LexicalIndex:
    """Return an index over texts."""
    index = LexicalIndex(ANALYZER, similarity or Strangers())
    index.add([ANALYZER.surfaces(text) for text in texts])
    return index


def surfaces(text: str) -> list[str]:
    """Return the words of a text as written."""
    return [word.surface for word in ANALYZER.words(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Walnuts, and COFFEE!", ["walnuts", "coffee"]),
        ("Ich mag Äpfel", ["mag", "äpfel"]),
        ("я люблю чай", ["люблю", "чай"]),
        ("l'hôtel d’Anna", ["hôtel", "anna"]),
        ("my sister's don't", ["sister"]),
        ("snake_case_name", ["snake", "case", "name"]),
        ("ＦＵＬＬ width", ["full", "width"]),
        ("room 42b", ["room", "42b"]),
        ("🦊 !!! …", []),
    ],
)
def test_words_that_carry_a_topic_are_taken_in_order(text: str, expected: list[str]) -> None:
    """Letters and digits of any spaced script make words; elisions, signs and function words do not."""
    assert surfaces(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("緑茶が好き", ["緑茶", "茶が", "が好", "好き"]),
        ("茶", ["茶"]),
        ("我喜欢tea时间", ["我喜", "喜欢", "tea", "时间"]),
        ("커피", ["커피"]),
        ("ชอบ", ["ชอ", "อบ"]),
    ],
)
def test_scripts_without_spaces_are_cut_into_pairs(text: str, expected: list[str]) -> None:
    """Chinese, Japanese, Korean and Thai runs are searched by each two neighbouring characters."""
    assert surfaces(text) == expected


def test_word_forms_share_a_stem() -> None:
    """A question in another form of the word finds the memory."""
    assert ANALYZER.stems("running shoes") == ANALYZER.stems("run shoe") == {"run", "shoe"}


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    """No text fails, and none of its words is empty or a function word."""
    assert all(word.surface and word.stem for word in ANALYZER.words(text))


def test_bm25_is_the_published_formula() -> None:
    """Scores equal those calculated by hand: idf = ln(1 + (N - n + 0.5) / (n + 0.5)), k1 = 0.9, b = 0.4."""
    texts = ["apple apple banana", "apple cherry", "cherry cherry cherry grape melon"]

    scores = index_of(texts).match(ANALYZER.words("apple cherry"), None).bm25()

    mean = (3 + 2 + 5) / 3
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))  # both words stand in two of three

    def term(count: int, length: int) -> float:
        return idf * count * 1.9 / (count + 0.9 * (1 - 0.4 + 0.4 * length / mean))

    expected = [term(2, 3), term(1, 2) + term(1, 2), term(3, 5)]
    assert scores == pytest.approx(expected, rel=1e-5)


def test_a_word_said_twice_in_the_question_counts_once() -> None:
    """Repeating a word does not make it weigh more."""
    index = index_of(["apple pie", "cherry pie"])

    once, twice = (index.match(ANALYZER.words(text), None).bm25() for text in ("apple pie", "apple apple pie"))

    assert once.tolist() == twice.tolist()


def test_a_soft_match_stays_below_an_exact_one() -> None:
    """The word itself beats the nearest other word, and that beats a stranger."""
    index = index_of(["kitten", "kitchen", "zebra"], SharedLetters())

    exact, near, none = index.match(ANALYZER.words("kitten"), None).bm25().tolist()

    assert exact > near > none == 0


def test_words_below_the_threshold_do_not_match() -> None:
    """Two words less alike than SOFT_FROM are strangers."""
    assert SOFT_FROM > 1 / 5
    index = index_of(["party"], SharedLetters())

    assert index.match(ANALYZER.words("pluto"), None).counts.tolist() == [[0.0]]


def test_coverage_is_complete_when_every_word_is_there() -> None:
    """A memory with all words of the question covers it, one with none does not, one with some lies between."""
    index = index_of(["apple pie", "grape", "apple"])

    whole, none, some = index.match(ANALYZER.words("apple pie"), None).coverage().tolist()

    assert whole == pytest.approx(1)
    assert 0 == none < some < 1


def test_a_rare_word_covers_more_than_a_common_one() -> None:
    """The word that few memories hold says more about which memory is meant."""
    index = index_of(["apple", "apple", "apple", "pie"])

    common, _, _, rare = index.match(ANALYZER.words("apple pie"), None).coverage().tolist()

    assert rare > common


def test_vague_matches_do_not_add_up_to_a_word() -> None:
    """Two words that are merely alike cover less than one that is there."""
    index = index_of(["kitchen parting", "kitten"], SharedLetters())

    vague, exact = index.match(ANALYZER.words("kitten party"), None).coverage().tolist()

    assert vague < exact


@pytest.mark.parametrize("question", ["", "what is it?", "🦊"])
def test_a_question_without_words_matches_nothing(question: str) -> None:
    """No words: every score and coverage is 0."""
    matches = index_of(["apple", ""]).match(ANALYZER.words(question), None)

    assert matches.bm25().tolist() == [0, 0]
    assert matches.coverage().tolist() == [0, 0]


def test_an_empty_index_gives_empty_scores() -> None:
    """Nothing indexed: arrays of length 0, no error."""
    matches = LexicalIndex(ANALYZER, Strangers()).match(ANALYZER.words("apple"), None)

    assert matches.bm25().shape == matches.coverage().shape == (0,)


def test_a_memory_without_words_takes_its_place() -> None:
    """Rows stay aligned with memories when some have no word at all."""
    index = index_of(["🦊", "apple", "and", "apple"])

    assert (index.match(ANALYZER.words("apple"), None).counts[0] > 0).tolist() == [False, True, False, True]


def test_memories_can_be_added_later() -> None:
    """An index filled in two steps answers as one filled at once."""
    texts = [f"apple number{n} pie{n % 7}" for n in range(100)]
    stepwise = index_of(texts[:37])
    stepwise.add([ANALYZER.surfaces(text) for text in texts[37:]])

    query = ANALYZER.words("apple pie3 number99")
    assert stepwise.match(query, None).bm25().tolist() == index_of(texts).match(query, None).bm25().tolist()


def test_joined_matches_weigh_words_over_all_groups() -> None:
    """Scores of two groups joined equal those of one index over both."""
    left, right = ["apple pie", "apple tart"], ["cherry pie", "grape", "plum"]
    query = ANALYZER.words("apple pie")

    joined = Matches.join([index_of(group).match(query, None) for group in (left, right)]).bm25()

    assert joined == pytest.approx(index_of(left + right).match(query, None).bm25())


VOCABULARY = [
    "organize",
    "organs",
    "organ",
    "cat",
    "cats",
    "catalogue",
    "catalog",
    "run",
    "running",
    "runner",
    "tea",
    "team",
]
texts = st.lists(st.sampled_from(VOCABULARY), max_size=5).map(" ".join)


@given(rows=st.lists(st.tuples(texts, st.booleans()), max_size=12), question=texts)
def test_hidden_memories_change_no_figure(rows: list[tuple[str, bool]], question: str) -> None:
    """What may be read is scored as if the rest did not exist, soft matches included."""
    allowed = np.array([shown for _, shown in rows], np.bool_)
    query = ANALYZER.words(question)

    among_all = index_of([text for text, _ in rows], SharedLetters()).match(query, allowed)
    alone = index_of([text for text, shown in rows if shown], SharedLetters()).match(query, None)

    assert among_all.counts.tolist() == alone.counts.tolist()
    assert among_all.lengths.tolist() == alone.lengths.tolist()
    assert among_all.bm25().tolist() == alone.bm25().tolist()


def test_a_hidden_form_of_a_word_does_not_stand_for_the_visible_one() -> None:
    """The word as a hidden memory wrote it plays no part in how near a visible memory's word is."""
    query = ANALYZER.words("runner")
    allowed = np.array([False, True])
    assert ANALYZER.stems("running") == ANALYZER.stems("run") != ANALYZER.stems("runner")

    shown = index_of(["running", "run"], SharedLetters()).match(query, allowed)

    assert shown.counts.tolist() == index_of(["run"], SharedLetters()).match(query, None).counts.tolist()


def test_the_size_grows_with_what_is_held() -> None:
    """Bytes are counted, so that the cache can be bounded."""
    assert index_of(["apple pie"] * 1000).nbytes > index_of(["apple pie"]).nbytes > 0


def test_the_word_type_holds_both_forms() -> None:
    """A word keeps how it was written beside its stem."""
    assert ANALYZER.words("Walnuts") == [Word("walnuts", "walnut")]
