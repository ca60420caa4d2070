"""Commands by which a person chooses what is kept of them, given as messages to the whole bot: pause, opt out."""

from __future__ import annotations

import pytest

from bot.types import DM_GUILD, Action, Mode, Policy, Scope
from tests.assistant.talking import ANN, BEN, DM, GENERAL, House, Talk


async def test_pause_and_resume(offline: Talk) -> None:
    """Paused, only /remember keeps something; resumed, statements are kept again."""
    await offline.say("/pause")
    paused = await offline.say("My cat is called Minka.")
    await offline.say("/remember The bins go out on Monday")
    await offline.say("/resume")
    await offline.say("I live in Lisbon.")

    assert paused.actions == [Action.DROPPED]
    assert await offline.texts() == ["The bins go out on Monday", "I live in Lisbon."]


@pytest.mark.parametrize("command", ["/pause", "/resume"])
async def test_only_opting_in_ends_an_opt_out(offline: Talk, command: str) -> None:
    """Neither /pause nor /resume brings somebody back who opted out."""
    await offline.say("/privacy opt-out")

    heard = await offline.say(command)

    assert "opted out" in heard.text
    assert await offline.app.core.mode(ANN) is Mode.OFF


async def test_opting_in_again(offline: Talk) -> None:
    """After /privacy opt-in statements are kept and recalled again; what was known before is still known."""
    await offline.say("My cat is called Minka.")
    await offline.say("/privacy opt-out")
    silent = await offline.say("/recall what is my cat called?")
    await offline.say("/privacy opt-in")
    await offline.say("I live in Lisbon.")
    heard = await offline.say("/recall what is my cat called?")

    assert silent.text.startswith("You are opted out in this server, so I recall nothing.")
    assert "Minka" in heard.text
    assert len(await offline.memories()) == 2


async def test_resuming_goes_back_to_being_asked(offline: Talk) -> None:
    """Who chose to be asked is asked again after a pause and after an opt-out, not taken for willing."""
    await offline.app.core.set_mode(ANN, Mode.ASK)
    await offline.say("/pause")
    await offline.say("/privacy opt-out")

    back = await offline.say("/privacy opt-in")
    resumed = await offline.say("/resume")

    assert back.text == "Welcome back. Now: I keep only what /remember says."
    assert resumed.text == "Now: I ask before I remember."


async def test_nobody_gets_more_kept_than_the_operator_set(alone: House) -> None:
    """Where only commands are kept, neither a pause that ends nor an opt-in keeps more."""
    async with alone.changed(memory={"mode": Mode.COMMANDS}).opened() as talk:
        heard = [await talk.say(text) for text in ("/pause", "/resume", "/privacy opt-out", "/privacy opt-in")]

        assert await talk.app.core.mode(ANN) is Mode.COMMANDS
        assert heard[1].text == "Now: I keep only what /remember says."


ELSEWHERE, DIRECT = Scope("discord", "other guild", "ann"), Scope("discord", DM_GUILD, "ann")


async def test_opt_out_holds_here_and_says_so(offline: Talk) -> None:
    """Opted out in one server, somebody is told so, and is still remembered in another and in direct messages."""
    await offline.meet(ELSEWHERE, DIRECT)
    told = (await offline.say("/privacy opt-out")).text
    for scope, place in ((ANN, GENERAL), (ELSEWHERE, GENERAL), (DIRECT, DM)):
        await offline.say("My cat is called Minka.", scope=scope, place=place)

    assert "opted out in this server" in told
    assert "/privacy opt-out everywhere" in told
    assert [len(await offline.memories(scope)) for scope in (ANN, ELSEWHERE, DIRECT)] == [0, 1, 1]


@pytest.mark.parametrize("words", ["opt-out everywhere", "Opt Out Everywhere"])
async def test_opt_out_everywhere(alone: House, words: str) -> None:
    """It holds in every server, those to come included, after a restart, and until it is ended everywhere."""
    async with alone.opened() as talk:
        await talk.meet(ANN, BEN, ELSEWHERE, DIRECT)
        told = (await talk.say(f"/privacy {words}")).text
    async with alone.opened() as talk:
        silent = await talk.say("My cat is called Minka.", scope=DIRECT, place=DM)
        here = await talk.say("/privacy opt-in", scope=ELSEWHERE)
        modes = [await talk.app.core.mode(scope) for scope in (ANN, BEN, ELSEWHERE, DIRECT)]
        back = await talk.say("/privacy opt-in everywhere", scope=ELSEWHERE)
        then = await talk.app.core.mode(ANN)

    assert "opted out everywhere on Discord" in told
    assert silent.text == (
        "You are opted out everywhere on Discord, so I don't read what you write; commands still work. "
        "/privacy opt-in everywhere brings me back."
    )
    assert here.text.startswith("You are opted out everywhere on Discord")
    assert modes == [Mode.OFF, Mode.AUTO, Mode.OFF, Mode.OFF]
    assert back.text == "Welcome back. Now: I remember what you tell me."
    assert then is Mode.AUTO


async def test_opt_in_everywhere_leaves_what_was_chosen_for_a_server(offline: Talk) -> None:
    """Who opted out of one server on its own stays opted out there."""
    await offline.say("/privacy opt-out")
    await offline.say("/privacy opt-out everywhere", scope=ELSEWHERE)
    await offline.say("/privacy opt-in everywhere", scope=ELSEWHERE)

    assert [await offline.app.core.mode(scope) for scope in (ANN, ELSEWHERE)] == [Mode.OFF, Mode.AUTO]


async def test_ids_of_a_workspace_mean_nobody_elsewhere(offline: Talk) -> None:
    """Where the same id may be somebody else in another workspace, everywhere is the workspace."""
    here, other = Scope("slack", "north", "U1"), Scope("slack", "south", "U1")
    told = (await offline.say("/privacy opt-out everywhere", scope=here)).text

    assert "opted out in this workspace" in told
    assert "everywhere" not in told
    assert [await offline.app.core.mode(scope) for scope in (here, other)] == [Mode.OFF, Mode.AUTO]


async def test_opt_out_of_somewhere_else_is_refused(offline: Talk) -> None:
    """What is neither here nor everywhere changes nothing and is said so."""
    heard = await offline.say("/privacy opt-out from marketing")

    assert heard.text == "say where as here or everywhere, not as from marketing; nothing was changed"
    assert await offline.app.core.mode(ANN) is Mode.AUTO


async def test_privacy_says_who_processes_what(online: Talk, home: House) -> None:
    """/privacy says where messages go, what admins can do, what is kept now, and shows no key."""
    await online.say("My cat is called Minka.")

    heard = await online.say("/privacy")

    assert "local at 127.0.0.1" in heard.text
    assert "Admins choose where" in heard.text
    assert "1 memory of you" in heard.text
    assert home.settings.openai.api_key.reveal() not in heard.text


@pytest.mark.parametrize(
    ("chosen", "last"),
    [
        ("opt-in", "Opt out of all of it in this server with /privacy opt-out, on all of Discord with /privacy"),
        ("opt-out", "You are opted out in this server. Come back with /privacy opt-in"),
        ("opt-out everywhere", "You are opted out everywhere on Discord. Come back with /privacy opt-in everywhere"),
    ],
)
async def test_privacy_says_the_way_out_or_back(offline: Talk, chosen: str, last: str) -> None:
    """Whoever is out already is not told how to get out."""
    await offline.say(f"/privacy {chosen}")

    lines = (await offline.say("/privacy")).text.splitlines()
    assert lines[-1].startswith(last)
    assert [line for line in lines if "opt-out" in line] == ([] if chosen != "opt-in" else lines[-1:])


@pytest.mark.parametrize(
    ("operator", "admins", "said"),
    [
        (0, 0, "They stay until you erase them."),
        (365, 0, "not used for 365 days goes by itself"),
        (0, 90, "not used for 90 days goes by itself"),
        (365, 1, "not used for a day goes by itself"),
    ],
)
async def test_privacy_says_how_long_memories_stay(alone: House, operator: int, admins: int, said: str) -> None:
    """The shorter of what the operator and the guild's admins chose."""
    async with alone.changed(memory={"retention_days": operator}).opened() as talk:
        await talk.app.policies.set(ANN.platform, ANN.guild_id, Policy(retention_days=admins))

        assert said in (await talk.say("/privacy")).text
