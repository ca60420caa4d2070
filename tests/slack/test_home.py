"""The home tab, and the list of memories there and in a modal."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import timedelta

import pytest
from aiohttp import web

from adapters.slack.interface import forms
from adapters.slack.interface.commands import MY_MEMORY
from adapters.slack.interface.home import refreshed
from adapters.slack.services import PLATFORM
from bot.events import ChannelsDeleted
from tests.servers.slack import View, error, status
from tests.servers.slack.faults import Exchange
from tests.servers.slack.wire import Json
from tests.slack.interface_world import Bot, World, bot, quiet_library, scope_of, world

__all__ = ["bot", "quiet_library", "world"]

WITHIN_S = 1.0


async def _pressed(world: World, view: View, what: str, shows: str, value: str | None = None) -> float:
    """Press something on Ann's screen, and return how long it took until it showed something."""
    began = time.monotonic()
    await world.ann.presses(view, what, value=value)
    await world.shows(view, shows)
    return time.monotonic() - began


def _buttons(view: View, action_id: str) -> list[Json]:
    """Return the buttons of one sort."""
    elements = [element for block in view.blocks for element in block.get("elements", [])]
    return [element for element in elements if element.get("action_id") == action_id]


async def test_home_shows_who_is_there_and_what_is_kept(world: World, bot: Bot) -> None:
    """An AI that says what it keeps, the memories, and what can be chosen; nothing for admins."""
    await bot.learns(world.ann, world.general, "I keep bees", "I like <tea> & milk")
    view = await bot.home(world.ann)

    assert "I'm Forget-me-not, an AI." in view.shown
    assert "I remember what you tell me about yourself, for you alone." in view.shown
    assert "#1 I keep bees" in view.shown
    assert "#2 I like <tea> & milk" in view.shown
    assert "said 2 January 2026" in view.shown
    assert view.buttons[:3] == ["Pause", "Export", "Privacy"]
    assert "Settings" not in view.buttons


async def test_home_of_somebody_who_became_a_guest(world: World, bot: Bot) -> None:
    """It says that nothing is kept from now on, and nothing else about that; what was kept is theirs all the same."""
    await bot.learns(world.ann, world.general, "I keep bees")
    world.ann.is_guest = True
    view = await bot.home(world.ann)

    assert "You are a guest here: I keep nothing new of guests" in view.shown
    assert "I remember what you tell me" not in view.shown
    assert "#1 I keep bees" in view.shown


async def test_home_is_each_persons_own(world: World, bot: Bot) -> None:
    """Nobody sees what is kept of somebody else."""
    await bot.learns(world.ann, world.general, "I keep bees")
    view = await bot.home(world.ben)

    assert "I remember nothing about you yet." in view.shown
    assert "bees" not in view.shown


async def test_search_kind_and_pages(world: World, bot: Bot) -> None:
    """What is looked for travels with the screen, also over a restart of the bot."""
    await bot.learns(world.ann, world.general, *(f"I like tea number {number}" for number in range(23)), "I keep bees")
    view = await bot.home(world.ann)
    await _pressed(world, view, "Next", "page 2 of 3")
    await _pressed(world, view, "Next", "page 3 of 3")
    await _pressed(world, view, "Previous", "page 2 of 3")
    await _pressed(world, view, "search", "23 in all, page 1 of 3", value="tea")
    await _pressed(world, view, "Next", "23 in all, page 2 of 3")
    await _pressed(world, view, "kind", "I remember nothing that fits.", value="event")
    await world.ann.presses(view, "search", value="")  # shows the same, so that the screen's state has to tell
    await world.server.until(lambda: json.loads(view.content["private_metadata"])["words"] == "")

    assert json.loads(view.content["private_metadata"]) == {"kind": "event", "page": 1, "words": ""}


async def test_screens_work_after_a_restart(world: World) -> None:
    """Nothing of a screen is held in memory."""
    async with world.bot() as bot:
        await bot.learns(world.ann, world.general, *(f"I like tea number {number}" for number in range(12)))
        view = await bot.home(world.ann)
        await _pressed(world, view, "search", "12 in all", value="tea")
    async with world.bot() as bot:
        await _pressed(world, view, "Next", "12 in all, page 2 of 2")


async def test_opening_again_keeps_the_page(world: World, bot: Bot) -> None:
    """Whoever comes back to the tab finds it as it was."""
    await bot.learns(world.ann, world.general, *(f"I like tea number {number}" for number in range(12)))
    await _pressed(world, await bot.home(world.ann), "Next", "page 2 of 2")

    assert "page 2 of 2" in (await bot.home(world.ann)).shown


async def test_pin_and_unpin(world: World, bot: Bot) -> None:
    """The home tab shows it within a second."""
    (memory,) = await bot.learns(world.ann, world.general, "I keep bees")
    view = await bot.home(world.ann)
    took_s = await _pressed(world, view, "Pin", "I keep bees (pinned)")
    await world.ann.presses(view, "Unpin")
    await world.server.until(lambda: "(pinned)" not in view.shown)

    assert took_s < WITHIN_S
    assert not (await bot.app.panel.get(scope_of(world.ann), memory.id)).pinned


@pytest.mark.parametrize(("pressed", "left"), [("Remember it", ["I have asthma"]), ("Don't", [])])
async def test_what_waits_for_a_yes_is_answered_on_the_list(
    world: World, bot: Bot, pressed: str, left: list[str]
) -> None:
    """On the home tab and in a modal it has yes and no in place of what can be done with a memory that is kept."""
    await world.seen(await world.ann.commands(world.general, "/remember", "I have asthma"))
    view = await bot.home(world.ann)
    panel = await world.modal(await world.ann.shortcut(MY_MEMORY.callback_id))
    asked = [[name for name in shown.buttons if name in _OF_A_ROW] for shown in (view, panel)]
    await world.ann.presses(panel if left else view, pressed)
    await world.server.until(lambda: "(proposed)" not in view.shown)

    assert asked == [["Remember it", "Don't"]] * 2
    assert [name for name in view.buttons if name in _OF_A_ROW] == (["Edit", "Pin", "Forget"] if left else [])
    assert [memory.text for memory in await bot.app.core.list(scope_of(world.ann))] == left


_OF_A_ROW = ("Edit", "Pin", "Forget", "Remember it", "Don't")


async def test_forget_asks_first_and_goes_at_once(world: World, bot: Bot) -> None:
    """The button carries a question; the memory is gone from disk and screen within a second."""
    await bot.learns(world.ann, world.general, "I keep bees")
    view = await bot.home(world.ann)
    (button,) = _buttons(view, "erase")
    took_s = await _pressed(world, view, "Forget", "I remember nothing about you yet.")

    assert button["confirm"]["confirm"]["text"] == "Forget it"
    assert took_s < WITHIN_S
    assert await bot.texts(world.ann) == []


async def test_edit_in_a_modal(world: World, bot: Bot) -> None:
    """The form holds the text, what is wrong is said at the field, and the home tab follows within a second."""
    await bot.learns(world.ann, world.general, "I keep bees")
    view = await bot.home(world.ann)
    form = await world.modal(await world.ann.presses(view, "Edit"))
    held = form.blocks[0]["element"]["initial_value"]
    wrong = await world.ann.submits(form, {"text": "My password is hunter2hunter2"})
    began = time.monotonic()
    await world.ann.submits(form, {"text": "I keep wasps"})
    await world.shows(view, "I keep wasps")

    assert held == "I keep bees"
    assert set(wrong.errors) == {"text"}
    assert time.monotonic() - began < WITHIN_S
    assert world.ann.modal is None
    assert await bot.texts(world.ann) == ["I keep wasps"]


async def test_list_in_a_modal_follows_an_edit(world: World, bot: Bot) -> None:
    """The form lies on the list, which shows the change when it closes; so does the home tab behind."""
    await bot.learns(world.ann, world.general, "I keep bees")
    home = await bot.home(world.ann)
    panel = await world.modal(await world.ann.shortcut(MY_MEMORY.callback_id))
    form = await world.modal(await world.ann.presses(panel, "Edit"))
    await world.ann.submits(form, {"text": "I keep wasps"})
    await world.shows(panel, "I keep wasps")
    await world.shows(home, "I keep wasps")
    await _pressed(world, panel, "Pin", "(pinned)")
    await world.shows(home, "(pinned)")
    done = await world.ann.submits(panel)

    assert done.errors == {}
    assert world.ann.modal is None


async def test_edit_that_takes_long_is_told_when_it_is_done(
    world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form is acknowledged in time, and says what became of it then."""
    monkeypatch.setattr(forms, "ACKNOWLEDGE_S", 0.0)
    await bot.learns(world.ann, world.general, "I keep bees")
    view = await bot.home(world.ann)
    form = await world.modal(await world.ann.presses(view, "Edit"))
    await world.ann.submits(form, {"text": "I keep wasps"})
    await world.shows(form, "Saved.")
    again = await world.modal(await world.ann.presses(view, "Edit"))
    await world.ann.submits(again, {"text": "My password is hunter2hunter2"})
    await world.shows(again, "not changed: ")

    assert await bot.texts(world.ann) == ["I keep wasps"]


async def test_pause_resume_and_privacy(world: World, bot: Bot) -> None:
    """What is chosen is said on top, and the buttons follow."""
    view = await bot.home(world.ann)
    await _pressed(world, view, "Pause", "Paused: I keep nothing you say")
    paused = view.buttons[0]
    await _pressed(world, view, "Resume", "Now: I remember what you tell me.")
    modal = await world.modal(await world.ann.presses(view, "Privacy"))
    await world.ann.presses(modal, "Opt out")
    await world.shows(modal, "You are opted out")
    await world.shows(view, "You are opted out")

    assert paused == "Resume"
    assert modal.buttons == ["Opt in"]
    assert view.buttons[0] == "Opt in"


async def test_export_is_sent_as_a_file(world: World, bot: Bot) -> None:
    """It comes by direct message, and the home tab says so."""
    await bot.learns(world.ann, world.general, "I keep bees")
    view = await bot.home(world.ann)
    await _pressed(world, view, "Export", "is in our direct messages, as a file")

    assert [said.files[0].name for said in world.ann.im.visible if said.files] == ["memories.jsonl"]


async def test_export_that_takes_long_brings_nothing_back(world: World, bot: Bot) -> None:
    """What was forgotten while the file was on its way is not on the tab that says that the file is there."""
    await bot.learns(world.ann, world.general, "I keep bees", "I like tea")
    view, begun, released = await bot.home(world.ann), asyncio.Event(), asyncio.Event()

    async def held(exchange: Exchange) -> web.StreamResponse:
        begun.set()
        await released.wait()
        return await exchange.carry_out()

    world.server.will("files.getUploadURLExternal", held)
    await world.ann.presses(view, "Export")
    await world.server.until(begun.is_set)
    await world.ann.presses(view, "erase", value=_buttons(view, "erase")[0]["value"])
    await world.shows(view, "1 in all")
    released.set()
    await world.shows(view, "is in our direct messages, as a file")

    assert "I keep bees" in view.shown
    assert "I like tea" not in view.shown


async def test_refusal_in_a_list_brings_nothing_back(world: World, bot: Bot) -> None:
    """A list that stood open while something on it was forgotten elsewhere says so, and shows what is left."""
    _, tea = await bot.learns(world.ann, world.general, "I keep bees", "I like tea")
    panel = await world.modal(await world.ann.shortcut(MY_MEMORY.callback_id))
    await bot.app.panel.forget(scope_of(world.ann), [tea.id])
    before = panel.shown
    await world.ann.presses(panel, "pin", value=_buttons(panel, "pin")[0]["value"])
    await world.shows(panel, "there is no memory with that number")

    assert "I like tea" in before
    assert "I keep bees" in panel.shown
    assert "I like tea" not in panel.shown
    assert (panel.content["title"]["text"], panel.content["submit"]["text"]) == ("My memory", "Done")


async def test_export_that_cannot_be_sent_says_so(world: World, bot: Bot) -> None:
    """A screen has no room for it, but for what else can be done."""
    assert world.server.team.grant is not None
    world.server.team.grant.scopes -= {"files:write"}
    await bot.learns(world.ann, world.general, "I keep bees")
    view = await bot.home(world.ann)
    await _pressed(world, view, "Export", "files:write, which whoever runs me can add. /forgetmenot export shows")

    assert "#1 I keep bees" in view.shown


async def test_home_follows_what_is_changed_elsewhere(world: World, bot: Bot) -> None:
    """A command changes what the tab shows within a second, on the page that it was on."""
    await bot.learns(world.ann, world.general, *(f"I like tea number {number}" for number in range(12)))
    view = await bot.home(world.ann)
    await _pressed(world, view, "Next", "page 2 of 2")
    began = time.monotonic()
    await world.ann.commands(world.general, "/remember", "I keep bees")
    await world.shows(view, "13 in all, page 2 of 2")

    assert time.monotonic() - began < WITHIN_S


async def test_home_follows_what_nobody_asked_for(world: World, bot: Bot) -> None:
    """A question without a yes, and what was learned in a channel that is deleted, go from the tab too."""
    await bot.learns(world.ann, world.general, "I keep bees", source=f"{world.general.id}:1767355200.000100")
    await world.seen(await world.ann.commands(world.general, "/remember", "I have diabetes"))
    view = await bot.home(world.ann)
    before, began = view.shown, time.monotonic()
    await bot.app.core.expire_proposals(bot.app.database.clock() + timedelta(days=8))
    await world.shows(view, "1 in all")
    took_s = time.monotonic() - began
    channel = ChannelsDeleted(PLATFORM, world.server.team.id, frozenset({world.general.id}))
    await bot.app.assistant.channels_deleted(channel)
    await world.shows(view, "I remember nothing about you yet.")

    assert "diabetes" in before
    assert took_s < WITHIN_S


async def test_home_follows_a_shared_note(world: World, bot: Bot) -> None:
    """It is listed to whoever made it, and lies elsewhere."""
    view = await bot.home(world.ann)
    await world.ann.commands(world.general, "/remember", "for:everyone The wifi is called Heron")
    await world.shows(view, "The wifi is called Heron")

    assert await bot.texts(world.ann) == []


async def test_home_follows_after_a_restart(world: World) -> None:
    """Whoever opened theirs before need not open it again; what they looked for on it is on no disk."""
    async with world.bot() as bot:
        await bot.learns(world.ann, world.general, "I keep bees")
        view = await bot.home(world.ann)
        await _pressed(world, view, "search", "I remember nothing that fits.", value="heron")
        noted = await bot.app.notes(PLATFORM).get("home tabs")
    async with world.bot() as bot:
        await bot.learns(world.ann, world.general, "I like tea")
        await world.shows(view, "I like tea")

    assert noted == f"{world.server.team.id} {world.ann.id}"


async def test_line_on_top_stays_when_nothing_else_changes(world: World, bot: Bot) -> None:
    """The tab that follows a press shows what the press does, and is not sent again."""
    view = await bot.home(world.ann)
    await _pressed(world, view, "Pause", "Paused: I keep nothing you say")
    await refreshed(bot.services, scope_of(world.ann))

    assert "Paused: I keep nothing you say" in view.shown


async def test_home_is_not_sent_again_when_nothing_changed(world: World, bot: Bot) -> None:
    """What is asked without a change costs no call of Slack's."""
    await bot.home(world.ann)
    await world.seen(await world.ann.commands(world.general, "/forgetmenot", "help"))
    await refreshed(bot.services, scope_of(world.ann))

    assert len(world.server.calls("views.publish")) == 1


async def test_home_that_nobody_looked_at_is_not_built(world: World, bot: Bot) -> None:
    """A change of somebody who never opened it asks nothing of Slack."""
    await world.seen(await world.ann.commands(world.general, "/remember", "I keep bees"))
    await refreshed(bot.services, scope_of(world.ann))

    assert world.server.calls("views.publish") == []


async def test_two_changes_at_once_end_as_the_later(world: World, bot: Bot) -> None:
    """Screens are built and sent in turn, so that no older state comes last."""
    await bot.learns(world.ann, world.general, "I keep bees", "I like tea")
    view = await bot.home(world.ann)
    for button in _buttons(view, "erase"):
        await world.ann.presses(view, "erase", value=button["value"])
    await world.shows(view, "I remember nothing about you yet.")

    assert await bot.texts(world.ann) == []


async def test_messages_tab_suggests_what_to_say(world: World, bot: Bot) -> None:
    """At most four prompts; where the app is no agent, nothing is missing."""
    await world.ann.opens_messages_tab()
    await world.server.until(lambda: world.server.prompts)
    world.server.will("assistant.threads.setSuggestedPrompts", error("missing_scope"))
    await world.ann.opens_messages_tab()
    view = await bot.home(world.ann)

    assert 0 < len(next(iter(world.server.prompts.values()))) <= 4
    assert view.shown


async def test_slack_that_refuses_a_screen_is_no_end(world: World, bot: Bot) -> None:
    """The next press works."""
    await bot.learns(world.ann, world.general, "I keep bees")
    view = await bot.home(world.ann)
    world.server.will("views.publish", status(500))
    await world.ann.presses(view, "Pin")
    view = await bot.home(world.ann)

    assert "(pinned)" in view.shown


async def test_modal_that_was_closed_meanwhile_is_let_be(world: World, bot: Bot) -> None:
    """Whoever closes a modal while it is being filled hears no more of it."""
    use = await world.ann.shortcut(MY_MEMORY.callback_id)
    panel = await world.modal(use)
    await world.ann.closes(panel)
    pressed = await world.ann.presses(panel, "search", value="tea")
    await world.server.until(lambda: any("not_found" in one for one in world.server.refusals))

    assert pressed.acknowledged
    assert world.server.ephemerals(world.ann) == []
