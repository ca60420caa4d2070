"""Commands by which a person chooses what is kept of them, given as messages to the whole bot: pause, opt out."""

from __future__ import annotations

import pytest

from bot.types import Action, Mode, Policy
from tests.assistant.talking import ANN, House, Talk


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

    assert silent.text == "Nothing I remember fits that."
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


async def test_privacy_says_who_processes_what(online: Talk, home: House) -> None:
    """/privacy says where messages go, what admins can do, what is kept now, and shows no key."""
    await online.say("My cat is called Minka.")

    heard = await online.say("/privacy")

    assert "local at 127.0.0.1" in heard.text
    assert "Admins of a server choose" in heard.text
    assert "1 memory of you" in heard.text
    assert home.settings.openai.api_key.reveal() not in heard.text


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
