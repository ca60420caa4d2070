"""/settings: what an admin chooses is saved at once and shown; nobody else gets to it."""

from __future__ import annotations

import json

import pytest

from bot.types import Policy
from tests.discord.interface_world import Bot, World, bot, labels, seen, world
from tests.servers.discord.nouns import Message

__all__ = ["bot", "world"]

USUAL = Policy()


async def _opened(world: World) -> Message:
    return await seen(await world.ada.runs(world.channel, "settings"))


async def _policy(world: World, bot: Bot) -> Policy:
    return await bot.app.policies.of("discord", str(world.guild.id))


def _list_of(message: Message, verb: str) -> str:
    parts = [part for row in message.components for part in row["components"]]
    return str(next(part["custom_id"] for part in parts if part.get("custom_id", "").startswith(f"{verb}/")))


@pytest.mark.parametrize(("verb", "field"), [("answers", "channels"), ("listens", "listening"), ("strict", "strict")])
async def test_channels_are_chosen_from_lists(world: World, bot: Bot, verb: str, field: str) -> None:
    """What is chosen is in force, named in the text and chosen in the list when it is shown again."""
    other = world.guild.add_channel("other")
    message = await _opened(world)
    await (await world.ada.presses(message, _list_of(message, verb), [str(other.id)])).answered()
    parts = {part["custom_id"]: part for row in message.components for part in row["components"]}

    assert getattr(await _policy(world, bot), field) == frozenset({str(other.id)})
    assert other.mention in message.content
    assert parts[_list_of(message, verb)]["default_values"] == [{"id": other.id, "type": "channel"}]


async def test_choosing_none_is_everywhere_again(world: World, bot: Bot) -> None:
    """An emptied list takes the restriction back."""
    message = await _opened(world)
    for chosen in ([str(world.channel.id)], []):
        await (await world.ada.presses(message, _list_of(message, "answers"), chosen)).answered()

    assert await _policy(world, bot) == USUAL
    assert "every channel I can see" in message.content


async def test_list_undoes_nothing_that_others_chose_meanwhile(world: World, bot: Bot) -> None:
    """Only what was chosen or left out of the list as it was shown counts; so more stays than a list has room for."""
    guild, policies = ("discord", str(world.guild.id)), bot.app.policies
    old, taken, *more = [str(world.guild.add_channel(f"channel-{number}").id) for number in range(32)]
    await policies.set(*guild, Policy(channels=frozenset({old, taken, *more[:28]})))
    message = await _opened(world)
    await policies.set(*guild, Policy(channels=frozenset({old, *more[:29]})))  # somebody else takes one out, adds one
    shown = [old, taken, *more[:23]]
    await (await world.ada.presses(message, _list_of(message, "answers"), [*shown[1:], more[29]])).answered()

    assert (await _policy(world, bot)).channels == frozenset(more[:30])


async def test_form_undoes_nothing_that_others_wrote_meanwhile(world: World, bot: Bot) -> None:
    """What stands in it as it was shown is none of the admin's choices."""
    guild = ("discord", str(world.guild.id))
    await bot.app.policies.set(*guild, Policy(persona="Kind", retention_days=7))
    message = await _opened(world)
    form = await (await world.ada.presses(message, "Model, persona, limits")).answered()
    await bot.app.policies.set(*guild, Policy(persona="Rude", retention_days=8))
    await (await form.submit({"persona": "Kind", "retention": "9", "tokens": "0"})).answered()

    assert await _policy(world, bot) == Policy(persona="Rude", retention_days=9)


async def test_shared_notes_are_turned_off_and_on(world: World, bot: Bot) -> None:
    """The button says what it will do."""
    message = await _opened(world)
    await (await world.ada.presses(message, "Turn shared notes off")).answered()
    off = (await _policy(world, bot)).shared_notes
    await (await world.ada.presses(message, "Turn shared notes on")).answered()

    assert off is False
    assert await _policy(world, bot) == USUAL


async def test_form_sets_the_rest_after_a_restart(world: World) -> None:
    """Model, persona and limits are written into a form; what is then in force is shown."""
    async with world.bot(openai={"more_models": ("big-model",)}):
        message = await _opened(world)
    async with world.bot(openai={"more_models": ("big-model",)}) as bot:
        form = await (await world.ada.presses(message, "Model, persona, limits")).answered()
        written = {"model": "big-model", "persona": "You are a pirate.", "retention": "30", "tokens": "5000"}
        await (await form.submit(dict(written))).answered()
        policy = await _policy(world, bot)

    expected = Policy(model="big-model", persona="You are a pirate.", retention_days=30, tokens_per_day=5000)
    assert policy == expected
    for shown in ("big-model", "30 days", "5,000", "You are a pirate."):
        assert shown in message.content


async def test_form_that_was_open_over_a_restart_is_taken(world: World) -> None:
    """What somebody was writing meanwhile is not lost."""
    async with world.bot():
        message = await _opened(world)
        form = await (await world.ada.presses(message, "Model, persona, limits")).answered()
    async with world.bot() as bot:
        await (await form.submit({"persona": "You are a pirate."})).answered()
        policy = await _policy(world, bot)

    assert policy == Policy(persona="You are a pirate.")
    assert "You are a pirate." in message.content


async def test_what_the_operator_chose_is_shown(world: World) -> None:
    """Where admins chose nothing, the numbers that hold are named, and whose they are."""
    async with world.bot(limits={"tokens_per_day_per_guild": 123_456}, memory={"retention_days": 99}):
        shown = (await _opened(world)).content

    assert "99 days, as whoever runs me chose" in shown
    assert "123,456, as whoever runs me chose" in shown


async def test_what_the_operator_allows_is_shown(world: World) -> None:
    """Also where admins chose less, and in the form."""
    async with world.bot(limits={"tokens_per_day_per_guild": 123_456}, memory={"retention_days": 99}) as bot:
        await bot.app.policies.set("discord", str(world.guild.id), Policy(retention_days=30, tokens_per_day=5000))
        message = await _opened(world)
        form = await (await world.ada.presses(message, "Model, persona, limits")).answered()

    assert "30 days, of 99 that whoever runs me allows" in message.content
    assert "5,000, of 123,456 that whoever runs me allows" in message.content
    asked = json.dumps(form.modal)
    assert "0: they go after 99 days, as whoever runs me chose" in asked
    assert "0: 123,456, as whoever runs me chose, which is also the most" in asked


async def test_listening_says_of_whom(world: World, bot: Bot) -> None:
    """Nobody is listened to who was not told what is kept."""
    assert "of people whom I told what I keep, and who did not opt out" in (await _opened(world)).content


@pytest.mark.parametrize(
    "written", [{"model": "unheard-of"}, {"retention": "a year"}, {"tokens": "-1"}, {"retention": "999999"}]
)
async def test_what_cannot_be_is_said_and_changes_nothing(world: World, bot: Bot, written: dict[str, object]) -> None:
    """A model that the operator does not allow, or no number, is refused as a whole."""
    message = await _opened(world)
    form = await (await world.ada.presses(message, "Model, persona, limits")).answered()
    refused = await seen(await form.submit({"persona": "You are a pirate.", **written}))

    assert refused is not message
    assert refused.content
    assert await _policy(world, bot) == USUAL


async def test_permission_is_checked_at_every_press(world: World, bot: Bot) -> None:
    """Somebody who may not manage the server any more cannot use what they opened when they could."""
    message = await _opened(world)
    form = await (await world.ada.presses(message, "Model, persona, limits")).answered()
    world.guild.members[world.ada.id].roles = ()
    refused = [
        await seen(await world.ada.presses(message, "Turn shared notes off")),
        await seen(await form.submit({"persona": "You are a pirate."})),
    ]

    assert {one.content for one in refused} == {"Only people who may manage this server can do that."}
    assert await _policy(world, bot) == USUAL
    assert "Turn shared notes off" in labels(message)


async def test_usage_shows_no_contents(world: World, bot: Bot) -> None:
    """/usage is counts."""
    await bot.learns(world.ann, world.channel, "I like tea")

    assert "tea" not in (await seen(await world.ada.runs(world.channel, "usage"))).content
