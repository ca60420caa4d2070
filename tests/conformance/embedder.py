"""What every embedder must do; subclass it and give the fixture `embedder`."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
import pytest

from bot.protocols import Embedder, Vectors

TEXTS = [
    "My sister Ana moved to Lisbon last spring",
    "I am allergic to peanuts",
    "We decided to deploy on Fridays only",
]


def norms(rows: Vectors) -> Vectors:
    """Return the length of each row."""
    return np.asarray(np.linalg.norm(rows, axis=1), dtype=np.float32)


class EmbedderConformance(ABC):
    """Subclass as `class TestX(EmbedderConformance)` and override `embedder`; close it in the fixture."""

    @pytest.fixture
    @abstractmethod
    def embedder(self) -> object:
        """Give an `Embedder` that is ready for use."""

    def test_space_names_a_model_and_a_size(self, embedder: Embedder) -> None:
        """A space has a model's name and a positive dimension, and stays the same."""
        assert embedder.space.model
        assert embedder.space.dim > 0
        assert embedder.space == embedder.space

    async def test_rows_are_unit_float32(self, embedder: Embedder) -> None:
        """Texts become (n, dim) float32 rows of length one."""
        rows = await embedder.embed(TEXTS)

        assert rows.shape == (len(TEXTS), embedder.space.dim)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(norms(rows), 1, atol=1e-5)

    async def test_no_texts_give_no_rows(self, embedder: Embedder) -> None:
        """An empty list gives an empty array that still has the dimension."""
        rows = await embedder.embed([])

        assert rows.shape == (0, embedder.space.dim)
        assert rows.dtype == np.float32

    async def test_blank_text_gives_a_zero_row(self, embedder: Embedder) -> None:
        """Text without a word gives zeros in its place and leaves its neighbours alone."""
        rows = await embedder.embed(["", TEXTS[0], " \n\t "])

        assert not rows[0].any()
        assert not rows[2].any()
        np.testing.assert_allclose(norms(rows[1:2]), 1, atol=1e-5)

    async def test_batch_equals_singles(self, embedder: Embedder) -> None:
        """A text's row does not depend on what else is in the batch, and rows keep the order of the texts."""
        batch = await embedder.embed(TEXTS)
        singles = np.concatenate([await embedder.embed([text]) for text in TEXTS])

        np.testing.assert_allclose(batch, singles, atol=1e-5)
        assert np.abs(batch[0] - batch[1]).max() > 1e-3

    async def test_same_text_gives_the_same_row(self, embedder: Embedder) -> None:
        """Repeating a text in one batch or in the next changes nothing."""
        first, second = await embedder.embed([TEXTS[0], TEXTS[0]])
        (third,) = await embedder.embed([TEXTS[0]])

        np.testing.assert_allclose(first, second, atol=1e-6)
        np.testing.assert_allclose(first, third, atol=1e-6)

    async def test_near_texts_are_nearer_than_far_ones(self, embedder: Embedder) -> None:
        """A question about peanuts is nearer to the peanut statement than to any other."""
        rows = await embedder.embed(TEXTS)
        (question,) = await embedder.embed(["Is anyone allergic to peanuts?"])

        cosines = rows @ question
        assert int(np.argmax(cosines)) == 1

    async def test_many_texts_keep_their_order(self, embedder: Embedder) -> None:
        """Three hundred texts, more than one request holds, come back in order."""
        texts = [f"room {number} is booked" for number in range(300)]

        rows = await embedder.embed(texts)

        (sample,) = await embedder.embed([texts[270]])
        np.testing.assert_allclose(rows[270], sample, atol=1e-5)

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("peanuts " * 131_072, id="one megabyte"),
            pytest.param("\x00\x01\x02 tea \x7f\x1b[31m\u202e\ufeff", id="control characters"),
            pytest.param("tea \ud83d half a character", id="lone surrogate"),
            pytest.param("茶 чай ☕ चाय", id="other scripts"),
        ],
    )
    async def test_any_text_gives_a_usable_row(self, embedder: Embedder, text: str) -> None:
        """Long or odd text gives a finite row of length one or zero."""
        rows = await embedder.embed([text])

        assert np.isfinite(rows).all()
        assert np.isclose(norms(rows), (0, 1), atol=1e-5).any()

    async def test_close_may_be_called_twice(self, embedder: Embedder) -> None:
        """Closing again does nothing."""
        await embedder.close()
        await embedder.close()
