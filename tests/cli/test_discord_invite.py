"""The addresses that invite the bot come from its token alone, and can be piped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.conftest import Call, Result
from tests.servers.discord import DiscordServer

PORTAL = "https://discord.com/developers/applications"


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DiscordServer]:
    """Discord, which the environment points to."""
    async with DiscordServer() as discord:
        monkeypatch.setenv("DISCORD_TOKEN", discord.token)
        monkeypatch.setenv("DISCORD_API_BASE", discord.api_base)
        yield discord
        assert discord.violations == []


async def invite(forgetmenot: Call, *arguments: str) -> Result:
    """Run the command; beside the server, which lives on this loop."""
    return await asyncio.to_thread(forgetmenot, "discord", "invite", *arguments)


def asked(url: str) -> dict[str, str]:
    """Return what an address asks for."""
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "discord.com", "/oauth2/authorize")
    return {name: value for name, (value,) in parse_qs(parts.query, strict_parsing=True).items()}


async def test_both_addresses_are_printed(forgetmenot: Call, server: DiscordServer) -> None:
    """One a line on standard output, so that they can be piped; what they are for is said beside it."""
    result = await invite(forgetmenot)

    into_server, into_account = result.out.splitlines()
    assert result.code == 0
    assert asked(into_server) == {
        "client_id": str(server.bot.id),
        "scope": "bot applications.commands",
        "permissions": "274878008320",
        "integration_type": "0",
    }
    assert asked(into_account) == {
        "client_id": str(server.bot.id),
        "scope": "applications.commands",
        "integration_type": "1",
    }
    assert [line.partition(".")[0] for line in result.err.splitlines()] == [
        "Add Forget-me-not to a server",
        "Install Forget-me-not for yourself",
    ]


async def test_every_permission_has_a_reason(forgetmenot: Call, server: DiscordServer) -> None:
    """Whoever adds the bot reads what it asks for, and why."""
    result = await invite(forgetmenot)

    for words in (
        "View Channels to see",
        "Send Messages to answer",
        "Read Message History to reply",
        "Attach Files to",
    ):
        assert words in result.err
    assert "dministrator" not in result.err


async def test_one_server_is_chosen_by_its_id(forgetmenot: Call, server: DiscordServer) -> None:
    """Then there is one address, and nothing to choose on the page."""
    result = await invite(forgetmenot, "--guild", "1042")

    (url,) = result.out.splitlines()
    assert (
        asked(url).items()
        >= {"guild_id": "1042", "disable_guild_select": "true", "scope": "bot applications.commands"}.items()
    )


@pytest.mark.parametrize(("kept", "switch"), [("0", "User Install"), ("1", "Guild Install")])
async def test_context_that_is_off_gives_the_switch(
    forgetmenot: Call, server: DiscordServer, kept: str, switch: str
) -> None:
    """In place of an address that would show an error, the way to the switch is told."""
    server.install_types = (kept,)

    result = await invite(forgetmenot)

    (url,) = result.out.splitlines()
    assert (result.code, asked(url)["integration_type"]) == (0, kept)
    assert f"Not possible yet: {PORTAL} → your application → Installation → " in result.err
    assert f"tick {switch}, then Save Changes" in result.err


def test_without_a_token_it_says_where_to_get_one(forgetmenot: Call) -> None:
    """The page, the button and the variable, and exit code 2."""
    result = forgetmenot("discord", "invite")

    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    for words in (PORTAL, "Bot → Reset Token → Copy", "DISCORD_TOKEN"):
        assert words in result.err


async def test_refused_token_is_one_line(
    forgetmenot: Call, server: DiscordServer, monkeypatch: pytest.MonkeyPatch, canary: str
) -> None:
    """It is not shown, and a new one can be had."""
    monkeypatch.setenv("DISCORD_TOKEN", canary)

    result = await invite(forgetmenot)

    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "does not know the token" in result.err
    assert canary not in result.err


def test_server_is_an_id(forgetmenot: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name does not do; where the id is found is said."""
    monkeypatch.setenv("DISCORD_TOKEN", "x")

    result = forgetmenot("discord", "invite", "--guild", "My garden")

    assert (result.code, result.out) == (2, "")
    assert "Copy Server ID" in result.err
