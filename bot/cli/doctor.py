"""The command that checks everything that is configured, and says what to click or type where something is wrong."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

import click

from bot.cli.life_sign import life_findings
from bot.cli.platforms import platform_checks
from bot.config import Settings
from bot.embedders.static import SPACE
from bot.errors import ConfigError
from bot.findings import Finding, Findings, Level, failing_alone, fine, in_thread, problem, single, within
from bot.openai_service.checking import Service, service_findings
from bot.protocols import Clock, Space
from bot.store.checking import database_findings, folder_findings

DEADLINE_S = 30.0
"""Seconds for all checks together."""


def examine(load: Callable[[], Settings], *, as_json: bool) -> int:
    """Check everything, show what was found, and return the exit code: 1 when there is a problem.

    Args:
        load: gives the settings, or raises ConfigError.
    """
    try:
        settings = load()
    except ConfigError as error:
        found = [problem("settings", str(error))]
    else:
        now = partial(datetime.now, UTC)
        found = [fine("settings", "every one is known and in range"), *asyncio.run(check_up(settings, now))]
    sick = any(finding.level is Level.PROBLEM for finding in found)
    if as_json:
        click.echo(json.dumps({"ok": not sick, "findings": [asdict(finding) for finding in found]}, ensure_ascii=False))
    else:
        for line in report(found):
            click.echo(line)
    return int(sick)


async def check_up(settings: Settings, clock: Clock, deadline_s: float = DEADLINE_S) -> list[Finding]:
    """Return the findings of all checks, which run beside each other and fail alone.

    Args:
        deadline_s: seconds for all of them together.
    """
    checks = [*_local_checks(settings, clock), *_service_checks(settings, clock), *platform_checks(settings, clock)]
    found = await asyncio.gather(
        *(within(deadline_s, about, failing_alone(about, findings)) for about, findings in checks)
    )
    return [finding for findings in found for finding in findings]


def report(found: Sequence[Finding]) -> Iterator[str]:
    """Yield the lines that a person reads, the last one with the sum."""
    for finding in found:
        yield _printable(f"{finding.level:<8} {finding.about}: {finding.text}")
        if finding.fix:
            yield _printable(f"{'':<8} → {finding.fix}")
    count = Counter(finding.level for finding in found)
    sums = [f"{count[level]} {level}{'s' * (count[level] > 1)}" for level in (Level.PROBLEM, Level.WARNING)]
    yield ", ".join(text for text in sums if not text.startswith("0")) or "nothing to put right"


def _local_checks(settings: Settings, clock: Clock) -> Iterator[tuple[str, Findings]]:
    folder = settings.bot.data
    yield "data folder", in_thread(partial(folder_findings, folder))
    yield "database", in_thread(partial(database_findings, folder, _space(settings)))
    yield "running bot", in_thread(partial(life_findings, folder, clock))


def _service_checks(settings: Settings, clock: Clock) -> Iterator[tuple[str, Findings]]:
    if settings.openai.configured:
        yield "chat model", service_findings(Service.chat(settings), clock)
    else:
        yield "chat model", single(fine("chat model", "none (set OPENAI_API_KEY or OPENAI_BASE_URL for one)"))
    if settings.chosen_embedder() == "openai":
        yield "embedder", service_findings(Service.embeddings(settings), clock)
    else:
        yield "embedder", single(fine("embedder", "the one that is built in"))


def _space(settings: Settings) -> Space:
    if settings.chosen_embedder() == "static":
        return SPACE
    (model,) = Service.embeddings(settings).models
    return Space(model, settings.embeddings.dimensions)


def _printable(text: str) -> str:
    """Return a line without control characters: names of servers and channels are other people's words."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
