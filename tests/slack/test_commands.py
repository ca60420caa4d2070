"""Every slash command, and what can be said after the umbrella command."""

from __future__ import annotations

import json

import pytest

from adapters.slack.interface.commands import SUBCOMMANDS, as_called
from adapters.slack.interface.responding import MOST_MESSAGES
from adapters.slack.interface.slash import SUBCOMMANDS as SAID_AFTER_UMBRELLA
from bot.types import Kind, PlaceKind, Policy, Reach, Status
from tests.servers.slack import Channel, Message, Person, error
from tests.slack.interface_world import Bot, World, bot, quiet_library, scope_of, world

__all__ = ["bot", "quiet_library", "world"]


async def _answer(world: World, person: Person, text: str, channel: Channel | None = None) -> Message:
    """What the umbrella command says."""
    return await world.seen(await person.commands(channel or world.general, "/forgetmenot", text))


async def test_remember_keeps_and_says_so(world: World, bot: Bot) -> None:
    """What is typed is kept, only whoever typed it is told, and undo stands below."""
    use = await world.ann.commands(world.general, "/remember", "I'm vegan & happy")
    message = await world.seen(use)

    assert await bot.texts(world.ann) == ["I'm vegan & happy"]
    assert "Remembered: #1 I'm vegan & happy" in message.shown
    assert message.buttons == ["remembered · undo"]


async def test_options_and_mentions_are_read(world: World, bot: Bot) -> None:
    """Options are taken out of the text, and mentions and channels are kept as people read them."""
    text = f"I work with {world.ben.mention} in <#{world.general.id}|general> for:anywhere kind:decision"
    await world.seen(await world.ann.commands(world.general, "/remember", text))
    (memory,) = await bot.app.core.list(scope_of(world.ann))

    assert memory.text == "I work with @Ben in #general"
    assert (memory.kind, memory.reach, memory.place.kind) == (Kind.DECISION, Reach.ANYWHERE, PlaceKind.PUBLIC)


async def test_what_is_said_where_the_bot_is_not_is_private(world: World, bot: Bot) -> None:
    """A conversation of which Slack tells the bot nothing, such as one of two people, could be anything."""
    other = world.server.team.add_channel("two-people", private=True)
    await world.seen(await world.ann.commands(other, "/remember", "I like tea"))
    await world.seen(await world.ann.commands(world.ann.im, "/remember", "I like milk"))
    memories = await bot.app.core.list(scope_of(world.ann))

    assert [memory.place.kind for memory in memories] == [PlaceKind.DM, PlaceKind.PRIVATE]


@pytest.mark.parametrize(("pressed", "left"), [("Remember it", [Status.CURRENT]), ("Don't", [])])
async def test_sensitive_things_are_asked_about(world: World, bot: Bot, pressed: str, left: list[Status]) -> None:
    """A yes keeps, a no erases, and the answer takes the place of the question."""
    message = await world.seen(await world.ann.commands(world.general, "/remember", "I have asthma"))
    before = [memory.status for memory in await bot.app.core.list(scope_of(world.ann))]
    await world.ann.presses(message, pressed)
    await world.server.until(lambda: not message.buttons)

    assert before == [Status.PROPOSED]
    assert [memory.status for memory in await bot.app.core.list(scope_of(world.ann))] == left
    assert message.shown in ("Remembered.", "I have not kept it.")


async def test_undo_under_an_answer_takes_it_back(world: World, bot: Bot) -> None:
    """The answer becomes what was taken back."""
    message = await world.seen(await world.ann.commands(world.general, "/remember", "I like tea"))
    await world.ann.presses(message, "remembered · undo")
    await world.shows(message, "Taken back and erased:")

    assert await bot.texts(world.ann) == []
    assert message.buttons == []


async def test_forget_shows_first_and_then_forgets_exactly_that(world: World, bot: Bot) -> None:
    """What would go is listed with two buttons, and nothing else goes."""
    await bot.learns(world.ann, world.general, "I like green tea", "I like black tea", "I like milk")
    message = await world.seen(await world.ann.commands(world.general, "/forget", "tea"))
    await bot.learns(world.ann, world.general, "I like mint tea")
    buttons, asked = message.buttons, message.shown
    await world.ann.presses(message, "Forget")
    await world.shows(message, "Forgotten: 2 memories.")

    assert buttons == ["Forget", "Keep"]
    assert "Forget these 2 memories?\n#2 I like black tea\n#1 I like green tea" in asked
    assert await bot.texts(world.ann) == ["I like milk", "I like mint tea"]


async def test_keep_forgets_nothing(world: World, bot: Bot) -> None:
    """The preview goes, the memory stays."""
    await bot.learns(world.ann, world.general, "I like tea")
    message = await world.seen(await world.ann.commands(world.general, "/forget", "tea"))
    await world.ann.presses(message, "Keep")
    await world.shows(message, "Nothing was forgotten.")

    assert await bot.texts(world.ann) == ["I like tea"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#7", "there is no memory with that number"),
        ("coffee", "I have no memory with these words."),
        ("", "Tell me what:"),
    ],
)
async def test_forget_without_a_preview(world: World, bot: Bot, text: str, said: str) -> None:
    """Numbers and words that fit nothing, and no words, are answered."""
    await bot.learns(world.ann, world.general, "I keep bees")
    message = await world.seen(await world.ann.commands(world.general, "/forget", text))

    assert said in message.shown
    assert message.buttons == []


@pytest.mark.parametrize("text", ["#1", "1, #3"])
async def test_forget_by_number_asks_too(world: World, bot: Bot, text: str) -> None:
    """A number is easily mistyped: what it means is shown first."""
    await bot.learns(world.ann, world.general, "I keep bees", "I like tea", "I like milk")
    message = await world.seen(await world.ann.commands(world.general, "/forget", text))
    before, buttons = await bot.texts(world.ann), message.buttons
    await world.ann.presses(message, "Forget")
    await world.shows(message, "Forgotten: ")

    assert "#1 I keep bees" in message.states[0]
    assert buttons == ["Forget", "Keep"]
    assert len(before) == 3
    assert await bot.texts(world.ann) == (["I like tea", "I like milk"] if text == "#1" else ["I like tea"])


@pytest.mark.parametrize("text", ["everything", "all", "everything here", "everything everywhere"])
async def test_everything_asks_twice(world: World, bot: Bot, text: str) -> None:
    """Nothing but this workspace is offered, which is all that is erased; the button asks for confirmation."""
    await bot.learns(world.ann, world.general, "I keep bees")
    message = await world.seen(await world.ann.commands(world.general, "/forget", text))
    buttons = message.blocks[-1]["elements"]
    labels = message.buttons
    await world.ann.presses(message, "Erase everything")
    await world.shows(message, "Forgotten: everything, 1 memory.")

    assert labels == ["Erase everything", "Keep it all"]
    assert [("confirm" in button) for button in buttons] == [True, False]
    assert await bot.texts(world.ann) == []


async def test_memories_are_listed_and_lead_to_the_list(world: World, bot: Bot) -> None:
    """The list is a text; its button opens the same list in a modal, where it can be changed."""
    await bot.learns(world.ann, world.general, "I like green tea", "I keep bees")
    message = await world.seen(await world.ann.commands(world.general, "/memories", "tea kind:preference"))
    view = await world.modal(await world.ann.presses(message, "Change, pin or forget"))
    wrong = await world.seen(await world.ann.commands(world.general, "/memories", "kind:nonsense"))

    assert "#1 I like green tea – " in message.shown
    assert "bees" not in message.shown
    assert "#1 I like green tea" in view.shown
    assert "bees" not in view.shown
    assert json.loads(view.content["private_metadata"]) == {"kind": "preference", "page": 1, "words": "tea"}
    assert "kind:nonsense is not known" in wrong.shown


SAID = {
    "": "/forgetmenot undo – take back what I last remembered",
    "HELP": "/forgetmenot export – everything I keep about you",
    "help": "/forget WORDS – shows what would be forgotten",
    "recall what do I keep?": "I keep bees",
    "recall": "Ask me something: /forgetmenot recall",
    "why": "I have not answered you here lately.",
    "pause": "Paused: I keep nothing you say, except with /remember. Go on with /forgetmenot resume.",
    "resume": "Now: I remember what you tell me.",
    "new": "A new conversation.",
    "export": "is in our direct messages, as a file",
    "privacy": "I am an AI that remembers.",
    "memories": "#1 I keep bees",
    "recal bees": "I don't know “recal”. Did you mean /forgetmenot recall?",
    "dance": "I don't know “dance”.\nTalk to me",
    "undo": "Taken back and erased:\n#1 I keep bees",
    "privacy opt-out": "You are opted out",
}


async def test_umbrella(world: World, bot: Bot) -> None:
    """Everything that has no command of its own is said after one; commands are named as they are called here."""
    await bot.learns(world.ann, world.general, "I keep bees")
    shown = {text: (await _answer(world, world.ann, text)).shown for text in SAID}

    assert [(text, shown[text]) for text, said in SAID.items() if said not in shown[text]] == []


async def test_every_subcommand_is_there() -> None:
    """What Slack is told can be said is what is understood."""
    assert set(SAID_AFTER_UMBRELLA) == set(SUBCOMMANDS)


async def test_commands_can_have_a_prefix(world: World) -> None:
    """The prefix stands before the name and in what the bot says of its commands."""
    world.server.commands = {"/team-remember", "/team-forgetmenot"}
    async with world.bot(slack={"command_prefix": "team-"}) as bot:
        kept = await world.seen(await world.ann.commands(world.general, "/team-remember", "I keep bees"))
        helped = await world.seen(await world.ann.commands(world.general, "/team-forgetmenot", "help"))
        left = await bot.texts(world.ann)

    assert "Remembered" in kept.shown
    assert "/team-forgetmenot why" in helped.shown
    assert left == ["I keep bees"]


async def test_a_command_of_another_version_says_so(world: World, bot: Bot) -> None:
    """A name that Slack still knows and the bot does not is answered, not left to fail."""
    world.server.commands.add("/dance")

    assert "older version" in (await world.seen(await world.ann.commands(world.general, "/dance"))).shown


def test_names_of_commands_in_other_texts_stay() -> None:
    """Paths and words that only begin like a command are none."""
    text = "See /usr/why, http://host/undo, /helpful and /new; /remember it"

    assert as_called(text, "x-") == "See /usr/why, http://host/undo, /helpful and /x-forgetmenot new; /x-remember it"


async def test_private_channel_that_is_named(world: World, bot: Bot) -> None:
    """Is not named by the bot, although Slack writes its name beside its id; a public one is."""
    secret = world.server.team.add_channel("secret-project", private=True)
    world.server.team.invite(secret)
    await world.seen(await world.ann.commands(world.general, "/remember", f"I read {secret.mention}"))
    await world.seen(await world.ann.commands(world.general, "/remember", f"I write in {world.general.mention}"))

    assert await bot.texts(world.ann) == [f"I read #{secret.id}", "I write in #general"]


async def test_export_comes_as_a_file(world: World, bot: Bot) -> None:
    """In the direct messages, where nobody else sees it, one memory a line, to the letter."""
    texts = [f"I keep bee number {number}, see /help & <https://bees.example>" for number in range(3)]
    await bot.learns(world.ann, world.general, *texts)
    message = await _answer(world, world.ann, "export")
    (sent,) = [said for said in world.ann.im.visible if said.files]
    lines = sent.files[0].content.decode().splitlines()

    assert "is in our direct messages, as a file" in message.shown
    assert [json.loads(line)["text"] for line in lines] == texts


@pytest.mark.parametrize(("count", "said"), [(40, "This is everything"), (400, "This is the beginning, ")])
async def test_export_without_the_permission_for_files_says_so(world: World, bot: Bot, count: int, said: str) -> None:
    """What fits is shown, and what it takes to have all."""
    assert world.server.team.grant is not None
    world.server.team.grant.scopes -= {"files:write"}
    await bot.learns(world.ann, world.general, *(f"I keep bee number {number} behind /help" for number in range(count)))
    use = await world.ann.commands(world.general, "/forgetmenot", "export")
    await world.server.until(lambda: use.responses and ("bee number 39" in use.responses[-1].shown or count > 40))

    assert "the app lacks the permission files:write" in use.responses[0].shown
    assert said in use.responses[0].shown
    assert "behind /help" in use.responses[0].shown  # to the letter: it names no command of the bot's
    assert len(use.responses) <= MOST_MESSAGES


async def test_privacy_is_chosen_by_buttons(world: World, bot: Bot) -> None:
    """Opting out asks for confirmation, takes the place of the buttons, and can be taken back."""
    message = await _answer(world, world.ann, "privacy")
    buttons, optout = message.buttons, message.blocks[-1]["elements"][1]
    await world.ann.presses(message, "Opt out")
    await world.shows(message, "You are opted out")
    after = message.buttons
    await world.ann.presses(message, "Opt in")
    await world.shows(message, "Welcome back.")

    assert buttons == ["Pause", "Opt out"]
    assert "confirm" in optout
    assert after == ["Opt in"]


async def test_what_a_command_kept_names_no_message(world: World, bot: Bot) -> None:
    """It came from a command, whose id would lead nobody anywhere."""
    await world.seen(await world.ann.commands(world.general, "/remember", "I keep bees"))
    message = await _answer(world, world.ann, "recall bees")

    assert "from a command" in message.shown


async def test_names_of_private_channels_are_not_told(world: World, bot: Bot) -> None:
    """Slack shows a mention of one to its members only; a name in the bot's words would be read by everybody."""
    secret = world.server.team.add_channel("layoffs", private=True)
    world.server.team.invite(secret)
    workspace = await bot.services.workspaces.of(world.server.team.id)
    names = await bot.services.directory.names(workspace, [], [secret.id, world.general.id])

    assert names == {world.general.id: "general"}


async def test_commands_follow_where_admins_want_the_bot(world: World, bot: Bot) -> None:
    """Elsewhere a line says where it is to be used, with links to the channels."""
    policy = Policy(channels=frozenset({"C000ELSEWHERE"}))
    await bot.app.policies.set("slack", world.server.team.id, policy)
    message = await world.seen(await world.ann.commands(world.general, "/remember", "I like tea"))

    assert "chose where: <#C000ELSEWHERE>" in message.shown
    assert await bot.texts(world.ann) == []


async def test_nothing_is_kept_of_guests(world: World, bot: Bot) -> None:
    """A guest's command is answered with why nothing comes of it."""
    guest = world.server.team.add_person("Gil", guest=True)
    message = await world.seen(await guest.commands(world.general, "/remember", "I like tea"))

    assert "You are a guest here" in message.shown
    assert await bot.texts(guest) == []


async def test_an_answer_that_has_no_response_url_any_more_is_still_given(world: World, bot: Bot) -> None:
    """When the address is used up, the answer goes to the channel for the one person's eyes."""
    world.server.timing = type(world.server.timing)(response_url_s=-1)
    await world.ann.commands(world.general, "/forgetmenot", "help")
    await world.server.until(lambda: world.server.ephemerals(world.ann))
    (message,) = world.server.ephemerals(world.ann)
    refused = [text for text in world.server.violations if "expired_url" in text]
    world.server.violations.clear()

    assert "Talk to me" in message.shown
    assert len(refused) == 1


async def test_what_people_wrote_mentions_nobody(world: World, bot: Bot) -> None:
    """A memory that holds Slack's own tokens is shown to the letter."""
    await bot.learns(world.ann, world.general, "Ping <!channel> and <@U000BEN> & *all*")
    message = await world.seen(await world.ann.commands(world.general, "/memories", ""))

    assert "Ping <!channel> and <@U000BEN> & *all*" in message.shown
    assert world.server.pings == []


async def test_a_failure_is_told_with_a_reference(world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong, whoever asked hears of it, and finds it in the log."""
    monkeypatch.setattr(bot.app.panel, "page", None)
    message = await world.seen(await world.ann.commands(world.general, "/forget", "tea"))

    assert "the mistake is mine" in message.shown


async def test_slack_that_does_not_answer_about_people_is_no_reason_to_fail(world: World, bot: Bot) -> None:
    """What passes is asked a second time; somebody of whom Slack tells nothing is told so, and no guest or admin."""
    world.server.will("users.info", error("internal_error"))
    kept = await world.seen(await world.ann.commands(world.general, "/remember", "I like tea"))
    world.server.will("users.info", *[error("internal_error")] * 4)
    message = await world.seen(await world.ben.commands(world.general, "/remember", "I like tea"))
    refused = await world.seen(await world.ada.commands(world.general, "/forgetmenot", "settings"))

    assert "Remembered" in kept.shown
    assert "I can't find out who you are just now" in message.shown
    assert "Slack does not say just now whether you are one" in refused.shown
