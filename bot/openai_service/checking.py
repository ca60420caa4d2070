"""Checks that a service can be reached, takes the key and offers the model. Asks for the list of models: it is free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from bot.config import Secret, Settings
from bot.findings import Finding, Findings, clock_finding, fine, problem, warning
from bot.openai_service.client import OPENAI_BASE_URL, is_openai, open_client
from bot.openai_service.faults import describe, foreign_errors
from bot.protocols import Clock

DEADLINE_S = 10.0
"""Seconds for the list of models, which no service has to think about."""

NAMED_MODELS = 5
"""Models that are named as others to choose."""


@dataclass(frozen=True, slots=True)
class Service:
    """A model and where it is. `about` is what it is for; section and variable are where its settings are."""

    about: str
    section: str
    variables: str
    api_key: Secret
    base_url: str
    proxy: Secret
    models: tuple[str, ...]

    @classmethod
    def chat(cls, settings: Settings) -> Service:
        """Return the chat model's service."""
        chosen = settings.openai
        models = (chosen.model, *chosen.more_models)
        return cls("chat model", "[openai]", "OPENAI", chosen.api_key, chosen.base_url, chosen.proxy, models)

    @classmethod
    def embeddings(cls, settings: Settings) -> Service:
        """Return the service that makes vectors."""
        chosen, key, address = settings.embeddings, settings.embedding_key, settings.embedding_address
        variables = "EMBEDDING" if chosen.api_key or not key else "OPENAI"
        models = (chosen.model or "text-embedding-3-small",)
        return cls("embedder", "[embeddings]", variables, key, address, chosen.proxy, models)

    @property
    def host(self) -> str:
        """Only the host: an address may hold a password."""
        return urlsplit(self.base_url or OPENAI_BASE_URL).hostname or "an unknown host"


async def service_findings(service: Service, clock: Clock) -> Findings:
    """Yield what a service says to its key and its model's name.

    Raises:
        ConfigError: key, address or proxy cannot be used.
    """
    client = open_client(
        section=service.section,
        api_key=service.api_key.reveal() or None,
        base_url=service.base_url or None,
        proxy=service.proxy.reveal() or None,
        connect_s=DEADLINE_S,
        deadline_s=DEADLINE_S,
    )
    try:
        answer = await client.models.with_raw_response.list()
        offered = [model.id for model in answer.parse().data]
    except foreign_errors() as error:
        yield _refusal(service, error)
        return
    except (AttributeError, TypeError):  # a page instead of a list: the library hands on whatever was sent
        yield _silent(service)
        return
    finally:
        await client.close()
    for model in service.models:
        yield _model(service, model, offered)
    if found := clock_finding(service.host, answer.headers.get("date", ""), clock()):
        yield found


def _model(service: Service, model: str, offered: Sequence[str]) -> Finding:
    if model in offered or f"{model}:latest" in offered:  # Ollama names versions, and takes names without
        return fine(service.about, f"{model} is offered at {service.host}")
    named = ", ".join(offered[:NAMED_MODELS]) or "nothing"
    text = f"{model} is not among the {len(offered)} models that {service.host} offers"
    fix = f"set {service.section} model to one that is, such as: {named}"
    # Gateways list less than they take; OpenAI lists all that a key may use.
    return (problem if is_openai(service.base_url or None) else warning)(service.about, text, fix)


def _refusal(service: Service, error: Exception) -> Finding:
    status = getattr(error, "status_code", None)
    if status == HTTPStatus.NOT_FOUND:
        return _silent(service)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        key = "the key" if service.api_key else "a request without a key"
        fix = f"make a key at the service, and set {service.variables}_API_KEY to it"
        return problem(service.about, f"{service.host} refused {key} (HTTP {status})", fix)
    fault = describe(error, service.section)
    return problem(service.about, fault.message, f"its address is {service.section} base_url, now {service.host}")


def _silent(service: Service) -> Finding:
    text = f"{service.host} answers, and does not list its models; whether {service.models[0]} is one is not known"
    return warning(service.about, text, f"if answers fail, check {service.section} base_url: it often ends with /v1")
