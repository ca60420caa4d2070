"""Answers of any length and in any trouble: whoever asked gets as much as can be given, and an honest line else."""

from __future__ import annotations

from typing import NoReturn

import pytest

from adapters.slack.interface import responding
from adapters.slack.interface.kit import INPUT_CHARACTERS
from adapters.slack.interface.presses import MAX_CHARACTERS, value_of
from adapters.slack.interface.responding import MEMORY_DOWN
from bot.errors import StoreError
from tests.servers.slack import Timing, View, error
from tests.slack.interface_world import Bot, World, bot, quiet_library, world

__all__ = ["bot", "quiet_library", "world"]


ANY_LENGTH = {"memory_characters": 0}


async def _no_store(*_: object, **__: object) -> NoReturn:
    """Stand in for rows that cannot be read or written."""
    raise StoreError("rows could not be read")


async def _edit_form(world: World, bot: Bot) -> View:
    await bot.learns(world.ann, world.general, "I keep bees")
    return await world.modal(await world.ann.presses(await bot.home(world.ann), "Edit"))


async def test_long_answer_comes_in_several_messages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there may be, with buttons below the last; what is beyond them is said to be missing."""
    monkeypatch.setattr(responding, "MOST_MESSAGES", 2)
    async with world.bot(slack=ANY_LENGTH) as bot:
        await bot.learns(world.ann, world.general, *(f"{number} {'bees and honey ' * 250}" for number in range(10)))
        use = await world.ann.commands(world.general, "/memories", "")
        await world.seen(use, 2)
    shown = [message.shown for message in use.responses]

    assert [message.buttons for message in use.responses] == [[], ["Change, pin or forget"]]
    assert "which is too long to be shown here" in shown[-1]
    assert "#10 9 bees and honey" in shown[0]


async def test_memory_that_is_down_is_told(world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of the bot, not of the error; in a form too, which stays open."""
    form = await _edit_form(world, bot)
    monkeypatch.setattr(bot.app.panel, "page", _no_store)
    monkeypatch.setattr(bot.app.panel, "edit", _no_store)
    message = await world.seen(await world.ann.commands(world.general, "/forget", "bees"))
    use = await world.ann.submits(form, {"text": "I keep wasps"})

    assert message.shown == MEMORY_DOWN
    assert use.errors == {"text": MEMORY_DOWN}
    assert world.ann.modal is form


async def test_home_that_cannot_be_built_is_no_end(world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither when it is opened nor when something changed elsewhere."""
    home = await bot.home(world.ann)
    with monkeypatch.context() as broken:
        broken.setattr(bot.app.panel, "page", _no_store)
        await world.ann.opens_home()
        kept = await world.seen(await world.ann.commands(world.general, "/remember", "I keep bees"))
    await world.ann.opens_home()
    await world.shows(home, "I keep bees")

    assert "Remembered" in kept.shown


async def test_line_on_home_stands_alone_when_nothing_can_be_read(
    world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the tab showed may be forgotten by now."""
    await bot.learns(world.ann, world.general, "I keep bees")
    home = await bot.home(world.ann)
    monkeypatch.setattr(bot.app.panel, "page", _no_store)
    await world.ann.presses(home, "Pin")
    await world.shows(home, MEMORY_DOWN)

    assert home.shown == MEMORY_DOWN


async def test_answer_that_cannot_be_given_is_logged(world: World, bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """Nor the line that says so; the log holds nothing of what it was."""
    world.server.timing = Timing(response_url_s=-1)
    world.server.will("chat.postEphemeral", error("not_in_channel"), error("not_in_channel"))
    await world.ann.commands(world.general, "/forgetmenot", "help")
    await world.server.until(lambda: "nor could that be told" in caplog.text)
    world.server.violations.clear()  # the addresses that were over, on purpose

    assert "an interaction went unanswered: Slack did not take an answer (not_in_channel)" in caplog.text
    assert "Talk to me" not in "".join(one.getMessage() for one in caplog.records if one.name.startswith("adapters"))
    assert world.server.ephemerals(world.ann) == []


async def test_form_of_another_version_says_so(world: World, bot: Bot) -> None:
    """A form that is not known any more is answered, not left to fail."""
    form = await _edit_form(world, bot)
    form.content["callback_id"] = "dance"
    use = await world.ann.submits(form, {"text": "I keep wasps"})

    assert "older version" in use.errors["text"]
    assert await bot.texts(world.ann) == ["I keep bees"]


async def test_memory_too_long_for_a_form_is_not_cut(world: World) -> None:
    """What a form would lose the end of is not offered to be changed."""
    async with world.bot(slack=ANY_LENGTH) as bot:
        await bot.learns(world.ann, world.general, "bees " * (INPUT_CHARACTERS // 5 + 1))
        modal = await world.modal(await world.ann.presses(await bot.home(world.ann), "Edit"))

    assert "3,000 characters that a form of Slack takes" in modal.shown


@pytest.mark.parametrize("about", [("x" * MAX_CHARACTERS,), ("C1/2",)])
def test_value_that_would_not_be_known_again_is_refused(about: tuple[str, ...]) -> None:
    """Where it is made, not when somebody presses it."""
    with pytest.raises(ValueError, match="cannot be sent"):
        value_of("U000ANN", *about)
