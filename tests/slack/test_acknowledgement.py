"""Commands, shortcuts, buttons and forms are acknowledged at once, whatever the bot does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from math import ceil
from pathlib import Path

import pytest

from adapters.slack.interface import forms
from adapters.slack.interface.commands import FORGET_FROM_THIS, MY_MEMORY, REMEMBER_THIS, SHORTCUTS, SUBCOMMANDS
from adapters.slack.interface.installing import verbs
from adapters.slack.interface.kit import actions
from adapters.slack.interface.presses import button
from bot.types import Memory
from tests import process
from tests.adapters.scripted import ScriptedAssistant
from tests.servers.openai_server import OpenAIServer, stall
from tests.servers.slack import SlackServer, Use
from tests.slack.interface_world import Bot, World, bot, quiet_library, world
from tests.slack.town import Town, stopped

__all__ = ["bot", "quiet_library", "world"]

WITHIN_S = 0.5
HANGING = 6
ROUNDS = 20


def late(uses: Iterable[Use]) -> list[float | None]:
    """Return when those were acknowledged that were not in time."""
    return [after for use in uses if (after := use.acknowledged_after_s) is None or after > WITHIN_S]


async def _hangs(*_: object, **__: object) -> Memory:
    """Stand in for a store that does not answer."""
    await asyncio.Event().wait()
    raise AssertionError


async def _all_uses(world: World, bot: Bot) -> list[Use]:
    """Use every command, subcommand, shortcut and button at the same moment."""
    ann, general = world.ann, world.general
    said = await ann.says(general, "I keep bees")
    names = sorted(verbs(bot.services))
    shown = []
    for part in (names[:20], names[20:]):
        elements = [button(name, ann.id, "1", "all", label=name) for name in part]
        body = {"text": "Press me.", "blocks": [actions(*elements)]}
        shown += [(world.server.posts.post(general, body), name) for name in part]
    commands = [(f"/{name}", "bees") for name in ("remember", "forget", "memories")]
    commands += [("/forgetmenot", name) for name in SUBCOMMANDS]
    shortcuts = (REMEMBER_THIS, FORGET_FROM_THIS)
    return await asyncio.gather(
        *(ann.commands(general, name, text) for name, text in commands),
        *(ann.shortcut(one.callback_id, message=said) for one in shortcuts),
        ann.shortcut(MY_MEMORY.callback_id),
        *(ann.presses(message, name) for message, name in shown),
    )


async def test_everything_is_acknowledged_while_nothing_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a model that hangs nor a store that hangs keeps anybody waiting; a form says that it is being saved."""
    async with world.bot(ScriptedAssistant(asyncio.Event()), limits={"shutdown_s": 0.1}) as bot:
        await bot.learns(world.ann, world.general, "I keep bees")
        form = await world.modal(await world.ann.presses(await bot.home(world.ann), "Edit"))
        monkeypatch.setattr(bot.app.panel, "edit", _hangs)
        sent = await world.ann.submits(form, {"text": "I keep wasps"})
        uses = await _all_uses(world, bot)
        saving = form.shown

    assert len(uses) == 3 + len(SUBCOMMANDS) + len(SHORTCUTS) + len(verbs(bot.services))
    assert late([sent, *uses]) == []
    assert "I am saving that" in saving


async def test_late_acknowledgement_would_be_seen(world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a bot that waits a little longer for what becomes of a form."""
    monkeypatch.setattr(forms, "ACKNOWLEDGE_S", WITHIN_S + 0.1)
    await bot.learns(world.ann, world.general, "I keep bees")
    form = await world.modal(await world.ann.presses(await bot.home(world.ann), "Edit"))
    monkeypatch.setattr(bot.app.panel, "edit", _hangs)

    assert len(late([await world.ann.submits(form, {"text": "I keep wasps"})])) == 1


async def test_what_fails_at_once_is_acknowledged(world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """bolt drops an acknowledgement whose listener raises right after it; here nothing does."""
    monkeypatch.setattr(bot.services.workspaces, "heard", None)
    uses = await asyncio.gather(*(world.ann.commands(world.general, "/forgetmenot") for _ in range(5)))

    assert late(uses) == []


async def test_process_whose_conversations_hang_acknowledges(tmp_path: Path) -> None:
    """While every person's own answer hangs in the model, 99 of 100 commands and events are acknowledged in time."""
    async with SlackServer() as slack, OpenAIServer() as model:
        town = Town(slack, model, tmp_path)
        people = [slack.team.add_person(f"Person {number}") for number in range(HANGING)]
        model.will(*[stall()] * HANGING)
        async with process.running(tmp_path, town.environment, process.GENEROUS + "shutdown_s = 1\n") as bot:
            for person in people:
                await person.chats("what is it that hangs?")
            await slack.until(lambda: len(slack.sessions.unfinished) == HANGING, 10)
            names = ["/memories", "/forgetmenot"] * (ROUNDS // 2)
            uses = [
                use
                for name in names
                for use in await asyncio.gather(*(person.commands(person.im, name) for person in people))
            ]
            await slack.until(lambda: all(use.responses for use in uses), 10)
            assert await stopped(bot) == 0
    after_s = sorted(use.acknowledged_after_s or 99.0 for use in uses)
    events_s = sorted(ack.after_s for ack in slack.acks)

    assert after_s[ceil(0.99 * len(after_s)) - 1] <= WITHIN_S
    assert events_s[ceil(0.99 * len(events_s)) - 1] <= WITHIN_S
    assert (len(uses), len(model.requests)) == (HANGING * ROUNDS, HANGING)
    assert (slack.violations, slack.pings) == ([], [])
