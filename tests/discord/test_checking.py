"""What the check-up says of a bot on Discord, and the addresses that invite it, against a server of our own."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from discord import Permissions
from msgspec.structs import replace

from adapters.discord.interface.comparing import covers
from adapters.discord.setup.application import Application
from adapters.discord.setup.checking import CHECKED_GUILDS, application_findings, discord_findings
from adapters.discord.setup.permissions import NEEDS, Overwrite, in_channel, wanted
from adapters.discord.setup.registration import commands_of_this_version, compared
from bot.config import DiscordSettings, Secret
from bot.findings import Finding, Level, failing_alone
from tests.servers.discord import DiscordServer
from tests.servers.discord.faults import Behaviour, Exchange, hang, lose_request, rate_limited, status
from tests.servers.discord.wire import answer

OK, WARNING, PROBLEM = Level.OK, Level.WARNING, Level.PROBLEM


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    """Discord, with a bot that is in no guild yet and has its commands registered."""
    async with DiscordServer(intents={"message_content"}) as discord:
        discord.commands[None] = commands_of_this_version()
        yield discord
        assert discord.violations == []


@pytest.fixture
def settings(server: DiscordServer) -> DiscordSettings:
    """The settings of a bot on this server."""
    return DiscordSettings(token=Secret(server.token), api_base=server.api_base, gateway_url=server.gateway_url)


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of one check-up."""

    findings: tuple[Finding, ...]

    def of(self, about: str) -> list[tuple[Level, str]]:
        """Return how something is and what was said of it."""
        return [(finding.level, finding.text) for finding in self.findings if finding.about == about]

    def fix(self, text: str) -> str:
        """Return what is to be done about the one finding that says a text."""
        (finding,) = (finding for finding in self.findings if text in finding.text)
        return finding.fix

    @property
    def levels(self) -> set[Level]:
        """How bad everything is."""
        return {finding.level for finding in self.findings}


async def check(settings: DiscordSettings) -> Found:
    """Check the bot with these settings."""
    findings = discord_findings(settings, lambda: datetime.now(UTC))
    return Found(tuple([finding async for finding in failing_alone("Discord", findings)]))


def says(body: object) -> Behaviour:
    """Answer with this JSON."""

    async def behave(_: Exchange) -> web.StreamResponse:
        return answer(body)

    return behave


# All is well


async def test_bot_in_order_has_nothing_to_put_right(server: DiscordServer, settings: DiscordSettings) -> None:
    """Token, switches, gateway, commands and permissions are looked at, and nothing is changed."""
    guild = server.add_guild("Garden")
    guild.add_channel("beds")
    guild.add_channel("seeds", forum=True)

    found = await check(settings)

    assert found.levels == {OK}
    assert found.of("Discord token") == [(OK, "belongs to forget-me-not, the bot of the application Forget-me-not")]
    assert found.of("Discord message content") == [(OK, "Message Content Intent is on")]
    assert found.of("Discord gateway") == [(OK, "answers; 1,000 of 1,000 session starts are left")]
    assert found.of("Discord server Garden") == [(OK, "has its permissions in every channel that it sees (2)")]
    assert found.of("clock") == [(OK, "agrees with that of 127.0.0.1")]
    assert {request.method for request in server.requests} == {"GET"}
    assert server.gateway.identifies == 0


# The token


async def test_unknown_token_ends_the_check(server: DiscordServer, settings: DiscordSettings, canary: str) -> None:
    """One request is refused, for an address that sends many is shut out; the token is not shown."""
    found = await check(replace(settings, token=Secret(canary)))

    ((level, text),) = found.of("Discord")
    assert (level, len(server.requests)) == (PROBLEM, 1)
    assert "does not know the token (HTTP 401); copy a new one: https://discord.com/developers/applications" in text
    assert canary not in text


@pytest.mark.parametrize(
    ("behaviour", "text"),
    [
        (status(503), "Discord is busy or down (HTTP 503); see https://discordstatus.com"),
        (rate_limited(60), "Discord wants fewer requests (HTTP 429"),
        (
            lose_request(),
            "127.0.0.1 is not reachable (ServerDisconnectedError); check the network, and [discord] api_base",
        ),
        (says([]), "answered GET applications/@me with something that Discord does not send (AttributeError)"),
        (says({"name": "x"}), "answered GET applications/@me with something that Discord does not send (KeyError)"),
    ],
)
async def test_failing_service_is_one_line(
    server: DiscordServer, settings: DiscordSettings, behaviour: Behaviour, text: str
) -> None:
    """Whatever comes instead of an answer is said, with what to look at."""
    server.will("GET", "/applications/@me", behaviour, behaviour)  # aiohttp asks a lost question once more

    found = await check(settings)

    ((level, told),) = found.of("Discord")
    assert level is PROBLEM
    assert text in told


async def test_answer_that_is_no_json_is_one_line(server: DiscordServer, settings: DiscordSettings) -> None:
    """A page of a captive portal is not taken for Discord."""

    async def page(_: Exchange) -> web.StreamResponse:
        return web.Response(text="<title>Sign in</title>", content_type="text/html")

    server.will("GET", "/applications/@me", page)

    found = await check(settings)

    assert "(JSONDecodeError); check the network" in found.of("Discord")[0][1]


async def test_short_pause_is_waited_for(server: DiscordServer, settings: DiscordSettings) -> None:
    """A rate limit that is soon over is no finding."""

    async def at_once(_: Exchange) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": "0.01"})

    server.will("GET", "/applications/@me", at_once)

    found = await check(settings)

    assert PROBLEM not in found.levels


async def test_silence_is_not_waited_for_long(
    server: DiscordServer, settings: DiscordSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that is not answered ends."""
    monkeypatch.setattr("adapters.discord.setup.asking.REQUEST_S", 0.1)  # the test is not to last 8 s
    server.will("GET", "/applications/@me", hang())

    found = await check(settings)

    assert "did not answer within 0.1 s" in found.of("Discord")[0][1]


# The portal's switches


@pytest.mark.parametrize(
    ("enabled", "wish", "level", "text"),
    [
        (True, "auto", OK, "Message Content Intent is on"),
        (True, "off", OK, "not asked for"),
        (False, "off", OK, "not asked for"),
        (False, "auto", WARNING, "it cannot follow a thread without being mentioned, see earlier messages"),
        (False, "on", PROBLEM, "Discord will refuse the connection"),
    ],
)
async def test_message_content_is_held_against_the_setting(
    server: DiscordServer, settings: DiscordSettings, *, enabled: bool, wish: str, level: Level, text: str
) -> None:
    """What is lost without it, and whether that is what the operator wants."""
    server.intents = {"message_content"} if enabled else set()

    found = await check(replace(settings, message_content=wish))

    ((told_level, told),) = found.of("Discord message content")
    assert told_level is level
    assert text in told


async def test_message_content_names_the_switch(server: DiscordServer, settings: DiscordSettings) -> None:
    """The way through the portal, and the setting that accepts things as they are."""
    server.intents = set()

    fix = (await check(settings)).fix("Message Content Intent is off")

    assert "→ Bot → Privileged Gateway Intents: switch on Message Content Intent, then Save Changes" in fix
    assert fix.endswith('set [discord] message_content = "off"')


async def test_interactions_that_go_elsewhere_are_a_problem(server: DiscordServer, settings: DiscordSettings) -> None:
    """With a web address set, no command reaches a bot on the gateway."""
    server.interactions_endpoint_url = "https://example.org/interactions"

    found = await check(settings)

    assert found.of("Discord application")[0] == (
        PROBLEM,
        "commands and buttons go to a web address, and never reach the bot",
    )
    assert "empty Interactions Endpoint URL" in found.fix("never reach the bot")


async def test_installation_that_is_off_is_told(server: DiscordServer, settings: DiscordSettings) -> None:
    """Servers are what a bot is for; accounts are the operator's choice."""
    server.install_types = ("1",)
    without_servers = await check(settings)
    server.install_types = ("0",)
    without_accounts = await check(settings)

    assert without_servers.of("Discord application")[0] == (WARNING, "it cannot be added to servers")
    assert "tick Guild Install" in without_servers.fix("cannot be added to servers")
    ((level, text),) = without_accounts.of("Discord application")
    assert (level, "tick User Install" in text) == (OK, True)


async def test_code_grant_and_private_bot_are_told(server: DiscordServer, settings: DiscordSettings) -> None:
    """One keeps everybody from inviting it, the other everybody but its owner."""
    body = {"id": str(server.bot.id), "name": "x", "bot_require_code_grant": True, "bot_public": False}
    server.will("GET", "/applications/@me", says(body))

    found = await check(settings)

    assert [level for level, _ in found.of("Discord application")] == [PROBLEM, OK, OK]
    assert "switch off Requires OAuth2 Code Grant" in found.fix("cannot be invited")


# The gateway


async def test_unreachable_gateway_is_a_problem(server: DiscordServer, settings: DiscordSettings) -> None:
    """It is another address than the API's, and may be shut where that is open."""
    found = await check(replace(settings, gateway_url="ws://127.0.0.1:9/"))

    ((level, text),) = found.of("Discord gateway")
    assert (level, text.partition(" (")[0]) == (PROBLEM, "the gateway 127.0.0.1 is not reachable")


async def test_gateway_that_begins_otherwise_is_a_problem(server: DiscordServer, settings: DiscordSettings) -> None:
    """Something else listens there."""

    async def serve(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 11})
        return socket

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    found = await check(replace(settings, gateway_url=f"ws://127.0.0.1:{runner.addresses[0][1]}/"))

    await runner.cleanup()
    ((level, text),) = found.of("Discord gateway")
    assert (level, text.partition(";")[0]) == (PROBLEM, "the gateway 127.0.0.1 began with opcode 11, expected 10")


@pytest.mark.parametrize(("left", "level"), [(99, WARNING), (0, PROBLEM)])
async def test_used_up_session_starts_are_told(
    server: DiscordServer, settings: DiscordSettings, left: int, level: Level
) -> None:
    """A bot that restarts all day loses its token."""
    limit = {"total": 1000, "remaining": left, "reset_after": 3_600_000, "max_concurrency": 1}
    server.will("GET", "/gateway/bot", says({"url": "", "shards": 1, "session_start_limit": limit}))

    found = await check(settings)

    assert found.of("Discord gateway") == [(level, f"answers; {left} of 1,000 session starts are left")]


# The clock


async def test_wrong_clock_is_told(server: DiscordServer, settings: DiscordSettings) -> None:
    """Discord's answers tell the time."""
    late = discord_findings(settings, lambda: datetime.now(UTC) - timedelta(minutes=2))

    (finding,) = [finding async for finding in late if finding.about == "clock"]

    assert finding.level is WARNING
    assert " s behind that of 127.0.0.1" in finding.text


# Servers and permissions


async def test_bot_without_server_is_told_how_to_be_invited(server: DiscordServer, settings: DiscordSettings) -> None:
    """It works, and nobody can talk to it but in direct messages."""
    found = await check(settings)

    assert found.of("Discord servers")[0][0] is WARNING
    assert found.fix("in 0, with about 0 members") == "add it to a server: forgetmenot discord invite"


@pytest.mark.parametrize(("members", "level"), [(4_999, OK), (5_000, WARNING)])
async def test_review_begins_with_ten_thousand_members(
    server: DiscordServer, settings: DiscordSettings, members: int, level: Level
) -> None:
    """Discord reviews who reads the messages of so many; all servers count together."""
    guilds = [server.add_guild(name) for name in ("A", "B")]
    listed = [{"id": str(one.id), "name": one.name, "approximate_member_count": members} for one in guilds]
    server.will("GET", "/users/@me/guilds", says(listed))

    found = await check(settings)

    assert found.of("Discord servers")[0][0] is level


async def test_permission_that_is_missing_everywhere(server: DiscordServer, settings: DiscordSettings) -> None:
    """Without those that it answers with the bot is silent, which is a problem; others cost less."""
    guild = server.add_guild("Garden")
    guild.add_channel("beds")
    guild.forbid("read_message_history", "attach_files")

    found = await check(settings)

    assert found.of("Discord server Garden") == [
        (PROBLEM, "Read Message History is missing, which the bot needs to reply, and to see what led to it"),
        (WARNING, "Attach Files is missing, which the bot needs to hand out exports"),
    ]
    assert found.fix("Attach Files") == (
        "Server Settings → Roles → Forget-me-not → Permissions: switch on Attach Files"
    )


async def test_channel_that_denies_what_the_role_allows(server: DiscordServer, settings: DiscordSettings) -> None:
    """With no other channel to answer in it is a problem, and the fix is the channel's."""
    guild = server.add_guild("Garden")
    guild.add_channel("beds").forbid("send_messages")

    found = await check(settings)

    assert found.of("Discord server Garden") == [(PROBLEM, "Send Messages is missing, which the bot needs to answer")]
    assert found.fix("Send Messages").startswith("the channel → Edit Channel")


async def test_permission_that_is_missing_in_channels(server: DiscordServer, settings: DiscordSettings) -> None:
    """They are named, a handful of them; it may be meant."""
    guild = server.add_guild("Garden")
    guild.add_channel("beds")
    for number in range(7):
        guild.add_channel(f"rules-{number}").forbid("send_messages")

    found = await check(settings)

    ((level, text),) = found.of("Discord server Garden")
    assert level is WARNING
    assert text == (
        "Send Messages is missing in #rules-0, #rules-1, #rules-2, #rules-3, #rules-4 and 2 more, "
        "which the bot needs to answer"
    )
    assert found.fix("#rules-0").endswith(
        "Edit Channel → Permissions → Forget-me-not: allow Send Messages; unless that is meant"
    )


async def test_hidden_channels_are_no_fault(server: DiscordServer, settings: DiscordSettings) -> None:
    """What the bot does not see it need not answer in."""
    guild = server.add_guild("Garden")
    guild.add_channel("beds")
    guild.add_channel("staff", private=True)

    found = await check(settings)

    assert found.of("Discord server Garden") == [
        (OK, "has its permissions in every channel that it sees (1; hidden from it: 1)")
    ]


async def test_server_without_a_channel_for_the_bot_is_a_problem(
    server: DiscordServer, settings: DiscordSettings
) -> None:
    """It was invited, and sees nothing."""
    server.add_guild("Garden").add_channel("staff", private=True)

    found = await check(settings)

    assert found.of("Discord server Garden") == [(PROBLEM, "the bot sees no channel")]


async def test_new_posts_of_a_forum_are_not_the_bots(server: DiscordServer, settings: DiscordSettings) -> None:
    """There it answers in threads, for which it has a permission of their own."""
    guild = server.add_guild("Garden")
    guild.add_channel("seeds", forum=True).forbid("send_messages")

    found = await check(settings)

    assert found.of("Discord server Garden") == [(OK, "has its permissions in every channel that it sees (1)")]


async def test_administrator_is_too_much(server: DiscordServer, settings: DiscordSettings) -> None:
    """It sees every channel then, also those that nobody meant it to."""
    guild = server.add_guild("Garden", with_bot=False)
    guild.adds_bot("administrator")
    guild.add_channel("staff", private=True)

    found = await check(settings)

    (first, second) = found.of("Discord server Garden")
    assert first == (WARNING, "the bot is administrator, which it never needs")
    assert second[0] is OK


async def test_one_server_that_cannot_be_looked_at_fails_alone(
    server: DiscordServer, settings: DiscordSettings
) -> None:
    """The next one is looked at all the same."""
    hidden, shown = server.add_guild("Hidden"), server.add_guild("Shown")
    shown.add_channel("beds")
    server.will("GET", f"/guilds/{hidden.id}/channels", status(403))

    found = await check(settings)

    ((level, text),) = found.of("Discord server Hidden")
    assert (level, text.partition(" to this bot")[0]) == (
        PROBLEM,
        f"Discord does not show GET guilds/{hidden.id}/channels",
    )
    assert [level for level, _ in found.of("Discord server Shown")] == [OK]


async def test_many_servers_are_not_all_looked_at(server: DiscordServer, settings: DiscordSettings) -> None:
    """Only the first are, and that is said."""
    for number in range(CHECKED_GUILDS + 1):
        server.add_guild(f"G{number}").add_channel("beds")

    found = await check(settings)

    assert found.of(f"Discord server G{CHECKED_GUILDS - 1}") != []
    assert found.of(f"Discord server G{CHECKED_GUILDS}") == []
    assert found.of("Discord servers")[-1] == (OK, f"only the first {CHECKED_GUILDS} were looked at")


VIEW, SEND = Permissions(view_channel=True).value, Permissions(send_messages=True).value


@pytest.mark.parametrize(
    ("base", "overwrites", "value"),
    [
        (VIEW | SEND, [], VIEW | SEND),
        (VIEW | SEND, [Overwrite("guild", 0, SEND)], VIEW),
        (VIEW, [Overwrite("guild", 0, SEND), Overwrite("role", SEND, 0)], VIEW | SEND),
        (VIEW | SEND, [Overwrite("role", 0, SEND), Overwrite("other", SEND, 0)], VIEW),
        (VIEW, [Overwrite("role", 0, SEND), Overwrite("second", SEND, 0)], VIEW | SEND),
        (VIEW | SEND, [Overwrite("role", SEND, 0), Overwrite("me", 0, SEND)], VIEW),
        (Permissions(administrator=True).value, [Overwrite("me", 0, VIEW)], Permissions.all().value),
    ],
)
def test_overwrites_apply_in_discords_order(base: int, overwrites: list[Overwrite], value: int) -> None:
    """Everyone's, then those of all roles together, then the member's own; an administrator is above them."""
    found = in_channel(base, overwrites, guild_id="guild", role_ids={"guild", "role", "second"}, user_id="me")

    assert found.value == value


def test_nothing_more_is_asked_for_than_is_given_a_reason() -> None:
    """Five permissions, none of which changes anything for others."""
    assert wanted().value == 1 << 10 | 1 << 11 | 1 << 15 | 1 << 16 | 1 << 38
    assert all(need.reason for need in NEEDS)
    assert not wanted().administrator


# Commands


async def test_missing_and_foreign_commands_are_told(server: DiscordServer, settings: DiscordSettings) -> None:
    """Those of this version that Discord does not have, and those that it has from elsewhere."""
    ours = commands_of_this_version()
    server.commands[None] = [{**ours[0], "name": "dance"}, *ours[1:]]

    found = await check(settings)

    assert found.of("Discord commands") == [
        (WARNING, f"not registered yet: {ours[0]['name']}"),
        (WARNING, "registered by another program or version: dance"),
    ]


async def test_commands_of_one_server_are_shown_twice(server: DiscordServer, settings: DiscordSettings) -> None:
    """The bot registers for all servers; what another program left for one can be removed with a line."""
    guild = server.add_guild("Garden")
    guild.add_channel("beds")
    server.commands[guild.id] = [{"id": "1", "type": 1, "name": "remember", "description": "x"}]

    found = await check(settings)

    assert (WARNING, "people may see commands twice: remember are registered for this server too") in found.of(
        "Discord server Garden"
    )
    assert f"/applications/{server.bot.id}/guilds/{guild.id}/commands" in found.fix("twice")
    assert server.token not in found.fix("twice")


def test_commands_as_discord_returns_them_are_the_same() -> None:
    """It adds keys, leaves out what says nothing, and writes permissions as text."""
    ours = commands_of_this_version()
    theirs = [
        {**{key: value for key, value in one.items() if value}, "id": "1", "version": "2", "description_localized": "x"}
        for one in ours
    ]
    for one in theirs:
        one["default_member_permissions"] = str(one.get("default_member_permissions") or "") or None

    assert [finding.level for finding in compared(ours, theirs)] == [OK]


def test_changed_description_is_a_change() -> None:
    """A command of the same name that says something else is told."""
    ours = commands_of_this_version()
    theirs = [{**ours[0], "description": "Something else"}, *ours[1:]]

    (finding,) = compared(ours, theirs)

    assert (finding.level, finding.text.rpartition(": ")[2]) == (WARNING, ours[0]["name"])


@pytest.mark.parametrize(
    ("sent", "kept", "same"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": None}, {}, True),
        ({"a": 32}, {"a": "32"}, True),
        ({"a": [1, 2]}, {"a": [1, 3]}, False),
        ({"a": [{"b": 1}]}, {"a": []}, False),
        ({"a": []}, {"a": None}, True),
        ({"a": {"b": 1}}, {"a": 1}, False),
    ],
)
def test_what_counts_as_the_same(sent: object, kept: object, same: bool) -> None:
    """All that was sent has to be there."""
    assert covers(sent, kept) is same


def test_switches_are_read_from_the_application() -> None:
    """Where it can be added is told as the portal has it."""
    read = Application.read({"id": 1, "name": "x", "flags": 1 << 18, "integration_types_config": {"1": {}}})

    assert (read.reads_messages, read.in_servers, read.for_users) == (True, False, True)
    assert [finding.text for finding in application_findings(dataclasses.replace(read, in_servers=True))] == [
        "people can install it for themselves"
    ]
