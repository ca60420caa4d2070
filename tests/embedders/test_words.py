"""How near two words are."""

from __future__ import annotations

import numpy as np
import pytest

from bot.embedders.table import TokenTable
from bot.embedders.words import WordVectors


@pytest.fixture
def words(table: TokenTable) -> WordVectors:
    """Give word vectors over the shared table."""
    return WordVectors(table)


def test_word_has_the_row_of_its_token(words: WordVectors, table: TokenTable) -> None:
    """A word of the vocabulary has the row that it has inside a sentence."""
    assert words.rows(["dog", "café"]).tolist() == [table.tokens("dog")[0], table.tokens("cafe")[0]]


@pytest.mark.parametrize("word", ["zzzqx", "it's", "##ing", "[cls]", "[unused5]", "", "\U0001f9cb", "two words", "!"])
def test_other_strings_have_no_row(words: WordVectors, word: str) -> None:
    """What is no whole word of the vocabulary gives -1, also when the vocabulary holds it as something else."""
    assert words.rows([word]).tolist() == [-1]


def test_related_word_is_nearer(words: WordVectors) -> None:
    """A dog is nearer to a puppy than to a share, and as near as can be to itself."""
    (cosines,) = words.similarities(words.rows(["dog"]), words.rows(["dog", "puppy", "stock"]))

    assert cosines[0] == pytest.approx(1, abs=1e-6)
    assert cosines[1] > 0.5 > cosines[2]


def test_cosines_are_those_of_the_float_rows(words: WordVectors, table: TokenTable) -> None:
    """The scale of a row falls out of a cosine, so the int8 rows alone give it; over more rows than one chunk holds."""
    queries = np.array([3899, 4937], np.int32)
    rows = np.random.default_rng(3).integers(0, len(table.rows), 1500).astype(np.int32)

    cosines = words.similarities(queries, rows)

    exact = table.rows.astype(np.float64) * table.scale.astype(np.float64)[:, None]
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    assert cosines.shape == (2, 1500)
    assert cosines.dtype == np.float32
    np.testing.assert_allclose(cosines, exact[queries] @ exact[rows].T, atol=1e-5)


def test_unknown_word_is_near_nothing(words: WordVectors) -> None:
    """-1 on either side gives 0, and never the last row of the table."""
    cosines = words.similarities(np.array([-1, 3899], np.int32), np.array([3899, -1], np.int32))

    np.testing.assert_allclose(cosines, [[0, 0], [1, 0]], atol=1e-6)


def test_no_words_give_no_cosines(words: WordVectors) -> None:
    """Empty questions and empty vocabularies are ordinary."""
    none = words.rows([])

    assert words.similarities(none, words.rows(["dog"])).shape == (0, 1)
    assert words.similarities(words.rows(["dog"]), none).shape == (1, 0)


def test_stored_lengths_belong_to_the_rows(table: TokenTable) -> None:
    """The file of lengths was made from the file of rows."""
    np.testing.assert_allclose(table.norms, np.linalg.norm(table.rows.astype(np.float64), axis=1), rtol=1e-6)


def test_load_opens_a_table_of_its_own(words: WordVectors) -> None:
    """A bot with another embedder gets the same rows."""
    assert WordVectors.load().rows(["dog", "zzzqx"]).tolist() == words.rows(["dog", "zzzqx"]).tolist()
