"""The embedded token table: which WordPiece tokens a text has, and where their vectors lie on disk.

The only file that knows the tokenizers library and the layout of the files under `data/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DATA_FOLDER = Path(__file__).with_name("data")
DIMENSIONS = 256
UNKNOWN_ROW = 100  # [UNK]: its row says nothing about the text
MAX_CHARACTERS = 20_000  # of one text; the rest costs time and hardly moves a sum of thousands of tokens


@dataclass(frozen=True, slots=True, eq=False)
class TokenTable:
    """One vector per token of the vocabulary: token i has the float vector `rows[i] * scale[i]`.

    rows: (v, 256) int8, mapped from the file, so that only the pages in use take memory.
    scale: (v,) float16, above 0. norms: (v,) float32, Euclidean length of the int8 rows, above 0.
    """

    tokenizer: Tokenizer
    rows: npt.NDArray[np.int8]
    scale: npt.NDArray[np.float16]
    norms: npt.NDArray[np.float32]

    @classmethod
    @cache
    def load(cls, folder: Path = DATA_FOLDER) -> Self:
        """Open the table (about 50 ms and 15 MB of memory, most of it the tokenizer); nobody changes it, so once."""
        from tokenizers import Tokenizer  # noqa: PLC0415 - costs 4 MB that a bot with another embedder need not pay

        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        tokenizer.encode_special_tokens = True  # a person who types "[SEP]" typed a word
        return cls(
            tokenizer=tokenizer,
            rows=np.asarray(np.load(folder / "rows.npy", mmap_mode="r")),  # a plain view: np.memmap indexes slowly
            scale=np.load(folder / "scale.npy"),
            norms=np.load(folder / "norms.npy"),
        )

    def tokens(self, text: str) -> list[int]:
        """Return the row of every known token of a text's first 20,000 characters, in order."""
        readable = text[:MAX_CHARACTERS].encode("utf-8", "replace").decode()  # the tokenizer refuses lone surrogates
        # One by one: `encode_batch` is a quarter faster for thousands of texts, but starts a thread pool that stays.
        ids = self.tokenizer.encode(readable, add_special_tokens=False).ids
        return [row for row in ids if row != UNKNOWN_ROW]

    def whole_word(self, word: str) -> int:
        """Return the row of a lower-case word that is one token, -1 when it is not one."""
        if word.isascii():
            return self._vocabulary_row(word) if word.isalnum() else -1
        tokens = self.tokens(word)  # accents are taken off here: "café" is the token "cafe"
        return tokens[0] if len(tokens) == 1 else -1

    def _vocabulary_row(self, word: str) -> int:
        row = self.tokenizer.token_to_id(word)
        return -1 if row is None else row
