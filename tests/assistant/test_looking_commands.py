"""Commands that show what is known, given as messages to the whole bot, and what is said to unknown ones."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.types import BY_COMMAND, DM_GUILD, SEQUENCE_BITS, Scope
from tests.assistant.talking import ANN, BACKROOM, BEN, DM, GENERAL, House, Reply, Talk

DIRECT = Scope("discord", DM_GUILD, "ann")


async def test_memories_are_listed_newest_first_in_pages(offline: Talk) -> None:
    """Ten memories make a page; a page beyond the last shows the last."""
    await _remember_towns(offline, 23)

    first, third, beyond = [await offline.say(f"/memories {page}") for page in ("", "page:3", "page:99")]

    assert first.text.splitlines()[0].startswith("#23 Town 22")
    assert "Page 1 of 3; the next one: /memories page:2" in first.text
    assert [line[:2] for line in third.text.splitlines()[:3]] == ["#3", "#2", "#1"]
    assert third.text.endswith("\nPage 3 of 3")
    assert beyond.text == third.text


async def test_memories_can_be_filtered(offline: Talk) -> None:
    """Words and kinds choose among memories; what fits nothing is said."""
    await offline.say("/remember My cat is called Minka")
    await offline.say("/remember kind:fact The bins go out on Monday")

    by_word, by_kind, none = [await offline.say(f"/memories {way}") for way in ("cats", "kind:fact", "zebra")]

    assert [line.partition(" –")[0] for line in by_word.text.splitlines()] == ["#1 My cat is called Minka"]
    assert [line.partition(" –")[0] for line in by_kind.text.splitlines()] == ["#2 The bins go out on Monday"]
    assert none.text == "I remember nothing that fits."


async def test_memories_said_elsewhere_are_only_counted(offline: Talk) -> None:
    """In public, what was said in private is counted, not shown; in a direct message all is shown."""
    await offline.say("/remember My cat is called Minka", place=DM)
    await offline.say("/remember for:everyone The wifi is called Heron", place=BACKROOM)

    public, direct = await offline.say("/memories", place=GENERAL), await offline.say("/memories", place=DM)

    assert "Minka" not in public.text
    assert "Heron" not in public.text
    assert "2 memories I show only in a direct message." in public.text
    assert "Minka" in direct.text
    assert "Heron" in direct.text


async def test_what_waits_for_a_yes_is_shown_to_nobody_else(offline: Talk) -> None:
    """A personal matter that was said in public is only counted there until its person says yes."""
    await offline.say("/remember I have diabetes")

    listed, undone = await offline.say("/memories"), await offline.say("/undo")
    await offline.say("/remember I have diabetes")
    alone = await offline.say("/memories", place=DM)

    assert listed.text == "1 memory I show only in a direct message."
    assert undone.text == "Taken back and erased: 1 memory that I don't name here."
    assert "I have diabetes (proposed)" in alone.text


async def test_recall_says_that_its_asker_opted_out(offline: Talk) -> None:
    """Instead of that nothing fits: what is kept still stands in the list."""
    await offline.say("/remember My cat is called Minka")
    await offline.say("/privacy opt-out")

    heard = await offline.say("/recall what is my cat called?")

    assert heard.text.startswith("You are opted out in this server, so I recall nothing.")


async def test_sources_on_slack_are_named_by_their_day(offline: Talk) -> None:
    """Ids of its messages say nothing to anybody."""
    anna = Scope("slack", "guild", "ann")
    await offline.meet(anna)
    await offline.say("My cat is called Minka.", scope=anna)
    offline.clock.advance(days=1)

    heard = await offline.say("/recall what is my cat called?", scope=anna)

    assert heard.text.endswith("\n  from a message yesterday")


async def test_recall_shows_scores(offline: Talk) -> None:
    """/recall shows what would be recalled, and how much each signal weighed."""
    await offline.say("/remember My cat is called Minka")

    heard = await offline.say("/recall what is my cat called?")
    nothing = await offline.say("/recall quarterly report")

    assert heard.text.startswith("#1 My cat is called Minka")
    assert "score" in heard.text
    assert [hit.memory.text for hit in heard.end.used] == ["My cat is called Minka"]
    assert nothing.text == "Nothing I remember fits that."


async def test_why_outlives_a_restart(home: House) -> None:
    """/why names the memories and sources of the last answer in this place, in the next run too."""
    async with home.opened() as talk:
        await talk.meet()
        await talk.say("My cat is called Minka.", key="first")
        unanswered = await talk.say("/why", place=DM)
        await talk.say("What is my cat called?")
    async with home.opened() as talk:
        heard = await talk.say("/why")
        elsewhere = await talk.say("/why", place=DM)

    assert "#1 My cat is called Minka." in heard.text
    assert "from message source-first" in heard.text
    assert unanswered.text == elsewhere.text == "I have not answered you here lately."


async def test_recall_names_no_command_by_its_number(offline: Talk) -> None:
    """What was said with a platform's own command is from a command, whose id says nothing to anybody."""
    given = replace(offline.message("My cat is called Minka"), command="remember", source_id=f"{BY_COMMAND}1574")
    await offline.hear(given)

    heard = await offline.say("/recall what is my cat called?")

    assert heard.text.endswith("from a command")


async def test_why_names_nothing_that_was_forgotten(online: Talk) -> None:
    """A memory that was forgotten since is no longer named."""
    await online.say("My cat is called Minka.")
    await online.say("What is my cat called?")
    await online.say("/forget #1")

    heard = await online.say("/why")

    assert "Minka" not in heard.text


async def test_export_gives_every_memory_in_a_direct_message(offline: Talk) -> None:
    """/export gives one JSON object a memory in a direct message, and nothing where others read."""
    await offline.say("/remember My cat is called Minka")
    await offline.say("/remember I work as a carpenter", place=DM)

    direct, public = await offline.say("/export", place=DM), await offline.say("/export", place=GENERAL)

    assert _exported(direct) == ["My cat is called Minka", "I work as a carpenter"]
    assert (direct.text, public.file) == ("", None)
    assert "only in a direct message" in public.text


async def test_export_from_a_guildless_message_covers_all_guilds(offline: Talk) -> None:
    """Where direct messages belong to no guild, an export there gives what was said in guilds too."""
    await offline.say("/remember My cat is called Minka")
    await offline.say("/remember Tea is in the blue tin", scope=BEN)

    heard = await offline.say("/export", scope=DIRECT, place=DM)

    assert _exported(heard) == ["My cat is called Minka"]


async def test_an_export_holds_own_shared_notes(offline: Talk) -> None:
    """What the person wrote for everyone is theirs too; what others wrote is not."""
    await offline.say("/remember for:everyone The wifi is called Heron")
    await offline.say("/remember for:everyone The lift is broken", scope=BEN)

    heard = await offline.say("/export", place=DM)

    assert _exported(heard) == ["The wifi is called Heron"]


async def test_export_of_nothing_is_a_line(offline: Talk) -> None:
    """There is no file without a line in it."""
    heard = await offline.say("/export", place=DM)

    assert (heard.text, heard.file) == ("There is nothing to export.", None)


def _exported(reply: Reply) -> list[str]:
    """The texts in the file that a reply is."""
    assert reply.file is not None
    assert (reply.file.name, reply.file.content[-1]) == ("memories.jsonl", "\n")
    return [json.loads(line)["text"] for line in reply.file.content.splitlines()]


async def test_where_only_the_asker_reads_export_is_a_file(offline: Talk) -> None:
    """Also in public, by the platform's own command; it holds what was said elsewhere."""
    await offline.say("/remember My cat is called Minka", place=DM)

    heard = await offline.hear(replace(offline.message("/export"), confidential=True))

    assert _exported(heard) == ["My cat is called Minka"]


@pytest.mark.parametrize("command", ["/memories", "/memories Minka"])
async def test_where_only_the_asker_reads_all_is_shown(offline: Talk, command: str) -> None:
    """A reply that nobody else sees holds what was said elsewhere, which one in public does not."""
    await offline.say("/remember My cat is called Minka", place=DM)

    public = await offline.hear(offline.message(command))
    confidential = await offline.hear(replace(offline.message(command), confidential=True))

    assert "Minka" not in public.text
    assert "Minka" in confidential.text
    assert "elsewhere" not in confidential.text


async def test_memories_of_all_guilds_are_listed_in_guildless_messages(offline: Talk) -> None:
    """Each by a number of its own, which /forget understands there."""
    await offline.say("/remember I work as a carpenter", scope=DIRECT, place=DM)
    offline.clock.advance(minutes=1)
    await offline.say("/remember My cat is called Minka")
    uid = (await offline.memories())[0].id >> SEQUENCE_BITS

    listed = await offline.say("/memories", scope=DIRECT, place=DM)
    forgot = await offline.say(f"/forget #{uid}.1", scope=DIRECT, place=DM)

    assert [line.partition(" –")[0] for line in listed.text.splitlines()] == [
        f"#{uid}.1 My cat is called Minka",
        "#1 I work as a carpenter",
    ]
    assert forgot.text.startswith("Forgotten: 1 memory.")
    assert await offline.memories() == []
    assert len(await offline.memories(DIRECT)) == 1


async def test_a_number_of_another_scope_finds_nothing(offline: Talk) -> None:
    """Whoever guesses another person's, or their own of another guild, is told what a wrong number tells."""
    other_guild = Scope("discord", "other guild", "ann")
    for scope in (BEN, other_guild):
        await offline.say("/remember My cat is called Minka", scope=scope)
    guessed = [(await offline.memories(scope))[0].id >> SEQUENCE_BITS for scope in (BEN, other_guild)]

    heard = [await offline.say(f"/forget #{uid}.1") for uid in (*guessed, 999_999_999)]
    direct = await offline.say(f"/forget #{guessed[0]}.1", scope=DIRECT, place=DM)

    assert {reply.text for reply in [*heard, direct]} == {
        "there is no memory with that number; see them all with /memories"
    }


async def test_privacy_names_who_processes_what(online: Talk, home: House) -> None:
    """/privacy says where messages go, what is kept now, and shows no key."""
    await online.say("My cat is called Minka.")

    heard = await online.say("/privacy")

    assert "local at 127.0.0.1" in heard.text
    assert "1 memory of you" in heard.text
    assert home.settings.openai.api_key.reveal() not in heard.text


async def test_new_clears_the_turns_and_keeps_memories(online: Talk) -> None:
    """/new begins a conversation without the turns before it."""
    await online.say("My cat is called Minka.")
    await online.say("/new")

    scope_turns = online.app.panel._turns.of(ANN, GENERAL, online.clock())

    assert list(scope_turns) == []
    assert len(await online.memories()) == 1


async def test_help_lists_every_command(offline: Talk) -> None:
    """/help names each command there is to an admin, and to others all but those for admins."""
    heard = await offline.say("/help")
    to_admin = await offline.hear(replace(offline.message("/help"), admin=True))

    names = offline.app.commands.names
    assert [name for name in names if f"/{name}" not in to_admin.text] == []
    assert [name for name in names if f"/{name}" not in heard.text] == ["settings", "usage"]


@pytest.mark.parametrize(("typed", "meant"), [("/memroies", "/memories"), ("/forgot tea", "/forget")])
async def test_unknown_command_suggests(offline: Talk, typed: str, meant: str) -> None:
    """A command that does not exist is answered with the nearest one, and does nothing."""
    heard = await offline.say(typed)

    assert f"Did you mean {meant}?" in heard.text


async def test_unknown_command_without_likeness(offline: Talk) -> None:
    """A command like no other is answered with /help alone."""
    heard = await offline.say("/xyzzy")

    assert heard.text == "I don't know /xyzzy. /help lists what I know."


@pytest.mark.parametrize("typed", ["/remember", "/forget", "/recall"])
async def test_bare_commands_say_what_they_want(offline: Talk, typed: str) -> None:
    """A command without what it needs shows how it is used."""
    heard = await offline.say(typed)

    assert typed in heard.text
    assert not heard.end.failed


async def test_commands_ask_no_model(home: House) -> None:
    """With a model that nobody can reach, every command answers."""
    unreachable = home.changed(openai={"base_url": "http://127.0.0.1:9/v1"})
    async with unreachable.opened() as talk:
        heard = [await talk.say(f"/{name}") for name in talk.app.commands.names]

    assert all(reply.text and not reply.end.failed for reply in heard)


async def test_a_path_is_no_command(online: Talk) -> None:
    """A message that begins with a slash but is no command goes to the model."""
    heard = await online.say("/etc/hosts is a file")

    assert heard.text.startswith("You said")


async def _remember_towns(talk: Talk, count: int) -> None:
    for number in range(count):
        talk.clock.advance(minutes=1)
        await talk.say(f"/remember Town {number:02} lies on the river {'abcdefghijklmnopqrstuvwxyz'[number] * 5}")
