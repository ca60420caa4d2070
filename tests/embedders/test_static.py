"""What the embedded embedder makes of a text."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import numpy as np
import pytest

from bot.embedders.static import LOOP_CHARACTERS, StaticEmbedder
from bot.embedders.table import DATA_FOLDER, MAX_CHARACTERS, TokenTable
from bot.protocols import Space

APPOINTMENT = "My dog Rex has a vet appointment on Friday."
THREADS = Path("/proc/self/task")


@pytest.fixture
def embedder(table: TokenTable) -> StaticEmbedder:
    """Give an embedder over the shared table."""
    return StaticEmbedder(table)


def test_space_names_the_artefact(embedder: StaticEmbedder) -> None:
    """Vectors are only ever compared with those of the same artefact."""
    assert embedder.space == Space("static-minilm-256-v1", 256)


def test_space_changes_with_the_artefact() -> None:
    """The vectors are made from these very bytes: whoever changes them has to give the space a new name."""
    digest = hashlib.sha256()
    for name in ("rows.npy", "scale.npy", "tokenizer.json"):
        digest.update((DATA_FOLDER / name).read_bytes())

    assert digest.hexdigest() == "afcf3e1ed1182e6c9ab6dee806b439bb236474e1b737f407d9f715660a0b78f7"


def test_known_sentence_has_known_tokens(embedder: StaticEmbedder) -> None:
    """The tokenizer splits as the one that the table was made with."""
    assert embedder.table.tokens(APPOINTMENT) == [2026, 3899, 10151, 2038, 1037, 29525, 6098, 2006, 5958, 1012]


async def test_known_sentence_has_known_vector(embedder: StaticEmbedder) -> None:
    """The numbers are those that were measured when the table was made."""
    (vector,) = await embedder.embed([APPOINTMENT])

    np.testing.assert_allclose(vector[:6], [0.1344, 0.0272, -0.2009, 0.0074, -0.0715, -0.1022], atol=5e-5)


async def test_known_sentences_have_known_cosines(embedder: StaticEmbedder) -> None:
    """A question is near its answer and far from other talk."""
    statement, question, other = await embedder.embed(
        [APPOINTMENT, "When is the vet appointment?", "The stock market fell again."]
    )

    assert statement @ question == pytest.approx(0.724, abs=5e-4)
    assert statement @ other == pytest.approx(0.019, abs=5e-4)


async def test_unknown_token_adds_nothing(embedder: StaticEmbedder) -> None:
    """What no piece of the vocabulary spells leaves the vector as it was, and alone gives zeros."""
    plain, with_unknown, unknown = await embedder.embed(["tea", "tea \U0001f9cb", "\U0001f9cb"])

    np.testing.assert_array_equal(with_unknown, plain)
    assert not unknown.any()


def test_typed_marker_is_an_ordinary_word(embedder: StaticEmbedder) -> None:
    """The tokenizer's own marks mean nothing when a person types them."""
    assert embedder.table.tokens("[CLS]") == embedder.table.tokens("[ cls ]")


async def test_text_beyond_the_limit_is_not_read(embedder: StaticEmbedder) -> None:
    """Only the first 20,000 characters of a text count."""
    head = "tea " * (MAX_CHARACTERS // 4)

    short, long = await embedder.embed([head, head + "coffee " * 100_000])

    np.testing.assert_array_equal(long, short)


async def test_thread_and_loop_agree(embedder: StaticEmbedder) -> None:
    """A batch that is made in a thread has the vectors that each text has alone."""
    texts = [f"I met {name} in {place}" for name in ("Ana", "Ben", "Cem") for place in ("Oslo", "Rome")] * 100
    assert sum(map(len, texts)) > LOOP_CHARACTERS

    batch = await embedder.embed(texts)

    alone = np.concatenate([await embedder.embed([text]) for text in texts[:6]])
    np.testing.assert_array_equal(batch, np.tile(alone, (100, 1)))


def test_vectors_are_mapped_from_the_file(table: TokenTable) -> None:
    """The 7.8 MB of rows are not copied into the process's own memory."""
    assert isinstance(table.rows.base, np.memmap)


@pytest.mark.skipif(not THREADS.is_dir(), reason="threads are counted where Linux lists them")
def test_no_thread_is_left_behind(embedder: StaticEmbedder) -> None:
    """Embedding starts no thread pool, whose stacks a small machine would pay for."""
    before = len(list(THREADS.iterdir()))

    embedder._vectors([APPOINTMENT] * 50)

    assert len(list(THREADS.iterdir())) <= before  # another test's thread may end meanwhile


def test_sentence_costs_little(embedder: StaticEmbedder) -> None:
    """A short sentence takes about 0.05 ms of processor time; the limit leaves room for a slower machine."""
    taken_s = []
    for _ in range(20):
        start = time.thread_time()
        embedder._vectors([APPOINTMENT] * 20)
        taken_s.append((time.thread_time() - start) / 20)

    assert min(taken_s) < 0.5e-3
