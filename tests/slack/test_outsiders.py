"""Guests, and people of other organisations: nothing is recalled for them, and nothing of theirs is kept."""

from __future__ import annotations

import pytest

from bot.types import PlaceKind, Policy
from tests.conformance.adapter import EchoAssistant
from tests.servers.slack import Channel, Person, error, slow
from tests.slack.world import World, scope_of, set_policy


@pytest.fixture
def shared(world: World) -> Channel:
    """A public channel that is shared with another organisation."""
    channel = world.server.team.add_channel("with-partners", ext_shared=True)
    world.server.team.invite(channel)
    return channel


@pytest.fixture
def stranger(world: World) -> Person:
    """Somebody of that organisation."""
    other = world.server.add_workspace("Partner", installed=False)
    return world.server.team.add_person("Zoe", stranger_of=other)


async def ask(world: World, person: Person, channel: Channel, text: str) -> str:
    """Return what the bot answers to somebody who mentions it."""
    asked = await person.says(channel, f"{world.server.mention} {text}")
    return (await world.answered(asked)).shown


async def test_stranger(world: World, echo: EchoAssistant, shared: Channel, stranger: Person) -> None:
    """Is an outsider, and no admin."""
    stranger.is_admin = True
    async with world.bot(echo):
        await ask(world, stranger, shared, "hello")

    assert (echo.heard[0].outsider, echo.heard[0].admin) == (True, False)
    assert echo.heard[0].scope.guild_id == world.server.team.id


async def test_stranger_of_whom_slack_tells_nothing(
    world: World, echo: EchoAssistant, shared: Channel, stranger: Person
) -> None:
    """Is one all the same."""
    world.server.will("users.info", *[error("user_not_found")] * 4)
    async with world.bot(echo):
        await ask(world, stranger, shared, "hello")

    assert echo.heard[0].outsider


async def test_guest(world: World, echo: EchoAssistant) -> None:
    """Of the workspace itself."""
    guest = world.server.team.add_person("Gus", guest=True)
    async with world.bot(echo):
        await ask(world, guest, world.general, "hello")

    assert echo.heard[0].outsider


async def test_member(world: World, echo: EchoAssistant, shared: Channel) -> None:
    """Is none, also in a shared channel, which is not public for the workspace."""
    async with world.bot(echo):
        await ask(world, world.ann, world.general, "hello")
        await ask(world, world.ann, shared, "hello")

    assert [message.outsider for message in echo.heard] == [False, False]
    assert [message.place.kind for message in echo.heard] == [PlaceKind.PUBLIC, PlaceKind.PRIVATE]


async def test_somebody_whom_slack_is_slow_to_know(
    world: World, echo: EchoAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is an outsider for this once: what is not known is not trusted."""
    monkeypatch.setattr("adapters.slack.directory.ASK_S", 0.2)  # a constant; two seconds would be waited for
    world.server.will("users.info", slow(0.4))
    async with world.bot(echo):
        await ask(world, world.ann, world.general, "hello")
        await ask(world, world.ann, world.general, "hello again")

    assert [(message.outsider, message.unidentified) for message in echo.heard] == [(True, True), (False, False)]


async def test_somebody_whom_slack_does_not_know_just_now_is_told_so(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """Instead of being called a guest; nothing is kept, and the operator is told why."""
    world.server.will("users.info", *[error("internal_error")] * 2)
    async with world.bot() as bot:
        first = await ask(world, world.ann, world.general, "I'm allergic to walnuts")
        before = await bot.app.core.list(scope_of(world.ann))
        await ask(world, world.ann, world.general, "I'm allergic to walnuts")
        after = await bot.app.core.list(scope_of(world.ann))

    assert "I can't find out who you are just now" in first
    assert (len(before), len(after)) == (0, 1)
    assert "somebody counts as a guest for this once: Slack did not take a question about a user" in caplog.text


async def test_channel_of_which_slack_tells_nothing(world: World, echo: EchoAssistant) -> None:
    """Is private."""
    world.server.will("conversations.info", error("missing_scope"))
    async with world.bot(echo):
        await ask(world, world.ann, world.general, "hello")

    assert (echo.heard[0].place.kind, echo.heard[0].place.is_shared) == (PlaceKind.PRIVATE, False)


async def test_channel_of_which_slack_tells_nothing_just_now(world: World, echo: EchoAssistant) -> None:
    """Is private, and may be one in which strangers read."""
    world.server.will("conversations.info", *[error("internal_error")] * 2)
    async with world.bot(echo):
        await ask(world, world.ann, world.general, "hello")

    assert (echo.heard[0].place.kind, echo.heard[0].place.is_shared) == (PlaceKind.PRIVATE, True)


async def test_nothing_is_kept_or_recalled(world: World, shared: Channel, stranger: Person) -> None:
    """Unless an admin allows it."""
    async with world.bot() as bot:
        await ask(world, stranger, shared, "I'm allergic to walnuts")
        before = await bot.app.core.list(scope_of(stranger))
        await set_policy(world, bot, Policy(outsiders=True))
        await ask(world, stranger, shared, "I'm allergic to hazelnuts")
        after = await bot.app.core.list(scope_of(stranger))

    assert before == []
    assert [memory.text for memory in after] == ["I'm allergic to hazelnuts"]


async def test_what_was_said_in_public_is_not_recalled_in_a_shared_channel(world: World, shared: Channel) -> None:
    """What was said there stays there, as in a private channel."""
    async with world.bot() as bot:
        await ask(world, world.ann, shared, "My dog is called Rex")
        (kept,) = await bot.app.core.list(scope_of(world.ann))
        told = await ask(world, world.ann, world.general, "What is my dog called?")

    assert kept.place.kind is PlaceKind.PRIVATE
    assert "Rex" not in told


async def test_what_the_workspace_knows_is_not_shown_in_a_shared_channel(
    world: World, shared: Channel, stranger: Person
) -> None:
    """Nothing of what a member said in the workspace, nor of notes for everyone in it, whoever asks for it how."""
    async with world.bot() as bot:
        await ask(world, world.ann, world.general, "I live in Porto.")
        await ask(world, world.ben, world.general, "remember the launch is on 5 May for:everyone")
        asked = "where do I live?", "when is the launch?", "recall where I live", "memories", "why"
        told = [await ask(world, world.ann, shared, text) for text in asked]
        told.append(await ask(world, stranger, shared, "when is the launch?"))
        before = await ask(world, world.ann, world.general, "where do I live, and when is the launch?")
        await set_policy(world, bot, Policy(outsiders=True))
        after = await ask(world, world.ann, shared, "where do I live, and when is the launch?")

    assert not [text for text in told if "Porto" in text or "5 May" in text]
    assert [("Porto" in text, "5 May" in text) for text in (before, after)] == [(True, True), (True, True)]


async def test_channel_to_which_another_organisation_is_invited(world: World, echo: EchoAssistant) -> None:
    """Counts as shared, also without a mention: once they come, Slack shows them what was said before."""
    pending = world.server.team.add_channel("with-partners", pending_shared=True)
    world.server.team.invite(pending)
    async with world.bot(echo):
        asked = await world.ann.says(pending, f"{world.server.mention} hello")
        await world.answered(asked)
        more = await world.ann.says(pending, "and more", thread=asked)
        await world.answered(more, "You said and more")

    assert [message.place.kind for message in echo.heard] == [PlaceKind.PRIVATE, PlaceKind.PRIVATE]
    assert [message.outsider for message in echo.heard] == [False, False]


async def test_thread_in_a_public_channel(world: World, echo: EchoAssistant) -> None:
    """Is as public as its channel, of which Slack is asked once."""
    async with world.bot(echo):
        asked = await world.mention("hello")
        await world.answered(asked)
        more = await world.ann.says(world.general, "and more", thread=asked)
        await world.answered(more, "You said and more")

    assert [message.place.kind for message in echo.heard] == [PlaceKind.PUBLIC, PlaceKind.PUBLIC]
    assert len(world.server.calls("conversations.info")) == 1


async def test_group_conversation_that_the_app_may_not_look_up(world: World, echo: EchoAssistant) -> None:
    """Is private all the same: no scope is asked for to learn what is known."""
    grant = world.server.team.grant
    assert grant is not None
    grant.scopes.discard("mpim:read")
    several = world.server.team.add_mpim(world.ann, world.ben)
    async with world.bot(echo):
        await ask(world, world.ann, several, "hello")

    assert (echo.heard[0].place.kind, echo.heard[0].outsider) == (PlaceKind.PRIVATE, False)
