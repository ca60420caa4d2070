"""Slash commands: what each does, who sees it, and where it works."""

from __future__ import annotations

import json

import pytest

from bot.types import Mode, Place, PlaceKind, Policy, Statement
from tests.discord.interface_world import Bot, World, bot, labels, opened_world, scope_of, seen, world
from tests.servers.discord.nouns import Channel

__all__ = ["bot", "opened_world", "world"]

EVERY_COMMAND: dict[str, dict[str, object]] = {
    "remember": {"text": "I'm vegan"},
    "forget": {"what": "tea"},
    "memories": {},
    "recall": {"query": "What do I eat?"},
    "why": {},
    "export": {},
    "privacy": {},
    "pause": {},
    "resume": {},
    "new": {},
    "undo": {},
    "help": {},
    "settings": {},
    "usage": {},
}


async def test_every_command_is_answered_at_once_and_to_the_asker_alone(world: World, bot: Bot) -> None:
    """Whatever the command, an admin in a server has an answer within a second that nobody else sees."""
    uses = {name: await world.ada.runs(world.channel, name, given) for name, given in EVERY_COMMAND.items()}

    registered = {command["name"] for command in world.server.commands[None] if command["type"] == 1}
    assert set(EVERY_COMMAND) == registered
    for name, use in uses.items():
        assert (await seen(use)).content, name
        assert use.acknowledged_after_s is not None, name
        assert use.acknowledged_after_s < 1, name


async def test_commands_work_in_direct_messages(world: World, bot: Bot) -> None:
    """What is remembered in direct messages is kept there, and the server knows nothing of it."""
    message = await seen(await world.ann.runs(world.ann.dm, "remember", {"text": "I'm vegan"}))

    assert message.content.startswith("Remembered: #1")
    assert await bot.texts(world.ann, world.ann.dm) == ["I'm vegan"]
    assert await bot.texts(world.ann, world.channel) == []


async def test_remember_says_what_is_on_disk_and_can_be_undone(world: World, bot: Bot) -> None:
    """/remember is kept when it says so; the button under it takes it back, and goes."""
    message = await seen(await world.ann.runs(world.channel, "remember", {"text": "I'm vegan"}))
    kept = await bot.texts(world.ann, world.channel)
    marks = labels(message)
    undone = await (await world.ann.presses(message, "remembered · undo")).until(lambda: labels(message) == [])

    assert message.content.startswith("Remembered: #1 I'm vegan")
    assert (kept, marks) == (["I'm vegan"], ["remembered · undo"])
    assert "vegan" in undone.messages[-1].content
    assert await bot.texts(world.ann, world.channel) == []


async def test_remember_takes_kind_and_reach(world: World, bot: Bot) -> None:
    """What is chosen beside the text is kept with it."""
    chosen = {"text": "We meet on Mondays", "kind": "decision", "for": "everyone"}
    await seen(await world.ann.runs(world.channel, "remember", chosen))
    (note,) = await bot.app.core.list(scope_of(world.ann, world.channel).shared)

    assert (note.text, note.kind, note.reach) == ("We meet on Mondays", "decision", "everyone")


async def test_remember_takes_words_that_look_like_an_option_as_words(world: World, bot: Bot) -> None:
    """A text is a text: only what is chosen beside it is an option."""
    await seen(await world.ann.runs(world.channel, "remember", {"text": "/forget kind:fact is a strange name"}))

    assert await bot.texts(world.ann, world.channel) == ["/forget kind:fact is a strange name"]


@pytest.mark.parametrize(("pressed", "left"), [("Remember it", ["I have asthma"]), ("Don't", [])])
async def test_personal_matters_wait_for_a_button(world: World, bot: Bot, pressed: str, left: list[str]) -> None:
    """What is kept after a yes only is asked with two buttons, which go once one is pressed."""
    message = await seen(await world.ann.runs(world.channel, "remember", {"text": "I have asthma"}))
    asked = labels(message)
    await (await world.ann.presses(message, pressed)).until(lambda: labels(message) == [])

    assert asked == ["Remember it", "Don't"]
    current = [m.text for m in await bot.app.core.list(scope_of(world.ann, world.channel)) if m.status == "current"]
    assert current == left


async def test_a_secret_is_refused_and_not_repeated(world: World, bot: Bot, canary: str) -> None:
    """A key given to /remember is neither kept, nor shown again, nor logged."""
    secret = f"sk-proj-{canary}0123456789abcdefghij0123456789"
    message = await seen(await world.ann.runs(world.channel, "remember", {"text": f"My key is {secret}"}))

    assert "secret" in message.content
    assert secret not in message.content
    assert await bot.texts(world.ann, world.channel) == []


async def test_recall_shows_what_fits(world: World, bot: Bot) -> None:
    """/recall names the memories for a question."""
    await bot.learns(world.ann, world.channel, "I'm vegan", "My car is red")

    assert "I'm vegan" in (await seen(await world.ann.runs(world.channel, "recall", {"query": "Am I vegan?"}))).content


async def test_sources_are_links_or_named(world: World, bot: Bot) -> None:
    """/recall and /why say where a memory came from: with a link to the message, or that it was a command."""
    said = await world.ann.says(world.channel, "I like green tea")
    await bot.learns(world.ann, world.channel, "I like green tea", source=str(said.id))
    await seen(await world.ann.runs(world.channel, "remember", {"text": "Black tea keeps me awake"}))
    text = (await seen(await world.ann.runs(world.channel, "recall", {"query": "tea"}))).content

    assert [line for line in sorted(text.splitlines()) if line.startswith("  from")] == [
        "  from a command",
        f"  from https://discord.com/channels/{world.guild.id}/{world.channel.id}/{said.id}",
    ]


MARKED = "I like **tea** and `jam` and _bread_"
ESCAPED = r"I like \*\*tea\*\* and \`jam\` and \_bread\_"


async def test_memories_are_shown_as_they_were_said(world: World, bot: Bot) -> None:
    """No command lets the words of a memory format its answer."""
    runs = world.ann.runs
    shown = [await seen(await runs(world.channel, "remember", {"text": MARKED}))]
    shown.append(await seen(await runs(world.channel, "recall", {"query": "tea"})))
    await (await world.ann.presses(shown[0], "remembered · undo")).answered()
    await seen(await runs(world.channel, "remember", {"text": MARKED}))
    shown.append(await seen(await runs(world.channel, "undo")))

    assert [ESCAPED in message.content for message in shown] == [True] * 3


async def test_export_is_a_file_with_one_memory_a_line(world: World, bot: Bot) -> None:
    """/export hands over everything as a file that only the asker sees, in a public channel too."""
    await bot.learns(world.ann, world.channel, "I'm vegan", "My car is red")
    (file,) = (await seen(await world.ann.runs(world.channel, "export"))).attachments

    assert file.name == "memories.jsonl"
    assert [json.loads(line)["text"] for line in file.content.decode().splitlines()] == ["I'm vegan", "My car is red"]


async def test_export_in_direct_messages_is_a_file_too(world: World, bot: Bot) -> None:
    """What is kept comes whole and as it is, links included, not as lines of a message."""
    await bot.learns(world.ann, world.ann.dm, "My page is https://ann.example/a_b_c")
    message = await seen(await world.ann.runs(world.ann.dm, "export"))

    (file,) = message.attachments
    assert json.loads(file.content)["text"] == "My page is https://ann.example/a_b_c"
    assert "https" not in message.content


async def test_export_of_nothing_is_a_line(world: World, bot: Bot) -> None:
    """Where nothing is kept there is no empty file."""
    message = await seen(await world.ann.runs(world.channel, "export"))

    assert message.attachments == []
    assert message.content == "There is nothing to export."


async def test_privacy_buttons_change_what_is_kept(world: World, bot: Bot) -> None:
    """Pause and resume, opt-out and opt-in are pressed under /privacy, and the buttons follow."""
    scope, core = scope_of(world.ann, world.channel), bot.app.core
    message = await seen(await world.ann.runs(world.channel, "privacy"))
    states = [(labels(message), await core.mode(scope))]
    for pressed in ("Pause", "Resume", "Opt out", "Opt in", "Opt out everywhere", "Opt in everywhere"):
        await (await world.ann.presses(message, pressed)).answered()
        states.append((labels(message), await core.mode(scope)))

    assert states == [
        (["Pause", "Opt out", "Opt out everywhere"], Mode.AUTO),
        (["Resume", "Opt out", "Opt out everywhere"], Mode.COMMANDS),
        (["Pause", "Opt out", "Opt out everywhere"], Mode.AUTO),
        (["Opt in", "Opt out everywhere"], Mode.OFF),
        (["Pause", "Opt out", "Opt out everywhere"], Mode.AUTO),
        (["Opt in everywhere"], Mode.OFF),
        (["Pause", "Opt out", "Opt out everywhere"], Mode.AUTO),
    ]


@pytest.mark.parametrize(("choice", "there"), [("opt out", Mode.AUTO), ("opt out everywhere", Mode.OFF)])
async def test_privacy_takes_the_choice_itself(world: World, bot: Bot, choice: str, there: Mode) -> None:
    """What the texts name can be chosen beside the command; it says how far it reaches, and reaches so far."""
    core = bot.app.core
    out = await seen(await world.ann.runs(world.channel, "privacy", {"choice": choice}))
    modes = [await core.mode(scope_of(world.ann, channel)) for channel in (world.channel, world.ann.dm)]
    back = choice.replace("out", "in")
    await seen(await world.ann.runs(world.channel, "privacy", {"choice": back}))

    assert ("everywhere on Discord" if there is Mode.OFF else "in this server") in out.content.partition(":")[0]
    assert modes == [Mode.OFF, there]
    assert await core.mode(scope_of(world.ann, world.channel)) is Mode.AUTO


RIGHTS: tuple[tuple[str, dict[str, object], tuple[str, ...]], ...] = (
    ("privacy", {}, ("Pause", "Resume", "Opt out", "Opt in", "Opt out everywhere", "Opt in everywhere")),
    ("privacy", {"choice": "opt out"}, ()),
    ("pause", {}, ()),
    ("resume", {}, ()),
    ("export", {}, ()),
    ("memories", {}, ()),
    ("undo", {}, ()),
    ("help", {}, ()),
    ("forget", {"what": "tea"}, ("Forget",)),
    ("forget", {"what": "everything"}, ("In this server", "Erase everything")),
)
"""What everybody has a right to, and what is pressed there."""


@pytest.mark.parametrize(("name", "given", "presses"), RIGHTS)
async def test_no_choice_of_channels_bars_from_a_right(
    world: World, bot: Bot, name: str, given: dict[str, object], presses: tuple[str, ...]
) -> None:
    """Where admins do not want the bot, everybody can still see, take along and erase what it keeps, and leave."""
    await bot.learns(world.ann, world.channel, "I like tea", "I like coffee")
    await bot.app.policies.set("discord", str(world.guild.id), Policy(channels=frozenset({"1"})))
    barred = await seen(await world.ann.runs(world.channel, "new"))
    message = await seen(await world.ann.runs(world.channel, name, given))
    for pressed in presses:
        await (await world.ann.presses(message, pressed)).answered()

    assert "not to be used here" in barred.content
    assert [text for text in (message.content, *message.states) if "not to be used here" in text] == []


async def test_new_people_are_told_what_the_bot_is(world: World, bot: Bot) -> None:
    """The first command of somebody brings the notice in small print before its answer, and the next one does not."""
    cat = world.server.add_person("Cat")
    world.guild.add_member(cat)
    told = [await seen(await cat.runs(world.channel, "remember", {"text": f"I like {one}"})) for one in ("tea", "jam")]

    assert told[0].content.startswith("-# I'm ")
    assert "\nRemembered: #1 I like tea" in told[0].content
    assert told[1].content == "Remembered: #2 I like jam"


async def test_commands_are_for_one_person_only(world: World, bot: Bot) -> None:
    """Nobody is shown, or forgets, what somebody else told."""
    await bot.learns(world.ann, world.channel, "I like tea")
    listed = await seen(await world.ben.runs(world.channel, "memories"))
    forgotten = await seen(await world.ben.runs(world.channel, "forget", {"what": "tea"}))
    suggested = await world.ben.types(world.channel, "forget", "what", "tea")

    assert "tea" not in listed.content
    assert "no memory" in forgotten.content
    assert suggested == []
    assert await bot.texts(world.ann, world.channel) == ["I like tea"]


async def test_a_private_thread_is_remembered_as_private(world: World, bot: Bot) -> None:
    """Where a command is given decides where the memory may be recalled."""
    thread = world.channel.add_thread("secret", private=True, owner=world.ann, members=[world.server.bot])
    await seen(await world.ann.runs(thread, "remember", {"text": "I'm vegan"}))
    (memory,) = await bot.app.core.list(scope_of(world.ann, world.channel))

    assert memory.place.kind is PlaceKind.PRIVATE
    assert memory.place.thread_id == str(thread.id)


# As somebody's own app, in servers that the bot is no member of


@pytest.fixture
def foreign(world: World) -> Channel:
    """A channel of a server without the bot, where Ann has it as her own app, and manages the server."""
    guild = world.server.add_guild("Elsewhere", with_bot=False)
    guild.add_member(world.ann, admin=True)
    world.ann.installs()
    return guild.add_channel("general")


async def test_own_app_remembers_in_a_foreign_server(world: World, bot: Bot, foreign: Channel) -> None:
    """Where the bot is no member, commands work; the place counts as private, since nothing is known of it."""
    await seen(await world.ann.runs(foreign, "remember", {"text": "I'm vegan"}))
    (memory,) = await bot.app.core.list(scope_of(world.ann, foreign))

    assert memory.place == Place(PlaceKind.PRIVATE, str(foreign.id))


async def test_own_app_says_what_cannot_work_there(world: World, bot: Bot, foreign: Channel) -> None:
    """/help says plainly that only commands work, and tells not even that server's admin of those about a server."""
    helped = await seen(await world.ann.runs(foreign, "help"))

    assert "not a member of this server" in helped.content
    assert "/settings" not in helped.content


async def test_admin_commands_are_offered_in_own_servers_alone(world: World, bot: Bot) -> None:
    """Where they could only refuse they are not shown: in direct messages, and as somebody's own app."""
    offered = {one["name"]: one for one in world.server.commands[None] if one["name"] in ("settings", "usage")}

    assert {name: (one["contexts"], one["integration_types"]) for name, one in offered.items()} == {
        "settings": ([0], [0]),
        "usage": ([0], [0]),
    }


@pytest.mark.parametrize("is_admin", [True, False])
async def test_help_tells_of_everything_that_is_registered(world: World, bot: Bot, is_admin: bool) -> None:
    """Each command with its options, the entries of a message's menu and the buttons; admins' own to admins alone."""
    person = world.ada if is_admin else world.ann
    text = (await seen(await person.runs(world.channel, "help"))).content

    for command in world.server.commands[None]:
        shown = f"`/{command['name']}" if command["type"] == 1 else f"“{command['name']}”"
        assert (shown in text) is (is_admin or command["name"] not in ("settings", "usage")), command["name"]
    assert "`/remember text [kind] [for]` – Keep something" in text
    assert "remembered · undo" in text


async def test_own_app_keeps_to_five_follow_ups(world: World, foreign: Channel) -> None:
    """A long answer takes six messages where Discord allows no more; the rest is a file, and nothing is lost."""
    place = Place(PlaceKind.PRIVATE, str(foreign.id))
    texts = [f"Fact {number}: I like {'tea ' * 450}" for number in range(10)]
    statements = [Statement(text, place, as_given=True) for text in texts]
    async with world.bot(memory={"recall_tokens": 1_000_000}) as bot:
        await bot.app.core.remember_all(scope_of(world.ann, foreign), statements)
        use = await world.ann.runs(foreign, "recall", {"query": "tea"})
        await use.until(lambda: use.messages and use.messages[-1].attachments)
    shown = "\n".join([use.text, use.messages[-1].attachments[0].content.decode()])

    assert use.is_guest
    assert (len(use.messages), use.follow_ups) == (6, 5)
    assert use.messages[-1].attachments[0].name == "rest.txt"
    assert [f"Fact {number}:" in shown for number in range(10)] == [True] * 10


async def test_direct_messages_between_others_are_private(world: World, bot: Bot) -> None:
    """In somebody else's direct messages the bot is a guest, so what is said there is not a DM with the bot."""
    world.ann.installs()
    channel = world.ann.dm_with(world.ben)
    await seen(await world.ann.runs(channel, "remember", {"text": "I'm vegan"}))
    (memory,) = await bot.app.core.list(scope_of(world.ann, channel))

    assert memory.place.kind is PlaceKind.PRIVATE
