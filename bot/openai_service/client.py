"""Makes the `openai` client that chat and embeddings share; knows nothing of what is sent through it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.errors import ConfigError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

OPENAI_BASE_URL = "https://api.openai.com/v1"

NO_KEY = "none"
"""Sent where a server wants no key (Ollama, llama.cpp): the library refuses to start without one."""

FOREIGN_LOGGERS = ("openai", "httpx2", "httpcore2")


def quiet_foreign_loggers() -> None:
    """Let the client libraries log warnings only, whatever the level of the root logger is.

    At lower levels they write addresses with the passwords in them (httpx2), headers (httpcore2) and, in some
    releases of openai, whole request bodies, which are people's messages.
    """
    for name in FOREIGN_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def is_openai(base_url: str | None) -> bool:
    """Return whether an address is OpenAI's own service; None is its default address."""
    host = urlsplit(base_url or OPENAI_BASE_URL).hostname or ""
    return host == "openai.com" or host.endswith(".openai.com")


def sendable(text: str) -> str:
    """Return the text with what JSON in UTF-8 cannot carry, lone surrogates, replaced by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


def open_client(
    *, section: str, api_key: str | None, base_url: str | None, proxy: str | None, connect_s: float, deadline_s: float
) -> AsyncOpenAI:
    """Return a client that asks `base_url` directly, or through `proxy`, and never retries by itself.

    Args:
        section: settings section that a wrong setting is reported under, such as `[openai]`.

    Raises:
        ConfigError: neither key nor address is given, or one of them or the proxy cannot be used.
    """
    if not api_key and not base_url:
        raise ConfigError(f"{section} found neither an API key nor a base_url; set one of them")
    if api_key and not (api_key.isascii() and api_key.isprintable() and " " not in api_key):
        raise ConfigError(f"{section} api_key holds a space, a line end or a letter that no key has; copy it again")
    import httpx2  # noqa: PLC0415 - openai and httpx2 take 35 MB and half a second
    import openai  # noqa: PLC0415 - the same

    quiet_foreign_loggers()  # After the import: OPENAI_LOG=debug takes effect there.
    timeout = httpx2.Timeout(deadline_s, connect=connect_s)
    try:
        address = _checked(base_url or OPENAI_BASE_URL)
        # A transport of our own and trust_env off: HTTPS_PROXY and .netrc must not redirect loopback or change the
        # key. The transport still reads SSL_CERT_FILE. Redirects stay off: they would carry the prompt elsewhere.
        transport = httpx2.AsyncHTTPTransport(proxy=proxy or None)
        http_client = httpx2.AsyncClient(transport=transport, trust_env=False, timeout=timeout)
        return openai.AsyncOpenAI(
            api_key=api_key or NO_KEY,
            base_url=address,
            max_retries=0,  # Ours count against the deadline (retry.py); the library's do not.
            timeout=timeout,
            http_client=http_client,
        )
    except (ValueError, httpx2.InvalidURL, ImportError) as error:
        # `from None`: these texts quote the URL, and with it a password.
        raise ConfigError(
            f"{section} base_url or proxy cannot be used ({type(error).__name__}); "
            "expected http://host:port/path, and for the proxy http://host:port"
        ) from None


def _checked(base_url: str) -> str:
    """Return an http(s) address unchanged; the library reports any other one only when it is first asked."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("not an http address")
    return base_url
