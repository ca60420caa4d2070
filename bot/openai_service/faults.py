"""Says what an exception of the model services means; decides nothing about retries beyond whether one can help."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from http import HTTPStatus

from bot.errors import Problem

PAUSE_S = 30.0
"""Seconds after which a busy or unreachable service is worth another try, where it does not say so itself."""

_QUOTA_WORDS = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_REFUSAL_WORDS = {"content_filter", "content_policy_violation", "responsible_ai_policy_violation"}
_TOO_LONG_WORDS = {"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"}
_SETUP_WORDS = {"model_not_found", "invalid_api_key"}
_BUSY_WORDS = {"server_error", "internal_server_error", "rate_limit_exceeded", "overloaded_error"}

_SETUP_STATUSES = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
}
_BUSY_STATUSES = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}

_TOO_LONG_TEXT = re.compile(
    # OpenAI, vLLM, Ollama, llama.cpp and llama-cpp-python word it as context length, window or size;
    # older vLLM as model length (its issues 12165 and 20409; llama.cpp pull request 15780).
    r"context (length|window|size)|maximum model length|prompt is too long|too long to fit|maximum number of tokens",
    re.IGNORECASE,
)
_TOO_LARGE_AT_ONCE = re.compile(r"request too large", re.IGNORECASE)  # OpenAI: one request above the minute's tokens
_CODE = re.compile(r"[a-z][a-z_]{2,40}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong with a request.

    `message` is one line for the operator, without anything that the service or the person wrote; `problem` is a
    value of `Problem`. `retryable` says whether the same request may succeed at once, `may_pass` whether it may later;
    `named_pause_s` is the wait in seconds that the service asked for.
    """

    problem: str
    message: str
    retryable: bool = False
    may_pass: bool = False
    named_pause_s: float | None = None

    @property
    def retry_after(self) -> float | None:
        """Seconds after which a retry may succeed; None when it will not by itself."""
        if not self.may_pass:
            return None
        return PAUSE_S if self.named_pause_s is None else self.named_pause_s


def foreign_errors() -> tuple[type[Exception], ...]:
    """Return what the library raises when a service fails, for an `except` clause.

    ValueError is among them: a truncated answer raises JSONDecodeError or UnicodeDecodeError, which openai does not
    wrap. Nor does it wrap a transport error while it reads the body of an error.
    """
    import httpx2  # noqa: PLC0415 - loaded with the first client only
    import openai  # noqa: PLC0415 - the same

    return (openai.OpenAIError, httpx2.HTTPError, ValueError)


def describe(error: Exception, section: str) -> Fault:
    """Return what an exception out of `foreign_errors` means.

    Args:
        section: settings section of the service, such as `[openai]`, for the message.
    """
    import httpx2  # noqa: PLC0415 - loaded with the first client only
    import openai  # noqa: PLC0415 - the same

    if isinstance(error, (openai.APITimeoutError, httpx2.TimeoutException)):
        return Fault(Problem.TIMEOUT, f"{section} service did not answer in time", retryable=True, may_pass=True)
    if isinstance(error, (openai.APIConnectionError, httpx2.HTTPError)):
        reason = type(error.__cause__ or error).__name__
        message = f"{section} service is not reachable or hung up ({reason}); check network and base_url"
        return Fault(Problem.BUSY, message, retryable=True, may_pass=True)
    if isinstance(error, openai.APIError):
        return _describe_refusal(error, section)
    return broken(section, f"answered something that is not JSON ({type(error).__name__})")


def said(error: object) -> str:
    """Return all that a service wrote in an error, for looking things up in it and never for showing.

    The exception's own text holds OpenAI's message field only; Mistral and Ollama put theirs elsewhere in the body.
    """
    return f"{error} {getattr(error, 'body', None)!r}"


def broken(section: str, finding: str) -> Fault:
    """Return the fault of a service that does not keep to the protocol."""
    return Fault(
        Problem.BROKEN,
        f"{section} service {finding}; check that base_url is the address of an OpenAI-compatible API",
        may_pass=True,
    )


def timed_out(section: str, seconds: float, what: str) -> Fault:
    """Return the fault of a wait of `seconds` that ended without `what`."""
    return Fault(Problem.TIMEOUT, f"{section} service gave no {what} within {seconds:g} s", may_pass=True)


def _describe_refusal(error: object, section: str) -> Fault:
    """Return the meaning of an error that the service itself reported, as a status or inside a stream."""
    words = {str(getattr(error, name, None) or "").lower() for name in ("code", "type")}
    status, text = _status(error), said(error)
    shown = f"{section} service reported {_shown(status, words)}"
    if status == HTTPStatus.PAYMENT_REQUIRED or words & _QUOTA_WORDS:
        return Fault(Problem.QUOTA, f"{shown}: the account has no credit left; check plan and billing")
    if words & _REFUSAL_WORDS:
        return Fault(Problem.REFUSED, f"{shown}: its content filter stopped the request")
    if _is_too_long(status, words, text):
        return Fault(Problem.TOO_LONG, f"{shown}: the request is longer than the model takes")
    if status in _SETUP_STATUSES or _is_redirect(status) or words & _SETUP_WORDS:
        return Fault(Problem.SETUP, f"{shown}; check api key, model and base_url")
    if status in _BUSY_STATUSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR or words & _BUSY_WORDS:
        return Fault(Problem.BUSY, f"{shown}: it is busy or down", True, True, _named_pause_s(error))
    return Fault(Problem.BROKEN, f"{shown}: it does not accept the request; check model and base_url")


def _status(error: object) -> int:
    """Return the HTTP status, also where a stream of a status 200 names it as the error's code; 0 for none."""
    status = str(getattr(error, "status_code", None) or getattr(error, "code", None))
    return int(status) if re.fullmatch(r"[1-5][0-9]{2}", status) else 0


def _is_redirect(status: int) -> bool:
    return HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST


def _is_too_long(status: int, words: set[str], text: str) -> bool:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return bool(_TOO_LARGE_AT_ONCE.search(text))
    if status in _SETUP_STATUSES:
        return False
    return (
        status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        or bool(words & _TOO_LONG_WORDS)
        or bool(_TOO_LONG_TEXT.search(text))
    )


def _shown(status: int, words: set[str]) -> str:
    """Return status and code for the operator; anything but a plain code word could carry contents."""
    codes = sorted(word for word in words if _CODE.fullmatch(word))
    return " ".join([f"HTTP {status}" if status else "an error", *(f"({code})" for code in codes[:1])])


def _named_pause_s(error: object) -> float | None:
    """Return the seconds that a response asks to wait; None when it names no number (dates are not read)."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    for name, unit_s in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * unit_s
        except ValueError:
            continue
        if math.isfinite(seconds) and seconds >= 0:
            return seconds
    return None
