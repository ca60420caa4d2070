"""What is read from a message: who said what, where, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime

import discord
import pytest

from adapters.discord.reading import edited, incoming, is_from_person, names_bot, place_of, text_of
from bot.types import DM_GUILD, Author, Place, PlaceKind, Scope
from tests.discord.seen import Seen, voice
from tests.servers.discord.nouns import Channel, Guild, Member, Said
from tests.servers.discord.people import Person
from tests.servers.discord.server import DiscordServer


@pytest.fixture
def server() -> DiscordServer:
    """A Discord that nobody is connected to."""
    return DiscordServer()


@pytest.fixture
def guild(server: DiscordServer) -> Guild:
    """A guild with the bot in it."""
    return server.add_guild("Home")


@pytest.fixture
def general(guild: Guild) -> Channel:
    """A channel that everybody sees."""
    return guild.add_channel("general")


@pytest.fixture
def ann(server: DiscordServer, guild: Guild) -> Person:
    """A member of the guild."""
    person = server.add_person("Ann")
    guild.add_member(person)
    return person


class TestPlace:
    """Who else may be reading."""

    def place(self, server: DiscordServer, guild: Guild, channel: Channel) -> Place:
        """Return the place that a channel is, as a client knows it."""
        seen = Seen(server, guild)
        return place_of(seen.channel(channel), seen.guild(guild))

    def test_channel_that_everyone_sees_is_public(self, server: DiscordServer, guild: Guild, general: Channel) -> None:
        """@everyone may view it."""
        assert self.place(server, guild, general) == Place(PlaceKind.PUBLIC, str(general.id))

    def test_channel_of_some_is_private(self, server: DiscordServer, guild: Guild, ann: Person) -> None:
        """@everyone may not view it, whoever else may."""
        channel = guild.add_channel("back", private=True, members=[ann, server.bot])

        assert self.place(server, guild, channel).kind is PlaceKind.PRIVATE

    def test_guild_without_public_channels_is_private(
        self, server: DiscordServer, guild: Guild, general: Channel
    ) -> None:
        """The role itself may view nothing, as in servers with a verification role."""
        guild.forbid("view_channel")

        assert self.place(server, guild, general).kind is PlaceKind.PRIVATE

    def test_thread_is_where_its_channel_is(self, server: DiscordServer, guild: Guild, general: Channel) -> None:
        """It has its parent's kind and channel id, and an id of its own."""
        thread = general.add_thread("talk")

        assert self.place(server, guild, thread) == Place(PlaceKind.PUBLIC, str(general.id), str(thread.id))

    def test_thread_of_private_channel_is_private(self, server: DiscordServer, guild: Guild) -> None:
        """A public thread of a private channel is no more open than the channel."""
        thread = guild.add_channel("back", private=True, members=[server.bot]).add_thread("talk")

        assert self.place(server, guild, thread).kind is PlaceKind.PRIVATE

    def test_private_thread_is_private(self, server: DiscordServer, guild: Guild, general: Channel) -> None:
        """In a public channel too."""
        thread = general.add_thread("secret", private=True, members=[server.bot])

        own = str(thread.id)
        assert self.place(server, guild, thread) == Place(PlaceKind.PRIVATE, own, own, parent_id=str(general.id))

    def test_forum_post_is_where_its_forum_is(self, server: DiscordServer, guild: Guild) -> None:
        """A post is a thread of the forum."""
        forum = guild.add_channel("ideas", forum=True)
        post = forum.add_thread("an idea")

        assert self.place(server, guild, post) == Place(PlaceKind.PUBLIC, str(forum.id), str(post.id))

    @pytest.mark.parametrize(("may_connect", "kind"), [(True, PlaceKind.PUBLIC), (False, PlaceKind.PRIVATE)])
    def test_text_of_voice_channel_is_for_who_may_connect(
        self, server: DiscordServer, guild: Guild, general: Channel, *, may_connect: bool, kind: PlaceKind
    ) -> None:
        """Seeing the channel in the list is not reading it."""
        seen = Seen(server, guild)
        connect = str(discord.Permissions(connect=True).value)
        overwrite = {"id": str(guild.id), "type": 0, "allow": "0", "deny": "0"}
        overwrite["allow" if may_connect else "deny"] = connect
        data = {**voice(general), "permission_overwrites": [overwrite]}
        channel = discord.VoiceChannel(state=seen.state, guild=seen.guild(guild), data=data)  # type: ignore[arg-type] # plain JSON

        assert place_of(channel, seen.guild(guild)).kind is kind

    def test_direct_messages(self, server: DiscordServer, guild: Guild, ann: Person) -> None:
        """They are seen by two."""
        seen = Seen(server, guild)
        channel = discord.DMChannel._from_message(seen.state, ann.dm.id)

        assert place_of(channel, None) == Place(PlaceKind.DM, str(ann.dm.id))

    def test_direct_messages_of_several_are_private(self, server: DiscordServer, guild: Guild) -> None:
        """A group has no guild, and is no conversation of two either."""
        seen = Seen(server, guild)
        data = {"id": "5", "type": 3, "recipients": []}
        group = discord.GroupChannel(me=seen.state.user, state=seen.state, data=data)  # type: ignore[arg-type] # plain JSON

        assert place_of(group, None) == Place(PlaceKind.PRIVATE, "5")

    def test_unknown_channel_is_private(self, server: DiscordServer, guild: Guild) -> None:
        """Nothing is known of it but its id."""
        seen = Seen(server, guild)
        channel = discord.PartialMessageable(state=seen.state, id=7, guild_id=guild.id)

        assert place_of(channel, seen.guild(guild)) == Place(PlaceKind.PRIVATE, "7")

    def test_channel_of_guild_that_is_not_described_yet_is_private(
        self, server: DiscordServer, guild: Guild, general: Channel
    ) -> None:
        """Its roles are not known before it is available."""
        seen = Seen(server, guild)
        channel = seen.channel(general)
        bare = seen.state._get_or_create_unavailable_guild(1)

        assert place_of(channel, bare).kind is PlaceKind.PRIVATE


class TestAuthor:
    """Whose messages are read at all."""

    async def test_people_are_read(self, server: DiscordServer, guild: Guild, general: Channel, ann: Person) -> None:
        """What they say, and what they reply."""
        seen = Seen(server, guild)
        said = await ann.says(general, "hello")
        replied = await ann.says(general, "again", reply_to=said)

        assert [is_from_person(seen.message(message)) for message in (said, replied)] == [True, True]

    def test_nobody_else_is(self, server: DiscordServer, guild: Guild, general: Channel, ann: Person) -> None:
        """Neither the bot itself, another bot, a webhook, nor what Discord writes in somebody's name."""
        seen = Seen(server, guild)
        messages = [
            server.post(general, server.bot, "mine"),
            server.post(general, server.add_person("Other", bot=True), "beep"),
            server.webhook_says(general, "news"),
            server.post(general, ann, "a person's name", webhook_id=5),
            server.system_says(general, ann),
            server.system_says(general, ann, Said.THREAD_STARTER),
        ]

        assert not any(is_from_person(seen.message(message)) for message in messages)


class TestNaming:
    """Whether the bot is mentioned."""

    @pytest.fixture
    def seen(self, server: DiscordServer, guild: Guild, general: Channel, ann: Person) -> Seen:
        """A client that knows the guild."""
        return Seen(server, guild)

    @pytest.mark.parametrize("form", ["<@{0}> hi", "<@!{0}> hi", "hi <@{0}>", "so,<@{0}>, hi"])
    async def test_mention(self, server: DiscordServer, general: Channel, ann: Person, seen: Seen, form: str) -> None:
        """In both forms, wherever it stands."""
        message = await ann.says(general, form.format(server.bot.id))

        assert names_bot(seen.message(message), seen.own_id)

    async def test_role(self, guild: Guild, general: Channel, ann: Person, seen: Seen) -> None:
        """The role that came with the bot."""
        message = await ann.says(general, f"<@&{guild.bot_role.id}> hi")

        assert names_bot(seen.message(message), seen.own_id)

    @pytest.mark.parametrize("text", ["@everyone hi", "@here hi", "Forget-me-not hi", "<@123456789012345678> hi", "hi"])
    async def test_others(self, general: Channel, ann: Person, seen: Seen, text: str) -> None:
        """Mentions of everybody or of somebody else, and the mere name."""
        message = await ann.says(general, text)

        assert not names_bot(seen.message(message), seen.own_id)

    async def test_other_role(self, server: DiscordServer, guild: Guild, general: Channel, ann: Person) -> None:
        """A role that people have."""
        role = guild.add_role("cooks")
        message = await ann.says(general, f"{role.mention} hi")

        assert not names_bot(Seen(server, guild).message(message), server.bot.id)

    async def test_reply_that_pings(self, server: DiscordServer, general: Channel, ann: Person, seen: Seen) -> None:
        """It is listed among the mentions without being one."""
        message = await ann.says(general, "hi", reply_to=server.post(general, server.bot, "mine"))

        assert server.bot.id in message.mentions
        assert not names_bot(seen.message(message), seen.own_id)


@pytest.mark.usefixtures("general")
class TestText:
    """What the author typed, readable."""

    async def text(self, server: DiscordServer, guild: Guild, ann: Person, said: str) -> str:
        """Return what is read when Ann says something."""
        message = await ann.says(guild.channels[0], said)
        return text_of(Seen(server, guild).message(message), server.bot.id)

    @pytest.mark.parametrize(
        ("said", "read"),
        [
            ("{bot} hello", "hello"),
            ("  {bot}  hello ", "hello"),
            ("{bot}, hello", "hello"),
            ("{bot}: hello", "hello"),
            ("{bot} :)", ":)"),
            ("{bot}:)", ":)"),
            ("{bot}{bot} hello", "hello"),
            ("hello {bot}", "hello"),
            ("what do you think, {bot}?", "what do you think,?"),
            ("tell {bot} a story", "tell a story"),
            ("{role} hello", "hello"),
            ("{bot}\nfirst\nsecond", "first\nsecond"),
            ("{bot}", ""),
            ("mail me at a@b.c", "mail me at a@b.c"),
        ],
    )
    async def test_own_mention_is_stripped(
        self, server: DiscordServer, guild: Guild, ann: Person, said: str, read: str
    ) -> None:
        """Wherever it stands, with the space or the comma that goes with it."""
        text = said.format(bot=server.mention, role=guild.bot_role.mention)

        assert await self.text(server, guild, ann, text) == read

    async def test_others_are_named(self, server: DiscordServer, guild: Guild, general: Channel, ann: Person) -> None:
        """People by the name they have here, roles and channels by theirs."""
        ben, role = server.add_person("Ben"), guild.add_role("cooks")
        guild.add_member(ben, nick="Benny")

        assert await self.text(server, guild, ann, f"{ben.mention} {role.mention} {general.mention}") == (
            "@Benny @cooks #general"
        )

    async def test_private_channels_stay_numbers(self, server: DiscordServer, guild: Guild, ann: Person) -> None:
        """Their names are for those who read there, and the bot's words reach others too."""
        back = guild.add_channel("secret-project", private=True, members=[ann, server.bot])
        thread = guild.add_channel("open").add_thread("secret-talk", private=True)

        said = await self.text(server, guild, ann, f"{back.mention} <#{thread.id}>")

        assert said == f"#{back.id} #{thread.id}"

    async def test_unknown_ones_stay_numbers(self, server: DiscordServer, guild: Guild, ann: Person) -> None:
        """What the client does not know is not made up."""
        assert await self.text(server, guild, ann, "<@&11> <#12>") == "@11 #12"

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("<:blob:123>", ":blob:"),
            ("<a:dance:123>", ":dance:"),
            ("</remember:123>", "/remember"),
            ("</memory list:123>", "/memory list"),
            ("<t:1700000000>", "2023-11-14 22:13 UTC"),
            ("<t:1700000000:R>", "2023-11-14 22:13 UTC"),
            ("<t:999999999999:R>", "<t:999999999999:R>"),
            ("<https://example.org>", "<https://example.org>"),
            ("a < b > c", "a < b > c"),
        ],
    )
    async def test_what_discord_draws_is_readable(
        self, server: DiscordServer, guild: Guild, ann: Person, written: str, read: str
    ) -> None:
        """Emoji, commands and moments; everything else is left alone."""
        assert await self.text(server, guild, ann, written) == read


class TestIncoming:
    """A message as the assistant takes it."""

    async def test_says_who_what_and_when(
        self, server: DiscordServer, guild: Guild, general: Channel, ann: Person
    ) -> None:
        """Ids decide; the name is the one that is shown there."""
        guild.members[ann.id] = Member(ann, guild, nick="Annie")
        message = await ann.says(general, f"{server.mention} hello")
        read = incoming(Seen(server, guild).message(message), server.bot.id)

        assert read.scope == Scope("discord", str(guild.id), str(ann.id))
        assert read.place == Place(PlaceKind.PUBLIC, str(general.id))
        assert read.author == Author(str(ann.id), "Annie")
        assert (read.text, read.dedupe_key, read.source_id) == ("hello", str(message.id), str(message.id))
        assert read.sent_at == datetime.fromtimestamp(message.created_at, UTC)
        assert read.addressed
        assert (read.admin, read.confidential, read.outsider, read.command) == (False, False, False, "")

    async def test_asked_anew_is_another_delivery(
        self, server: DiscordServer, guild: Guild, general: Channel, ann: Person
    ) -> None:
        """Of the same source, so that what is learned from it stays one."""
        message = await ann.says(general, "hello")
        read = incoming(Seen(server, guild).message(message), server.bot.id, again="77")

        assert (read.dedupe_key, read.source_id) == ("again:77", str(message.id))

    @pytest.mark.parametrize(("permission", "is_admin"), [("manage_guild", True), ("manage_messages", False)])
    async def test_admin_is_who_manages_the_server(
        self, server: DiscordServer, guild: Guild, general: Channel, *, permission: str, is_admin: bool
    ) -> None:
        """By Discord's permissions, not by the name of a role."""
        ada = server.add_person("Ada")
        guild.add_member(ada, roles=[guild.add_role("admin", permission)])
        message = await ada.says(general, "hello")

        assert incoming(Seen(server, guild).message(message), server.bot.id).admin is is_admin

    async def test_direct_message_belongs_to_no_guild(self, server: DiscordServer, guild: Guild, ann: Person) -> None:
        """Its scope is that of all direct messages with the person."""
        message = await ann.says(ann.dm, "hello")
        read = incoming(Seen(server, guild).message(message), server.bot.id)

        assert read.scope == Scope("discord", DM_GUILD, str(ann.id))
        assert read.place.kind is PlaceKind.DM

    async def test_message_of_unknown_guild_is_no_direct_message(
        self, server: DiscordServer, guild: Guild, general: Channel, ann: Person
    ) -> None:
        """A guild that the client was not told of yet must not widen what may be read."""
        message = await ann.says(general, "hello")
        read = incoming(Seen(server).message(message), server.bot.id)

        assert read.scope.guild_id == str(guild.id)
        assert read.place.kind is PlaceKind.PRIVATE


class TestEdited:
    """A changed message as the assistant takes it."""

    async def test_new_text(self, server: DiscordServer, guild: Guild, general: Channel, ann: Person) -> None:
        """It names the message, and is a delivery of its own for each time that it was changed."""
        message = await ann.says(general, f"{server.mention} I like tea")
        await ann.edits(message, f"{server.mention} I like coffee")
        seen = Seen(server, guild)
        event = edited(seen.message(message), server.bot.id, reads_all=True)
        message.edited_at = (message.edited_at or 0) + 1
        later = edited(seen.message(message), server.bot.id, reads_all=True)

        assert event is not None
        assert later is not None
        assert (event.text, event.source_id) == ("I like coffee", str(message.id))
        assert len({event.dedupe_key, later.dedupe_key, str(message.id)}) == 3

    async def test_nobody_changed_it(self, server: DiscordServer, guild: Guild, general: Channel, ann: Person) -> None:
        """A link preview comes without a time of editing."""
        message = await ann.says(general, "see https://example.org")

        assert edited(Seen(server, guild).message(message), server.bot.id, reads_all=True) is None

    async def test_nothing_to_read(self, server: DiscordServer, guild: Guild, general: Channel, ann: Person) -> None:
        """Without the right to read it, nothing is shown of the new text."""
        message = await ann.says(general, "I like tea")
        await ann.edits(message, "I like coffee")

        assert edited(Seen(server, guild, content=False).message(message), server.bot.id, reads_all=False) is None

    def test_not_a_person(self, server: DiscordServer, guild: Guild, general: Channel) -> None:
        """Other bots edit all the time."""
        message = server.post(general, server.add_person("Other", bot=True), "beep")
        message.edited_at = message.created_at + 1

        assert edited(Seen(server, guild).message(message), server.bot.id, reads_all=True) is None
