"""The local Discord server and the real discord.py client understand each other: commands, buttons, forms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.discord.server.practice_bot import PracticeBot, connected, points_at
from tests.discord.server.practice_commands import Panel, register
from tests.servers.discord import Channel, DiscordServer, Guild, Impossible, Person, faults


@pytest.fixture
async def bot(server: DiscordServer, guild: Guild) -> AsyncIterator[PracticeBot]:
    """A connected bot whose commands are registered."""
    async with connected(server) as bot:
        await register(bot)
        yield bot

    assert server.violations == []


async def test_deferred_command(server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot) -> None:
    """The follow-up fills the deferred answer and is seen by whom the defer was for; options arrive resolved."""
    use = await ann.runs(general, "remember", {"text": "I'm vegan", "about": ann})
    await use.answered()

    assert (use.deferred, use.ephemeral, use.text) == (True, True, "Ann: I'm vegan")
    assert use.acknowledged_after_s is not None
    assert use.acknowledged_after_s < 1
    assert len(use.messages) == 1
    assert use.messages[0].is_ephemeral
    assert server.said(general) == []


async def test_public_answer(server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot) -> None:
    """A public answer stands in the channel."""
    use = await ann.runs(general, "/list add", {"entry": "tea"})

    assert use.text == "added tea"
    assert server.said(general) == use.messages


async def test_autocomplete(general: Channel, ann: Person, bot: PracticeBot) -> None:
    """Typing brings up choices."""
    choices = await ann.types(general, "forget", "what", "van")

    assert [choice["value"] for choice in choices] == ["vanilla", "van"]


async def test_context_menu_shows_the_message(general: Channel, ann: Person, bot: PracticeBot) -> None:
    """The target of a context menu is shown even without the message-content intent."""
    use = await ann.runs_on(await ann.says(general, "a secret"), "Repeat this")

    assert (use.text, use.ephemeral) == ("it says: a secret", True)


async def test_form(server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot) -> None:
    """A button opens a form; what is filled in changes the message that it came from."""
    panel = (await ann.runs(general, "panel")).messages[0]
    use = await ann.presses(panel, "edit")
    sent = await use.submit({"Text": "new", "Kind": ["taste"]})

    assert use.modal is not None
    assert use.modal["title"] == "Correct it"
    assert (panel.content, panel.buttons, sent.messages) == ("new: taste", [], [panel])


async def test_form_refuses_what_the_client_would(general: Channel, ann: Person, bot: PracticeBot) -> None:
    """A text that is too long, or a field that is not there, is the test's mistake."""
    use = await ann.presses((await ann.runs(general, "panel")).messages[0], "edit")

    with pytest.raises(Impossible, match="takes 1 to 20 characters"):
        await use.submit({"Text": "x" * 21})
    with pytest.raises(Impossible, match="no field"):
        await use.submit({"Colour": "red"})


async def test_select_and_deferred_update(general: Channel, ann: Person, bot: PracticeBot) -> None:
    """A list sends what was chosen; a button may change its message after it was acknowledged."""
    panel = (await ann.runs(general, "panel")).messages[0]
    chosen = await ann.presses(panel, "which?", ["two"])
    later = await ann.presses(panel, "later")
    await later.answered()

    assert (chosen.text, chosen.ephemeral) == ("chosen: two", True)
    assert (later.text, panel.content) == ("changed later", "changed later")


async def test_button_outlives_the_bot(server: DiscordServer, general: Channel, ann: Person) -> None:
    """A button on a message of an earlier run works when the bot registered it again."""
    async with connected(server) as bot:
        await register(bot)
        panel = (await ann.runs(general, "panel")).messages[0]
    async with connected(server) as again:
        again.add_view(Panel(timeout=None))
        use = await ann.presses(panel, "edit")

    assert use.modal is not None
    assert server.unacknowledged() == []


async def test_only_what_is_there_can_be_used(
    server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot
) -> None:
    """Commands, options, buttons and choices that the bot does not offer are the test's mistake."""
    panel = (await ann.runs(general, "panel")).messages[0]
    impossible = [
        ann.runs(general, "unheard-of"),
        ann.runs(general, "remember", {"text": 5}),
        ann.runs(general, "remember", {}),
        ann.runs(general, "remember", {"text": "x" * 101}),
        ann.runs(general, "list"),
        ann.runs(general, "settings"),
        ann.runs(ann.dm_with(server.owner), "panel"),
        ann.types(general, "remember", "text", "x"),
        ann.presses(panel, "save"),
        ann.presses(panel, "which?", ["three"]),
    ]

    for attempt in impossible:
        with pytest.raises(Impossible):
            await attempt


async def test_admin_sees_more_commands(
    server: DiscordServer, guild: Guild, general: Channel, bot: PracticeBot
) -> None:
    """A command for those with a permission is offered to them."""
    boss = server.add_person("Boss")
    guild.add_member(boss, admin=True)
    use = await boss.runs(general, "settings")

    assert use.text == "settings"


async def test_user_install_works_anywhere(server: DiscordServer, ann: Person, bot: PracticeBot) -> None:
    """Who added the bot to their account uses it in guilds and direct messages that it is not in."""
    ann.installs()
    elsewhere = server.add_guild("Elsewhere", with_bot=False)
    elsewhere.add_member(ann)
    places = [elsewhere.add_channel("hall"), ann.dm_with(server.owner), ann.dm]
    uses = [await (await ann.runs(place, "remember", {"text": "tea"})).answered() for place in places]

    assert [use.text for use in uses] == ["Ann: tea"] * 3
    assert [(use.context, use.owners) for use in uses] == [
        (0, {"1": str(ann.id)}),
        (2, {"1": str(ann.id)}),
        (1, {"0": "0", "1": str(ann.id)}),
    ]


async def test_guest_follows_up_five_times(server: DiscordServer, guild: Guild, ann: Person, bot: PracticeBot) -> None:
    """Where the bot is a guest it may follow up five times; at home it may go on."""
    ann.installs()
    abroad = await ann.runs(ann.dm_with(server.owner), "chatty")
    at_home = await ann.runs(guild.add_channel("hall"), "chatty")
    await server.until(lambda: len(abroad.messages) == 6 and len(at_home.messages) == 7)
    await server.until(lambda: server.violations)

    assert [note.split(": ")[1][:9] for note in server.violations] == ["400 40094"]
    server.violations.clear()


async def test_silence_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interaction that is never acknowledged is seen at any time, and counted when the server closes."""
    async with DiscordServer() as server:
        points_at(server, monkeypatch)
        guild = server.add_guild("Garden")
        async with connected(server) as bot:
            await register(bot)
            running = asyncio.create_task(server.owner.runs(guild.add_channel("general"), "mute"))
            await server.until(server.unacknowledged)
            running.cancel()
        before = list(server.violations)

    assert before == []
    assert server.violations == [f"interaction {server.unacknowledged()[0].id} was never acknowledged"]


async def test_late_answer_is_refused(server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot) -> None:
    """What takes more than three seconds finds its token dead."""
    open_gate = asyncio.Event()
    server.will("POST", "/interactions/*/*/callback", faults.held(open_gate))
    running = asyncio.create_task(ann.runs(general, "list add", {"entry": "tea"}))
    await server.until(lambda: server.requests[-1].path.endswith("/callback"))
    server.advance(3.1)
    open_gate.set()
    await server.until(lambda: server.violations)
    running.cancel()

    assert "404 10062 Unknown interaction" in server.violations.pop()
    server.uses.clear()
