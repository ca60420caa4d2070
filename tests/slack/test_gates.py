"""Every command, shortcut, button and form has a gate before it, and the gate opens to whom it says."""

from __future__ import annotations

from collections.abc import Iterable

from slack_bolt.async_app import AsyncApp

from adapters.slack.interface.gates import NOT_YOURS, Gate
from adapters.slack.interface.installing import FORMS, install, verbs
from adapters.slack.interface.presses import Press, Verb, button
from adapters.slack.interface.responding import Response, Unchanged
from adapters.slack.interface.shortcuts import SHORTCUTS
from adapters.slack.interface.slash import COMMANDS, SUBCOMMANDS
from tests.servers.slack import Message, Person, View
from tests.slack.interface_world import Bot, World, bot, quiet_library, world

__all__ = ["bot", "quiet_library", "world"]

ADMINS_OWN = {"settings", "usage"}


def ungated(app: AsyncApp) -> list[str]:
    """Return the listeners of an app that have no gate."""
    functions = [listener.ack_function for listener in app._async_listeners]
    return [function.__name__ for function in functions if not function.__dict__.get("gates")]


async def test_every_listener_is_gated(bot: Bot) -> None:
    """Whatever the interface hears goes through a gate; one listener takes all of a sort."""
    app = AsyncApp(client=bot.bolt.client, signing_secret="s")
    install(app, bot.services)

    assert len(app._async_listeners) == 5
    assert ungated(app) == []


async def test_a_listener_without_a_gate_is_found(bot: Bot) -> None:
    """The walk sees what it is there for."""

    async def dance() -> None:
        """Nothing."""

    bot.bolt.command("/dance")(dance)

    assert "dance" in ungated(bot.bolt)


async def test_gates_are_those_that_are_meant(bot: Bot) -> None:
    """What is pressed or sent is its owner's, what is typed its asker's; admins have what is about the workspace."""
    pressed = verbs(bot.services)

    assert {name for name, verb in pressed.items() if verb.gate is Gate.ADMIN} == ADMINS_OWN
    assert {name for name, verb in pressed.items() if verb.gate is Gate.ASKER} == set()
    assert {name for name, form in FORMS.items() if form.gate is Gate.ADMIN} == {"settings"}
    assert {name for name, use in SUBCOMMANDS.items() if use.gate is Gate.ADMIN} == ADMINS_OWN
    assert {use.gate for use in [*COMMANDS.values(), *SHORTCUTS.values()]} == {Gate.ASKER}


async def test_verbs_are_the_owners_unless_they_say_otherwise() -> None:
    """Whoever adds a verb and forgets the gate has the narrow one."""

    async def nothing(_: Press) -> Response:
        return Unchanged()

    assert Verb(nothing).gate is Gate.OWNER


def _posted(world: World, elements: Iterable[dict[str, object]]) -> Message:
    blocks = [{"type": "actions", "elements": list(elements)}]
    return world.server.posts.post(world.general, {"text": "Press me.", "blocks": blocks})


async def test_no_button_is_anybody_elses(world: World, bot: Bot) -> None:
    """Whatever the button, if somebody else presses it they are told so, and nothing happens."""
    await bot.learns(world.ann, world.general, "I'm vegan")
    names = sorted(verbs(bot.services))
    message = _posted(world, (button(name, world.ann.id, "1", "here", label=name) for name in names[:20]))
    other = _posted(world, (button(name, world.ann.id, "1", "here", label=name) for name in names[20:]))
    pressed = [await world.ben.presses(shown, label) for shown in (message, other) for label in shown.buttons]
    told = [(await world.seen(use)).shown for use in pressed]

    assert told == [NOT_YOURS] * len(names)
    assert await bot.texts(world.ann) == ["I'm vegan"]
    assert world.server.calls("views.open") == []
    assert message.buttons == names[:20]


async def test_admins_buttons_are_no_admins_own_for_others(world: World, bot: Bot) -> None:
    """A button of one's own opens nothing that only admins may see."""
    message = _posted(world, [button("settings", world.ann.id, label="Settings")])
    modal = await world.modal(await world.ann.presses(message, "Settings"))

    assert "Only admins of this workspace" in modal.shown


async def _lists(world: World, person: Person, shown: Message | View) -> Message:
    return await world.seen(await person.presses(shown, "kind", value="fact"))


async def test_a_list_in_a_message_belongs_to_nobody(world: World, bot: Bot) -> None:
    """What has no owner in it works on screens alone, which Slack shows to one person."""
    options = [{"text": {"type": "plain_text", "text": "Fact"}, "value": "fact"}]
    message = _posted(world, [{"type": "static_select", "action_id": "kind", "options": options}])

    assert (await _lists(world, world.ann, message)).shown == NOT_YOURS


async def test_button_of_another_version_says_so(world: World, bot: Bot) -> None:
    """A verb that is not known any more is answered, not left to fail."""
    message = _posted(world, [button("dance", world.ann.id, label="Dance")])

    assert "older version" in (await world.seen(await world.ann.presses(message, "Dance"))).shown
