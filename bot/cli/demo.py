"""A two-day conversation with a restart in between, told line by line: what is kept, let go and recalled, and why."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

import click

from bot.app import App, opened
from bot.config import BotSettings, Settings
from bot.events import IncomingMessage, ReplyEnd, ReplyFile, ReplyNotice, ReplyPart, ReplyText
from bot.types import Author, Hit, Outcome, Place, PlaceKind, Scope

PERSON = Author("you", "you")
SCOPE = Scope("terminal", "demo", PERSON.id)
DIRECT = Place(PlaceKind.DM, "demo")
TEAM = Place(PlaceKind.PUBLIC, "team-lunch")

MONDAY = datetime(2026, 11, 16, 18, 4, tzinfo=UTC)
DAYS: Sequence[tuple[datetime, Sequence[tuple[Place, str]]]] = (
    (
        MONDAY,
        (
            (DIRECT, "Hey, good evening!"),
            (TEAM, "I'm allergic to walnuts."),
            (TEAM, "I prefer tea over coffee in the morning."),
            (DIRECT, "My sister Anna is moving to Lyon in May."),
            (DIRECT, "haha ok thanks"),
            (DIRECT, "My test key is sk-proj-Zx81QmNw7LtR4vYb2KcPs0Hd9GfJe6Ua3TiWo5XyMnBq"),
            (DIRECT, "/remember The door code of the studio is in the blue notebook"),
        ),
    ),
    (
        MONDAY + timedelta(days=1, hours=-9),
        (
            (TEAM, "I want to bake a walnut cake for the team, any thoughts?"),
            (TEAM, "Where is my sister moving?"),
            (DIRECT, "Where is my sister moving?"),
            (TEAM, "I prefer coffee over tea in the morning now."),
            (DIRECT, "What should I drink in the morning?"),
            (DIRECT, "/forget door code"),
            (DIRECT, "yes"),
            (DIRECT, "/memories"),
        ),
    ),
)


@dataclass(slots=True)
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


async def play(out: TextIO) -> None:
    """Play the conversation on a data folder of its own, and write it down as it happens."""
    color = out.isatty()

    def say(text: str = "", **style: object) -> None:
        click.echo(click.style(text, **style) if style else text, file=out, color=color)  # type: ignore[arg-type]  # click types each keyword apart

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(bot=BotSettings(data=Path(folder) / "data"))
        clock = _Clock(MONDAY)
        for number, (start, lines) in enumerate(DAYS):
            clock.now = start
            if number:
                say()
                say("── the bot is stopped and started again: only what is on disk is left ──", fg="yellow")
            say()
            say(f"── {start:%A}, {start.day} {start:%B %Y} ──", bold=True)
            async with opened(settings, clock) as app:
                for place, text in lines:
                    clock.now += timedelta(minutes=1)
                    for line, style in await _exchange(app, clock.now, place, text):
                        say(line, **style)


_Line = tuple[str, dict[str, object]]


async def _exchange(app: App, now: datetime, place: Place, text: str) -> list[_Line]:
    """The lines that show one message and all that came of it."""
    key = f"demo-{now:%d-%H%M}"
    message = IncomingMessage(key, SCOPE, place, PERSON, text, key, now)
    where = "in a direct message" if place.kind is PlaceKind.DM else "in public"
    lines: list[_Line] = [("", {}), (f"you, {where}: {text}", {"fg": "cyan"})]
    async for part in app.assistant.handle(message):
        lines += _shown(part)
    return lines


def _shown(part: ReplyPart) -> list[_Line]:
    match part:
        case ReplyText(text) | ReplyFile(_, text):
            return [(f"bot: {text}", {})]
        case ReplyNotice(text):
            return [(f"  notice: {text}", {"dim": True})]
        case ReplyEnd(outcomes, used):
            return [(line, {"fg": "green"}) for line in [*map(_became, outcomes), *map(_recalled, used)]]


def _became(outcome: Outcome) -> str:
    if outcome.memory is None:
        return f"  let go: {outcome.reason}"
    return f"  {outcome.action} as {outcome.memory.kind}: “{outcome.memory.text}” ({outcome.reason})"


def _recalled(hit: Hit) -> str:
    parts = " ".join(f"{name} {value:+.1f}" for name, value in hit.parts.named().items() if abs(value) >= 0.05)
    return f"  recalled: “{hit.memory.text}” score {hit.score:.1f} = {parts}"
