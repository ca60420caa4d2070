"""The local Discord server and the real discord.py client understand each other: messages, threads, files, people."""

from __future__ import annotations

import io

import discord
import pytest

from tests.discord.server.practice_bot import PracticeBot, connected
from tests.servers.discord import Channel, DiscordServer, Guild, Impossible, Person

ALL_MESSAGES = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)


async def test_mention_is_answered(server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot) -> None:
    """What a person says reaches the bot, and its reply and edit reach the channel; nobody is pinged."""
    said = await ann.says(general, f"{server.mention} hello")
    reply = await server.next_message(general, after=said)
    await server.until(lambda: "hello" in reply.content)

    assert server.replies_to(said) == [reply]
    assert reply.states == ["one moment", f"you said: {server.mention} hello"]
    assert len(server.edit_times(general)) == 1
    assert (server.pings, server.reply_pings) == ([], [])


async def test_direct_message_is_answered(server: DiscordServer, ann: Person, bot: PracticeBot) -> None:
    """A direct message needs no mention."""
    said = await ann.says(ann.dm, "hi")
    reply = await server.next_message(ann.dm, after=said)
    await server.settled(ann.dm, quiet_s=0.05)

    assert reply.content == "you said: hi"


async def test_content_is_hidden_without_the_intent(
    server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot
) -> None:
    """Without the intent an unaddressed message is empty, over the gateway and in history; a mention is not."""
    await ann.says(general, "a secret", attachments=[("note.txt", b"x")])
    await ann.says(general, f"{server.mention} hello")
    await server.until(lambda: len(bot.heard) == 2)
    channel = bot.get_channel(general.id)
    assert isinstance(channel, discord.TextChannel)
    history = [message async for message in channel.history() if message.author != bot.user]

    assert [(message.content, len(message.attachments)) for message in bot.heard] == [
        ("", 0),
        (f"{server.mention} hello", 0),
    ]
    assert [message.content for message in history] == [f"{server.mention} hello", ""]


async def test_content_is_shown_with_the_intent(server: DiscordServer, general: Channel, ann: Person) -> None:
    """With the switch on and the intent asked for, everything is shown."""
    server.intents.add("message_content")
    async with connected(server, ALL_MESSAGES) as bot:
        await ann.says(general, "no secret")
        await server.until(lambda: bot.heard)

    assert bot.heard[0].content == "no secret"


async def test_role_mention_hides_content(
    server: DiscordServer, guild: Guild, general: Channel, ann: Person, bot: PracticeBot
) -> None:
    """The bot's own role in a message is told, but such a message is no mention of the bot."""
    await ann.says(general, f"{guild.bot_role.mention} hello")
    await server.until(lambda: bot.heard)

    assert bot.heard[0].content == ""
    assert [role.name for role in bot.heard[0].role_mentions] == ["Forget-me-not"]


async def test_reply_to_the_bot_shows_content(
    server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot
) -> None:
    """A reply mentions the bot if the person leaves the ping on, and brings what it replies to."""
    own = server.post(general, server.bot, "I am here")
    await ann.says(general, "with ping", reply_to=own)
    await ann.says(general, "without ping", reply_to=own, mention_author=False)
    await server.until(lambda: len(bot.heard) == 2)

    assert [message.content for message in bot.heard] == ["with ping", ""]
    resolved = [message.reference.resolved for message in bot.heard if message.reference]
    assert [one.content for one in resolved if isinstance(one, discord.Message)] == ["I am here", "I am here"]


async def test_unseen_channel_is_silent(
    server: DiscordServer, guild: Guild, general: Channel, ann: Person, bot: PracticeBot
) -> None:
    """What is said in a channel that the bot does not see does not reach it."""
    staff = guild.add_channel("staff", private=True, members=[ann])
    vault = guild.add_channel("vault", private=True, members=[ann, server.bot])
    for channel in (staff, vault, general):
        await ann.says(channel, f"{server.mention} in {channel.name}")
    await server.next_message(general)

    assert [message.channel.id for message in bot.heard] == [vault.id, general.id]


async def test_others_look_like_themselves(
    server: DiscordServer, guild: Guild, general: Channel, ann: Person, bot: PracticeBot
) -> None:
    """Webhooks, other bots and Discord itself can be told from people."""
    other = server.add_person("Other", bot=True)
    guild.add_member(other)
    server.webhook_says(general, "from a hook")
    await other.says(general, "from a bot")
    server.system_says(general, ann)
    await server.until(lambda: len(bot.heard) == 3)

    hook, robot, system = bot.heard
    assert (hook.webhook_id is not None, robot.author.bot, system.is_system()) == (True, True, True)


async def test_changes_of_messages_are_told(
    server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot
) -> None:
    """Edits, previews, deletions one by one and at once come as raw events."""
    messages = [await ann.says(general, f"{server.mention} {number}") for number in range(3)]
    await ann.edits(messages[0], f"{server.mention} changed")
    server.unfurls(messages[1])
    await ann.deletes(messages[0])
    await server.delete_many(general, messages[1:])
    await server.until(lambda: len(bot.events) >= 5)  # the first event: the guild is available

    assert bot.events[-4:] == [
        f"edited: {server.mention} changed",
        f"edited: {messages[1].content}",
        f"deleted: {messages[0].id}",
        f"deleted: {[message.id for message in messages[1:]]}",
    ]


async def test_threads(server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot) -> None:
    """The bot talks in a public thread, and sees a private one only when it is taken in."""
    starter = await ann.says(general, "let us talk")
    talk = general.add_thread("talk", starter=starter)
    closed = general.add_thread("closed", private=True, owner=ann)
    await ann.says(closed, f"{server.mention} unheard")
    await ann.says(talk, f"{server.mention} heard")
    await server.next_message(talk, after=starter)
    closed.adds(server.bot)
    await server.until(lambda: "thread: closed" in bot.events)
    await ann.says(closed, f"{server.mention} now heard")
    await server.next_message(closed, after=starter)

    assert [message.channel.id for message in bot.heard if message.content] == [talk.id, closed.id]


async def test_bot_starts_a_thread(server: DiscordServer, general: Channel, ann: Person, bot: PracticeBot) -> None:
    """A thread that the bot starts exists on the server, and history shows where it came from."""
    said = await ann.says(general, f"{server.mention} hello")
    await server.until(lambda: bot.heard)
    thread = await bot.heard[0].create_thread(name="hello")
    await thread.send("here")
    starter, *_ = [message async for message in thread.history(oldest_first=True)]

    made = said.thread
    assert made is not None
    assert [message.content for message in server.said(made)] == ["here"]
    assert starter.type is discord.MessageType.thread_starter_message


async def test_forum(server: DiscordServer, guild: Guild, ann: Person, bot: PracticeBot) -> None:
    """A post of a forum is a thread."""
    forum = guild.add_channel("ideas", forum=True)
    post = forum.add_thread("an idea", owner=ann)
    said = await ann.says(post, f"{server.mention} what do you think?")
    await server.next_message(post, after=said)
    channel = bot.get_channel(forum.id)
    assert isinstance(channel, discord.ForumChannel)
    made = await channel.create_thread(name="mine", content="my idea")

    assert server.channels[made.thread.id].parent is forum


async def test_files_go_both_ways(server: DiscordServer, ann: Person, bot: PracticeBot) -> None:
    """The bot reads what a person attaches, and what it uploads can be fetched."""
    await ann.says(ann.dm, "look", attachments=[("note.txt", b"plain words"), ("dot.png", b"\x89PNG")])
    await server.until(lambda: bot.heard)
    text, image = bot.heard[0].attachments
    sent = await bot.heard[0].channel.send(file=discord.File(io.BytesIO(b"answer"), "answer.txt", description="told"))

    assert (await text.read(), text.content_type) == (b"plain words", "text/plain; charset=utf-8")
    assert (image.content_type, image.width) == ("image/png", 1)
    assert await sent.attachments[0].read() == b"answer"
    assert ann.dm.last.attachments[0].description == "told"


async def test_flags_and_typing(server: DiscordServer, general: Channel, bot: PracticeBot) -> None:
    """Suppressed embeds, typing and reactions can be seen by a test."""
    await server.until(lambda: bot.get_channel(general.id))
    channel = bot.get_channel(general.id)
    assert isinstance(channel, discord.TextChannel)
    async with channel.typing():
        sent = await channel.send("https://example.org/", suppress_embeds=True)
    await sent.add_reaction("👍")

    server.unfurls(general.last)
    assert server.suppressed(general.last)
    assert (general.last.embeds, general.last.reactions) == ([], ["👍"])
    assert len(server.typing_times(general)) == 1


async def test_typing_of_people_needs_its_intent(server: DiscordServer, general: Channel, ann: Person) -> None:
    """Who writes something is told only to a bot that asked for it."""
    async with connected(server, discord.Intents(guilds=True, guild_typing=True)) as bot:
        await ann.begins_typing(general)
        await ann.begins_typing(ann.dm)
        await server.until(lambda: "typing: Ann" in bot.events)

    assert bot.events.count("typing: Ann") == 1


async def test_guilds_come_and_go(server: DiscordServer, guild: Guild, general: Channel, bot: PracticeBot) -> None:
    """Invitation, outage, its end, a changed channel and removal are told apart."""
    await bot.wait_until_ready()
    server.add_guild("Orchard")
    guild.goes_down()
    guild.comes_back()
    general.renamed("lounge")
    general.delete()
    guild.removes_bot()
    await server.until(lambda: "removed: Garden" in bot.events)

    assert bot.events == [
        "available: Garden",
        "joined: Orchard",
        "unavailable: Garden",
        "available: Garden",
        "channel: lounge",
        "channel gone: lounge",
        "removed: Garden",
    ]


async def test_members_are_known_by_asking(server: DiscordServer, guild: Guild, ann: Person, bot: PracticeBot) -> None:
    """Without the members intent the bot knows itself only, and others when it asks for them."""
    await bot.wait_until_ready()
    known = bot.get_guild(guild.id)
    assert known is not None
    found = await known.query_members(user_ids=[ann.id], cache=False)

    assert [member.id for member in known.members] == [server.bot.id]
    assert [member.display_name for member in found] == ["Ann"]
    assert (await known.fetch_member(ann.id)).id == ann.id


async def test_bot_writes_first(server: DiscordServer, ann: Person, bot: PracticeBot) -> None:
    """The bot may open the direct messages of a person, and is refused where they are closed."""
    user = await bot.fetch_user(ann.id)
    await user.send("hello")
    ann.closes_dms()
    with pytest.raises(discord.Forbidden) as refused:
        await user.send("are you there?")

    assert refused.value.code == 50007
    assert [message.content for message in server.said(ann.dm)] == ["hello"]
    assert server.refusals == [f"POST /channels/{ann.dm.id}/messages: 403 50007 Cannot send messages to this user"]


async def test_application_shows_its_switches(server: DiscordServer, bot: PracticeBot) -> None:
    """Flags and installation contexts are what the developer set up."""
    before = await bot.application_info()
    server.intents.add("message_content")
    after = await bot.application_info()

    assert (before.flags.gateway_message_content_limited, after.flags.gateway_message_content_limited) == (False, True)
    assert (before.guild_integration_config is not None, before.user_integration_config is not None) == (True, True)


async def test_person_cannot_speak_where_they_are_not(server: DiscordServer, general: Channel) -> None:
    """A test that lets a stranger speak is wrong, and is told so."""
    with pytest.raises(Impossible):
        await server.add_person("Stranger").says(general, "hi")


async def test_wait_ends_with_what_happened(server: DiscordServer) -> None:
    """A condition that does not come to hold ends the wait and names the last requests."""
    with pytest.raises(TimeoutError, match=r"not within 0\.01 s"):
        await server.until(lambda: False, 0.01)
