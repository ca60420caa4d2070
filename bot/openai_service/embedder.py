"""Makes vectors with a model behind the OpenAI embeddings protocol; knows nothing of indexes or memories."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import numpy as np

from bot.errors import EmbeddingError, Problem
from bot.openai_service.client import open_client
from bot.openai_service.faults import Fault, broken
from bot.openai_service.retry import ServiceError, with_retries
from bot.openai_service.vectors import DimensionError, VectorsError, batches, unit_rows
from bot.protocols import Embedder, Space, Vectors
from bot.tokens import cut_to_bytes, cut_to_tokens

SECTION = "[embeddings]"

MAX_TEXT_TOKENS = 8_000
"""Estimated tokens of one text that are sent; OpenAI's models take 8,192 (API reference, embeddings, input)."""

CERTAIN_BYTES = 8_000
"""A beginning of this size always fits into 8,192 tokens: byte-level BPE makes at most one token of a byte."""


class OpenAIEmbedder(Embedder):
    """An `Embedder` over OpenAI or a server that speaks its protocol.

    Args:
        api_key: None or empty for servers that want none; then `base_url` must be given.
        base_url: address up to and with `/v1`; None is OpenAI's own.
        dimensions: size of the vectors, asked for or expected; fixed, since an index is made for it.
        send_dimensions: whether the server is asked for that size; None asks `text-embedding-3` models only, the
            family that can shorten its vectors.
        proxy: the only proxy that is used; proxy variables of the environment are not.
        deadline_s: seconds for one call of `embed`, with all its requests and retries.
        connect_s: seconds to reach the server.
        max_retries: further tries of each request.

    Raises:
        ConfigError: key, address or proxy cannot be used.
    """

    def __init__(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        model: str = "text-embedding-3-small",
        dimensions: int = 512,
        send_dimensions: bool | None = None,
        proxy: str | None = None,
        deadline_s: float = 10,
        connect_s: float = 5,
        max_retries: int = 2,
    ) -> None:
        self._client = open_client(
            section=SECTION,
            api_key=api_key,
            base_url=base_url,
            proxy=proxy,
            connect_s=connect_s,
            deadline_s=deadline_s,
        )
        self._create = self._client.embeddings.create  # Loads the rest of the library now, not in a conversation.
        self._space = Space(model, dimensions)
        sends = model.startswith("text-embedding-3") if send_dimensions is None else send_dimensions
        self._parameters = {"dimensions": dimensions} if sends else {}
        self._deadline_s = deadline_s
        self._max_retries = max_retries

    @property
    def space(self) -> Space:
        """The space its vectors lie in."""
        return self._space

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return (n, dim) float32, unit rows, in the order of `texts`; blank text gives a zero row and is not sent.

        Only the first 8,000 estimated tokens of a text count.

        Raises:
            EmbeddingError: no usable vectors came back within the deadline.
        """
        rows: Vectors = np.zeros((len(texts), self._space.dim), dtype=np.float32)
        written = [position for position, text in enumerate(texts) if text.strip()]
        ends_at = asyncio.get_running_loop().time() + self._deadline_s
        start = 0
        for batch in batches([cut_to_tokens(texts[position], MAX_TEXT_TOKENS) for position in written]):
            end = start + len(batch)
            rows[written[start:end]] = await self._embed_batch(batch, ends_at)
            start = end
        return rows

    async def close(self) -> None:
        """Release connections."""
        await self._client.close()

    async def _embed_batch(self, batch: Sequence[str], ends_at: float) -> Vectors:
        try:
            try:
                return await self._ask(batch, ends_at)
            except ServiceError as failed:
                shorter = [cut_to_bytes(text, CERTAIN_BYTES) for text in batch]
                if failed.fault.problem != Problem.TOO_LONG or shorter == list(batch):
                    raise
            # The estimate was too low for one text (random strings, digits); it must not bar the others for ever.
            return await self._ask(shorter, ends_at)
        except ServiceError as failed:
            raise EmbeddingError(failed.fault.message, failed.fault.retry_after) from None

    async def _ask(self, batch: Sequence[str], ends_at: float) -> Vectors:
        return await with_retries(
            partial(self._request, list(batch)),
            section=SECTION,
            deadline_s=self._deadline_s,
            ends_at=ends_at,
            max_retries=self._max_retries,
        )

    async def _request(self, batch: list[str]) -> Vectors:
        # base64 is named: without it the library decodes the answer itself and fails on whatever is not one.
        answer = await self._create(
            model=self._space.model, input=batch, encoding_format="base64", extra_body=self._parameters
        )
        try:
            return unit_rows(answer, len(batch), self._space.dim)
        except DimensionError as error:
            raise ServiceError(self._other_size(error.found)) from None
        except VectorsError as error:
            raise ServiceError(broken(SECTION, f"sent {error}")) from None

    def _other_size(self, found: int) -> Fault:
        return Fault(
            Problem.SETUP,
            f"{SECTION} model gives {found} dimensions, configured {self._space.dim}; "
            f"set {SECTION} dimensions = {found}, then run: forgetmenot reindex",
        )
