"""/memories and /forget: the list, one memory, and what is asked before something goes; also after a restart."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.discord.interface_world import Bot, World, bot, labels, options, scope_of, seen, world
from tests.servers.discord.nouns import Message
from tests.servers.discord.people import Person

__all__ = ["bot", "world"]

TOPICS = (
    "tea coffee bread cheese apples pears plums grapes melons onions garlic leeks carrots beets radishes lettuce "
    "spinach cabbage pepper salt sugar honey butter"
)
LIKES = [f"I like {topic}" for topic in TOPICS.split()]
LONG = ", ".join(f"my plant {number} is {topic}" for number in range(7) for topic in TOPICS.split())


async def _opened(person: Person, message: Message, text: str) -> None:
    """Choose a memory from the list by its text."""
    (value,) = [option["value"] for option in options(message) if text in option["label"]]
    (chosen,) = [row["components"][0]["custom_id"] for row in message.components if "options" in row["components"][0]]
    await (await person.presses(message, chosen, [value])).answered()


async def test_nothing_known_is_said(world: World, bot: Bot) -> None:
    """An empty list says so, and has nothing to press."""
    message = await seen(await world.ann.runs(world.channel, "memories"))

    assert "I remember nothing about you yet" in message.content
    assert labels(message) == []


async def test_pages_show_ten_each_newest_first(world: World, bot: Bot) -> None:
    """Twenty-three memories are three pages, each once, with a list to choose one from."""
    await bot.learns(world.ann, world.channel, *LIKES)
    message = await seen(await world.ann.runs(world.channel, "memories"))
    shown, buttons, offered = [], [], []
    for _ in range(3):
        shown += re.findall(r"I like \w+", message.content)
        buttons.append(labels(message))
        offered.append(len(options(message)))
        if "Next" in labels(message):
            await (await world.ann.presses(message, "Next")).answered()

    assert shown == LIKES[::-1]
    assert buttons == [["Next"], ["Previous", "Next"], ["Previous"]]
    assert offered == [10, 10, 3]


async def test_list_is_of_a_kind_and_of_words(world: World, bot: Bot) -> None:
    """Only what is asked for is listed."""
    await bot.learns(world.ann, world.channel, *LIKES)
    await seen(await world.ann.runs(world.channel, "remember", {"text": "Tea is at five", "kind": "event"}))
    words = await seen(await world.ann.runs(world.channel, "memories", {"search": "tea"}))
    kind = await seen(await world.ann.runs(world.channel, "memories", {"search": "tea", "kind": "event"}))

    assert ["Tea is at five" in words.content, "I like tea" in words.content] == [True, True]
    assert ["Tea is at five" in kind.content, "I like tea" in kind.content] == [True, False]


async def test_list_goes_on_after_a_restart(world: World) -> None:
    """The next page, of the same search, is pressed for on a message from before the restart; no word is in an id."""
    async with world.bot() as bot:
        await bot.learns(world.ann, world.channel, *LIKES)
        message = await seen(await world.ann.runs(world.channel, "memories", {"search": "like"}))
    async with world.bot():
        await (await world.ann.presses(message, "Next")).answered()

    assert LIKES[12] in message.content
    assert message.content.startswith("**Your memories with “like”**")
    ids = [part["custom_id"] for row in message.components for part in row["components"]]
    assert ids
    assert not [one for one in ids if "like" in one]


async def test_one_memory_is_edited_pinned_and_forgotten_after_a_restart(world: World) -> None:
    """Each button of an old message works: what it shows afterwards is what is on disk."""
    async with world.bot() as bot:
        await bot.learns(world.ann, world.channel, *LIKES)
        message = await seen(await world.ann.runs(world.channel, "memories"))
    async with world.bot() as bot:
        await _opened(world.ann, message, "butter")
        await (await world.ann.presses(message, "Pin")).answered()
        pinned = labels(message)
        form = await (await world.ann.presses(message, "Edit")).answered()
        await (await form.submit({"text": "I like salted butter"})).answered()
        changed = message.content
        await (await world.ann.presses(message, "Forget")).answered()
        asked = labels(message)
        await (await world.ann.presses(message, "Forget it")).answered()
        left = await bot.texts(world.ann, world.channel)

    assert "Unpin" in pinned
    assert "I like salted butter" in changed
    assert asked == ["Forget it", "Keep it"]
    assert left == LIKES[:-1]
    assert "butter" not in message.content


@pytest.mark.parametrize(("pressed", "left"), [("Remember it", ["I have asthma"]), ("Don't", [])])
async def test_what_waits_for_a_yes_is_answered_in_the_list(
    world: World, bot: Bot, pressed: str, left: list[str]
) -> None:
    """It has yes and no in place of what can be done with a memory that is kept."""
    await seen(await world.ann.runs(world.channel, "remember", {"text": "I have asthma"}))
    message = await seen(await world.ann.runs(world.channel, "memories"))
    await _opened(world.ann, message, "asthma")
    asked, said = labels(message), message.content
    await (await world.ann.presses(message, pressed)).answered()

    assert asked == ["Remember it", "Don't", "Back"]
    assert "waits for your yes" in said
    assert ("Pin" in labels(message)) is bool(left)
    assert "waits for your yes" not in message.content
    assert await bot.texts(world.ann, world.channel) == left


async def test_keeping_it_and_going_back(world: World, bot: Bot) -> None:
    """Whoever does not forget after all is back at the memory, and then at the page they came from."""
    await bot.learns(world.ann, world.channel, *LIKES)
    message = await seen(await world.ann.runs(world.channel, "memories", {"search": "like"}))
    await (await world.ann.presses(message, "Next")).answered()
    second = message.content
    await _opened(world.ann, message, "apples" if "apples" in second else LIKES[5])
    for pressed in ("Forget", "Keep it", "Back"):
        await (await world.ann.presses(message, pressed)).answered()

    assert message.content == second
    assert len(await bot.texts(world.ann, world.channel)) == len(LIKES)


async def test_an_edit_to_a_secret_is_refused(world: World, bot: Bot) -> None:
    """A form cannot bring in what is never kept; the memory stays as it was."""
    await bot.learns(world.ann, world.channel, "I like tea")
    message = await seen(await world.ann.runs(world.channel, "memories"))
    await _opened(world.ann, message, "tea")
    form = await (await world.ann.presses(message, "Edit")).answered()
    refused = await seen(await form.submit({"text": "My key is sk-proj-0123456789abcdefghij0123456789abcdefghij"}))

    assert refused.content.startswith("not changed: ")
    assert await bot.texts(world.ann, world.channel) == ["I like tea"]


async def test_form_that_was_open_over_a_restart_is_taken(world: World) -> None:
    """It changes the memory, and leads back to the list that it was opened from."""
    async with world.bot() as bot:
        await bot.learns(world.ann, world.channel, "I like tea", "I like jam")
        message = await seen(await world.ann.runs(world.channel, "memories", {"search": "tea"}))
        await _opened(world.ann, message, "tea")
        form = await (await world.ann.presses(message, "Edit")).answered()
    async with world.bot() as bot:
        await (await form.submit({"text": "I like green tea"})).answered()
        changed = message.content
        await (await world.ann.presses(message, "Back")).answered()
        texts = await bot.texts(world.ann, world.channel)

    assert sorted(texts) == ["I like green tea", "I like jam"]
    assert "I like green tea" in changed
    assert message.content.startswith("**Your memories with “tea”**")
    assert "jam" not in message.content


async def test_form_is_its_owners_alone(world: World, bot: Bot) -> None:
    """Whoever else sends it changes nothing."""
    await bot.learns(world.ann, world.channel, "I like tea")
    message = await seen(await world.ann.runs(world.channel, "memories"))
    await _opened(world.ann, message, "tea")
    form = await (await world.ann.presses(message, "Edit")).answered()
    refused = await seen(await replace(form, person=world.ben).submit({"text": "I like mud"}))

    assert refused.content.endswith("That is somebody else's to press.")
    assert await bot.texts(world.ann, world.channel) == ["I like tea"]


async def test_form_of_another_version_is_answered(world: World, bot: Bot) -> None:
    """A form that nobody here knows is not left to fail in Discord's own way."""
    await bot.learns(world.ann, world.channel, "I like tea")
    message = await seen(await world.ann.runs(world.channel, "memories"))
    await _opened(world.ann, message, "tea")
    form = await (await world.ann.presses(message, "Edit")).answered()
    assert form.modal is not None
    form.modal["custom_id"] = "0123456789abcdef"

    assert "older version" in (await seen(await form.submit({"text": "I like mud"}))).content


async def test_form_holds_the_whole_memory(world: World, bot: Bot) -> None:
    """A memory that is too long for the message is cut there with a mark, and whole in the form."""
    (memory,) = await bot.learns(world.ann, world.channel, LONG)
    message = await seen(await world.ann.runs(world.channel, "memories"))
    await _opened(world.ann, message, "plant")
    form = await (await world.ann.presses(message, "Edit")).answered()

    assert 3000 < len(memory.text) < 4000
    assert "…" in message.content
    assert form.modal is not None
    assert form.modal["components"][0]["component"]["value"] == memory.text


async def test_link_leads_to_the_message(world: World, bot: Bot) -> None:
    """A memory says which message it came from; one that came from a command has no such link."""
    said = await world.ann.says(world.channel, "I like tea")
    await bot.learns(world.ann, world.channel, "I like tea", source=str(said.id))
    await seen(await world.ann.runs(world.channel, "remember", {"text": "I like coffee"}))
    message = await seen(await world.ann.runs(world.channel, "memories"))
    await _opened(world.ann, message, "tea")
    links = [part["url"] for row in message.components for part in row["components"] if "url" in part]
    await (await world.ann.presses(message, "Back")).answered()
    await _opened(world.ann, message, "coffee")

    assert links == [f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{said.id}"]
    assert "Where it came from" not in labels(message)


async def test_markdown_of_a_memory_does_not_break_the_list(world: World, bot: Bot) -> None:
    """A text is shown as it was written, on one line of its own, and pings nobody."""
    await bot.learns(world.ann, world.channel, f"```\n# I am\n**{world.ben.mention} @everyone", "I like tea")
    message = await seen(await world.ann.runs(world.channel, "memories"))

    assert len(message.content.splitlines()) == 4
    assert "```" not in message.content
    assert world.server.pings == []


async def test_memory_that_is_gone_is_said(world: World, bot: Bot) -> None:
    """An old list can name what was forgotten since: that is said, and nothing happens."""
    await bot.learns(world.ann, world.channel, "I like tea")
    message = await seen(await world.ann.runs(world.channel, "memories"))
    await bot.app.core.forget_all(scope_of(world.ann, world.channel))
    (chosen,) = [row["components"][0] for row in message.components]
    use = await world.ann.presses(message, chosen["custom_id"], [chosen["options"][0]["value"]])

    assert "no memory" in (await seen(use)).content


# /forget


async def test_forget_shows_first_and_forgets_exactly_that_after_a_restart(world: World) -> None:
    """What was shown goes when the button is pressed, though more would fit by then, and though the bot restarted."""
    async with world.bot() as bot:
        await bot.learns(world.ann, world.channel, "I like green tea", "I like black tea", "I like coffee")
        message = await seen(await world.ann.runs(world.channel, "forget", {"what": "tea"}))
        asked = message.content
        await bot.learns(world.ann, world.channel, "I like white tea")
    async with world.bot() as bot:
        await (await world.ann.presses(message, "Forget")).answered()
        left = await bot.texts(world.ann, world.channel)

    assert asked.splitlines()[0] == "Forget these 2 memories?"
    assert left == ["I like coffee", "I like white tea"]
    assert message.content.startswith("Forgotten: 2 memories.")
    assert labels(message) == []


async def test_forget_can_be_called_off(world: World, bot: Bot) -> None:
    """Keep keeps."""
    await bot.learns(world.ann, world.channel, "I like tea")
    message = await seen(await world.ann.runs(world.channel, "forget", {"what": "tea"}))
    await (await world.ann.presses(message, "Keep")).answered()

    assert await bot.texts(world.ann, world.channel) == ["I like tea"]
    assert message.content == "Nothing was forgotten."


async def test_forget_by_number_asks_first(world: World, bot: Bot) -> None:
    """Numbers name memories, which are shown; they go when the button is pressed."""
    await bot.learns(world.ann, world.channel, "I like tea", "I like coffee", "I like jam")
    message = await seen(await world.ann.runs(world.channel, "forget", {"what": "#1, 3"}))
    asked, before = message.content, await bot.texts(world.ann, world.channel)
    await (await world.ann.presses(message, "Forget")).answered()

    assert asked.startswith("Forget these 2 memories?")
    assert "I like tea" in asked
    assert len(before) == 3
    assert await bot.texts(world.ann, world.channel) == ["I like coffee"]


async def test_number_of_no_memory_is_said(world: World, bot: Bot) -> None:
    """One that there is not makes it nothing, also beside one that there is."""
    await bot.learns(world.ann, world.channel, "I like tea")
    message = await seen(await world.ann.runs(world.channel, "forget", {"what": "#1 #7"}))

    assert "no memory with that number" in message.content
    assert labels(message) == []


async def test_suggestions_follow_what_is_typed(world: World, bot: Bot) -> None:
    """Half a word brings up the memories with it; the one chosen is forgotten, whatever else has its words."""
    await bot.learns(world.ann, world.channel, "I'm vegan", "I like tea", f"I was vegan, and {LONG}")
    choices = await world.ann.types(world.channel, "forget", "what", "veg")
    chosen = next(choice["value"] for choice in choices if "I'm vegan" in choice["name"])
    message = await seen(await world.ann.runs(world.channel, "forget", {"what": chosen}))
    before = len(await bot.texts(world.ann, world.channel))
    await (await world.ann.presses(message, "Forget")).answered()

    assert (len(choices), before) == (2, 3)
    assert max(len(choice["name"]) for choice in choices) == 100
    assert [text[:10] for text in await bot.texts(world.ann, world.channel)] == ["I like tea", "I was vega"]


async def test_suggestion_of_somebody_else_forgets_nothing(world: World, bot: Bot) -> None:
    """A memory's id in the wrong hands finds nothing."""
    await bot.learns(world.ann, world.channel, "I'm vegan")
    (choice,) = await world.ann.types(world.channel, "forget", "what", "veg")
    message = await seen(await world.ben.runs(world.channel, "forget", {"what": choice["value"]}))

    assert "no memory with that number" in message.content
    assert await bot.texts(world.ann, world.channel) == ["I'm vegan"]


@pytest.mark.parametrize(("where", "left"), [("In this server", ["I like dates"]), ("Everywhere on Discord", [])])
async def test_everything_is_asked_twice(world: World, bot: Bot, where: str, left: list[str]) -> None:
    """/forget everything asks where, then once more, and only then erases: here, or in direct messages too."""
    await bot.learns(world.ann, world.channel, "I like tea")
    await bot.learns(world.ann, world.ann.dm, "I like dates")
    message = await seen(await world.ann.runs(world.channel, "forget", {"what": "everything"}))
    await (await world.ann.presses(message, where)).answered()
    before = await bot.texts(world.ann, world.channel)
    await (await world.ann.presses(message, "Erase everything")).answered()

    assert before == ["I like tea"]
    assert await bot.texts(world.ann, world.channel) == []
    assert await bot.texts(world.ann, world.ann.dm) == left
    assert message.content.startswith("Forgotten: everything")


@pytest.mark.parametrize("what", ["everything here", "Everything  everywhere", "all here"])
async def test_everything_somewhere_is_asked_too(world: World, bot: Bot, what: str) -> None:
    """Whoever says where at once is still asked whether they are sure, and can keep it all."""
    await bot.learns(world.ann, world.channel, "I like tea")
    message = await seen(await world.ann.runs(world.channel, "forget", {"what": what}))
    asked, before = labels(message), await bot.texts(world.ann, world.channel)
    await (await world.ann.presses(message, "Erase everything")).answered()

    assert asked == ["Erase everything", "Keep it all"]
    assert before == ["I like tea"]
    assert await bot.texts(world.ann, world.channel) == []


async def test_more_than_one_question_holds_is_said(world: World, bot: Bot) -> None:
    """Of many matches the newest ten are asked about, and how many there are besides is said."""
    await bot.learns(world.ann, world.channel, *LIKES)
    message = await seen(await world.ann.runs(world.channel, "forget", {"what": "like"}))
    await (await world.ann.presses(message, "Forget")).answered()

    assert "13 more" in message.states[0]
    assert await bot.texts(world.ann, world.channel) == LIKES[:13]
