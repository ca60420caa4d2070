"""What admins of a workspace see and choose, and that nobody else does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.slack.directory import KEPT_S
from bot.types import Policy
from tests.servers.slack import View
from tests.slack.interface_world import Bot, World, bot, quiet_library, world

__all__ = ["bot", "quiet_library", "world"]

REFUSED = "Only admins of this workspace can do that."


async def _form(world: World, bot: Bot) -> View:
    """The form with the settings, opened from the home tab of an admin."""
    return await world.modal(await world.ada.presses(await bot.home(world.ada), "Settings"))


async def _policy(world: World, bot: Bot) -> Policy:
    return await bot.app.policies.of("slack", world.server.team.id)


async def test_form_says_what_holds(world: World) -> None:
    """Of whom the bot listens, and what whoever runs it allows."""
    async with world.bot(limits={"tokens_per_day_per_guild": 123_456}, memory={"retention_days": 60}) as bot:
        form = await _form(world, bot)
    async with world.bot(memory={"retention_days": 0}, slack={"memory_days": 0}) as bot:
        unlimited = await _form(world, bot)

    hints = [
        {block["block_id"]: block["hint"]["text"] for block in view.blocks if "hint" in block}
        for view in (form, unlimited)
    ]
    assert "of people whom I told what I keep, and who did not opt out" in hints[0]["listening"]
    assert "up to 60, " in hints[0]["retention"]
    assert "up to 123,456, " in hints[0]["budget"]
    assert hints[1]["retention"] == "A whole number, or nothing: they stay."


async def test_settings_are_chosen_in_a_form(world: World, bot: Bot) -> None:
    """Everything that is chosen is kept together, and the form shows it the next time."""
    team = world.server.team
    quiet = team.add_channel("quiet")
    form = await _form(world, bot)
    use = await world.ada.submits(
        form,
        {
            "channels": [world.general.id, quiet.id],
            "listening": [quiet.id],
            "people": ["outsiders"],
            "persona": "You are a pirate.",
            "retention": "30",
            "budget": "1000",
        },
    )
    await world.server.until(lambda: world.ada.modal is None)
    again = await _form(world, bot)
    shown = {block["block_id"]: block["element"] for block in again.blocks if block["type"] == "input"}

    assert use.errors == {}
    assert await _policy(world, bot) == Policy(
        channels=frozenset({world.general.id, quiet.id}),
        listening=frozenset({quiet.id}),
        shared_notes=False,
        outsiders=True,
        persona="You are a pirate.",
        retention_days=30,
        tokens_per_day=1000,
    )
    assert shown["channels"]["initial_conversations"] == sorted([world.general.id, quiet.id])
    assert shown["persona"]["initial_value"] == "You are a pirate."
    assert [option["value"] for option in shown["people"]["initial_options"]] == ["outsiders"]


async def test_form_that_is_sent_as_it_is_changes_nothing(world: World, bot: Bot) -> None:
    """Fields that nobody touched mean what was in force."""
    policy = Policy(channels=frozenset({world.general.id}), shared_notes=False, retention_days=7)
    await bot.app.policies.set("slack", world.server.team.id, policy)
    await world.ada.submits(await _form(world, bot))
    await world.server.until(lambda: world.ada.modal is None)

    assert await _policy(world, bot) == policy


async def test_form_undoes_nothing_that_others_changed_meanwhile(world: World, bot: Bot) -> None:
    """What an admin left as the form showed it is none of their choices; what they changed holds."""
    team = world.server.team
    await bot.app.policies.set("slack", team.id, Policy(outsiders=True, persona="Kind", retention_days=7))
    form = await _form(world, bot)
    meanwhile = Policy(channels=frozenset({world.general.id}), persona="Rude", retention_days=8)
    await bot.app.policies.set("slack", team.id, meanwhile)
    await world.ada.submits(form, {"budget": "1000", "retention": "9"})
    await world.server.until(lambda: world.ada.modal is None)

    assert await _policy(world, bot) == replace(meanwhile, retention_days=9, tokens_per_day=1000)


async def test_private_channel_that_an_admin_is_not_in_stays_chosen(world: World, bot: Bot) -> None:
    """Slack may leave it out of the list that it shows them: none left would mean everywhere."""
    team = world.server.team
    hidden, own = team.add_channel("hidden", private=True), team.add_channel("own", private=True)
    for channel in (hidden, own):
        team.invite(channel)
    own.members.add(world.ada.id)
    ids = frozenset({hidden.id, own.id, world.general.id})
    await bot.app.policies.set("slack", team.id, Policy(channels=ids, listening=ids, strict=frozenset({own.id})))
    await world.ada.submits(await _form(world, bot), {"channels": [], "listening": [own.id], "strict": []})
    await world.server.until(lambda: world.ada.modal is None)

    assert await _policy(world, bot) == Policy(
        channels=frozenset({hidden.id}), listening=frozenset({hidden.id, own.id})
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("budget", "999999999", "budget is 999999999 tokens a day"),
        ("retention", "soon", "A whole number"),
        ("retention", "99999", "retention is 99999 days"),
    ],
)
async def test_what_is_not_allowed_is_said_at_its_field(
    world: World, bot: Bot, field: str, value: str, said: str
) -> None:
    """The form stays open with what was found and expected, and nothing is changed."""
    use = await world.ada.submits(await _form(world, bot), {field: value})

    assert list(use.errors) == [field]
    assert said in use.errors[field]
    assert world.ada.modal is not None
    assert await _policy(world, bot) == Policy()


async def test_usage_is_shown_to_admins(world: World, bot: Bot) -> None:
    """Counts, in a modal from the home tab and after the command."""
    modal = await world.modal(await world.ada.presses(await bot.home(world.ada), "Usage"))
    message = await world.seen(await world.ada.commands(world.general, "/forgetmenot", "usage"))

    assert "Left of today's budget" in modal.shown
    assert "People with memories: 0" in message.shown


async def test_settings_by_words_and_by_the_button_under_them(world: World, bot: Bot) -> None:
    """A setting is changed by its name, channels by their links; without a name all are told, with a button."""
    words = f"settings channels <#{world.general.id}|general>"
    changed = await world.seen(await world.ada.commands(world.general, "/forgetmenot", words))
    persona = "settings persona Tom & Jerry"
    await world.seen(await world.ada.commands(world.general, "/forgetmenot", persona))
    told = await world.seen(await world.ada.commands(world.general, "/forgetmenot", "settings"))
    form = await world.modal(await world.ada.presses(told, "Change settings"))

    assert f"I answer in <#{world.general.id}>" in changed.shown
    assert "/forgetmenot settings model NAME | default" in told.shown
    assert (await _policy(world, bot)).persona == "Tom & Jerry"
    assert form.content["title"]["text"] == "Settings"


async def test_persona_is_kept_as_it_is_read(world: World, bot: Bot) -> None:
    """Links and escapes of Slack's are for its clients, not for the model; of channels only their ids are of use."""
    persona = f"settings persona Point to <#{world.general.id}|general> & be <nice>"
    await world.seen(await world.ada.commands(world.general, "/forgetmenot", persona))
    strict = f"settings Strict <#{world.general.id}|general>"
    await world.seen(await world.ada.commands(world.general, "/forgetmenot", strict))

    assert await _policy(world, bot) == Policy(
        persona="Point to #general & be <nice>", strict=frozenset({world.general.id})
    )


async def test_channels_are_links_beside_a_persona_with_formatting(world: World, bot: Bot) -> None:
    """The stars of one setting do not turn the links of another into ids; they are shown to the letter themselves."""
    policy = Policy(channels=frozenset({world.general.id}), persona="Be *very* kind")
    await bot.app.policies.set("slack", world.server.team.id, policy)
    told = await world.seen(await world.ada.commands(world.general, "/forgetmenot", "settings"))
    texts = [block["text"] for block in told.blocks if block["type"] == "section"]

    link = f"I answer in <#{world.general.id}> only"
    assert [text["type"] for text in texts if link in text["text"]] == ["mrkdwn"]
    assert [text["type"] for text in texts if "Be *very* kind" in text["text"]] == ["plain_text"]


@pytest.mark.parametrize("text", ["settings", "settings persona You are rude", "usage"])
async def test_others_are_refused(world: World, bot: Bot, text: str) -> None:
    """Whoever is no admin is told so, and nothing is changed or shown."""
    message = await world.seen(await world.ann.commands(world.general, "/forgetmenot", text))

    assert message.shown == REFUSED
    assert await _policy(world, bot) == Policy()


async def test_somebody_who_is_no_admin_any_more_is_refused(
    world: World, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each press and each form is asked about anew, a few minutes after somebody lost the right at the latest."""
    home = await bot.home(world.ada)
    form = await _form(world, bot)
    world.ada.is_admin = False
    clock = bot.services.directory._people._clock
    monkeypatch.setattr(bot.services.directory._people, "_clock", lambda: clock() + KEPT_S + 1)
    use = await world.ada.submits(form, {"persona": "You are rude"})
    pressed = await world.modal(await world.ada.presses(home, "Settings"))

    assert list(use.errors.values()) == [REFUSED]
    assert pressed.shown == f"Settings\n{REFUSED}"
    assert await _policy(world, bot) == Policy()
