"""Commands for a guild's admins, given as messages to the whole bot: settings and usage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.protocols import Usage
from bot.types import DM_GUILD, Policy, Scope
from tests.assistant.talking import ANN, BEN, DM, House, Reply, Talk

CHANNEL = "123456789012345678"


async def _as_admin(talk: Talk, text: str, scope: Scope = ANN) -> Reply:
    """Give a command as a platform does that has commands of its own, which work in every channel."""
    name, _, argument = text.removeprefix("/").partition(" ")
    return await talk.hear(replace(talk.message(argument, scope=scope), command=name, admin=True))


async def _policy(talk: Talk) -> Policy:
    return await talk.app.policies.of(ANN.platform, ANN.guild_id)


@pytest.mark.parametrize("command", ["/settings", "/settings shared-notes off", "/usage"])
async def test_only_admins_govern(offline: Talk, command: str) -> None:
    """Others get one line, and nothing changes."""
    heard = await offline.say(command)

    assert heard.text == "Only admins can do that here."
    assert await _policy(offline) == Policy()


@pytest.mark.parametrize("command", ["/settings", "/settings shared-notes off", "/usage"])
async def test_direct_messages_belong_to_no_server(offline: Talk, command: str) -> None:
    """Where there is no guild that is said, to whoever claims to be an admin too."""
    message = offline.message(command, scope=Scope("discord", DM_GUILD, "ann"), place=DM)

    heard = await offline.hear(replace(message, admin=True))

    assert heard.text.startswith("That is about a server, and there is none here")
    assert await offline.app.policies.of("discord", DM_GUILD) == Policy()


async def test_settings_lists_every_choice(offline: Talk) -> None:
    """Each with what holds and how to change it."""
    lines = (await _as_admin(offline, "/settings")).text.splitlines()

    assert [line.partition(":")[0] for line in lines[::2]] == [
        *("channels", "listening", "strict", "shared-notes", "model", "persona", "retention", "budget")
    ]
    assert lines[1::2] == [
        "  /settings channels #channel … | all",
        "  /settings listening #channel … | none",
        "  /settings strict #channel … | none",
        "  /settings shared-notes on | off",
        "  /settings model NAME | default",
        "  /settings persona TEXT | default",
        "  /settings retention DAYS | default",
        "  /settings budget TOKENS | default",
    ]


@pytest.mark.parametrize(
    ("policy", "sentences"),
    [
        (
            Policy(),
            [
                "channels: I answer everywhere",
                "listening: I keep nothing that is not addressed to me",
                "strict: in threads that I take part in, I answer without being mentioned",
                "shared-notes: notes for everyone are on",
                "outsiders: remembering guests is off",
                "model: I use the default model (to choose from: local)",
                "persona: I speak as whoever runs me chose",
                "retention: memories that I have not used for 90 days go, unless they are pinned",
                "budget: I use at most 500,000 tokens a day",
            ],
        ),
        (
            Policy(
                channels=frozenset({"1", "2"}),
                listening=frozenset({"2"}),
                strict=frozenset({"1"}),
                shared_notes=False,
                outsiders=True,
                model="local",
                persona="A pirate.",
                retention_days=30,
                tokens_per_day=1000,
            ),
            [
                "channels: I answer in <#1> <#2> only",
                "listening: in <#2> I also keep what is not addressed to me, of people whom I told what I keep, "
                "and who did not opt out",
                "strict: in threads of <#1> I answer only when I am mentioned",
                "shared-notes: notes for everyone are off",
                "outsiders: remembering guests is on",
                "model: I use local (to choose from: local)",
                "persona: I am told this: A pirate.",
                "retention: memories that I have not used for 30 days go, unless they are pinned",
                "budget: I use at most 1,000 tokens a day",
            ],
        ),
    ],
    ids=("empty", "filled"),
)
async def test_each_setting_reads_as_a_sentence(offline: Talk, policy: Policy, sentences: list[str]) -> None:
    """Whether admins chose something or not."""
    workspace = Scope("slack", "guild", "ann")
    await offline.app.policies.set(workspace.platform, workspace.guild_id, policy)
    lines = (await _as_admin(offline, "/settings", workspace)).text.splitlines()

    assert lines[::2] == sentences


async def test_only_workspaces_have_guests(offline: Talk) -> None:
    """On Slack, and there alone, admins choose whether guests are remembered."""
    workspace = Scope("slack", "guild", "ann")
    heard = [await _as_admin(offline, "/settings outsiders on", scope) for scope in (ANN, workspace)]

    assert heard[0].text.startswith("there is no setting outsiders")
    assert heard[1].text == "From now on, outsiders: remembering guests is on"


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ("shared-notes off", Policy(shared_notes=False)),
        ("Shared-Notes OFF", Policy(shared_notes=False)),
        (f"channels <#{CHANNEL}>, 987", Policy(channels=frozenset({CHANNEL, "987"}))),
        ("channels <#C024BE91L|general>", Policy(channels=frozenset({"C024BE91L"}))),
        ("listening <#1> <#2>", Policy(listening=frozenset({"1", "2"}))),
        ("strict 1", Policy(strict=frozenset({"1"}))),
        ("persona A pirate. Arr!", Policy(persona="A pirate. Arr!")),
        ("model other", Policy(model="other")),
        ("retention 90", Policy(retention_days=90)),
        ("budget 10,000", Policy(tokens_per_day=10_000)),
    ],
)
async def test_a_setting_is_changed(alone: House, said: str, then: Policy) -> None:
    """What an admin says holds from the answer on, and it alone."""
    async with alone.changed(openai={"more_models": ("other",)}).opened() as talk:
        heard = await _as_admin(talk, f"/settings {said}")

        assert heard.text.startswith(f"From now on, {said.partition(' ')[0].casefold()}: ")
        assert await _policy(talk) == then


@pytest.mark.parametrize(
    ("said", "name"),
    [("channels all", "channels"), ("listening none", "listening"), ("persona default", "persona")],
)
async def test_a_setting_goes_back(offline: Talk, said: str, name: str) -> None:
    """The word for it undoes a choice."""
    full = Policy(channels=frozenset({CHANNEL}), listening=frozenset({"2"}), persona="A pirate")
    await offline.app.policies.set(ANN.platform, ANN.guild_id, full)

    await _as_admin(offline, f"/settings {said}")

    assert await _policy(offline) == replace(full, **{name: getattr(Policy(), name)})


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("shared-notes maybe", "shared-notes is maybe, expected on | off; nothing was changed"),
        (
            "channels #general",
            "channels is #general, expected channels from the list that shows while you type #, or their ids, or all; "
            "nothing was changed",
        ),
        ("strict general", "strict is general, expected channels from the list that shows while you type #, or their"),
        ("listening <#1> all", "listening is <#1> all, expected channels from the list"),
        ("retention soon", "retention is soon, expected DAYS | default; nothing was changed"),
        ("retention -5", "retention is -5, expected"),
        ("retention 0", "retention is 0, expected"),
        ("budget 9999999999999", "budget is 9999999999999, expected"),
        ("budget 500001", "budget is 500001 tokens a day, expected 1 to 500000, or default"),
        ("model gpt-huge", "model is gpt-huge, expected one of local"),
        ("colour red", "there is no setting colour; there are channels, listening"),
    ],
)
async def test_a_wrong_value_is_answered_with_what_was_expected(offline: Talk, said: str, answer: str) -> None:
    """Nothing is changed by it."""
    heard = await _as_admin(offline, f"/settings {said}")

    assert heard.text.startswith(answer)
    assert await _policy(offline) == Policy()


async def test_a_name_alone_explains_the_setting(offline: Talk) -> None:
    """What holds, and how to change it."""
    heard = await _as_admin(offline, "/settings retention")

    assert heard.text == "retention: memories stay until they are erased\n  /settings retention DAYS | default"


async def test_usage_counts_and_tells_nothing(home: House) -> None:
    """Answers, tokens, cost, people and memories of this guild, today and in thirty days; no word of anybody."""
    priced = home.changed(openai={"prompt_price": 100.0, "completion_price": 200.0})
    async with priced.opened() as talk:
        await talk.meet(ANN, BEN)
        await talk.say("My cat is called Minka.")
        talk.clock.advance(days=3)
        await talk.say("I love oolong tea.", scope=BEN)
        await talk.say("What do I love?", scope=BEN)
        await talk.say("/remember for:everyone The wifi is called Heron", scope=BEN)
        await talk.say("I live in Lisbon.", scope=Scope("discord", "other guild", "ann"))
        today, _ = await talk.app.ledger.usage(ANN.platform, ANN.guild_id, talk.clock().date())
        month = (await talk.app.ledger.tally(ANN.platform, ANN.guild_id, talk.clock().date().replace(day=1))).usage

        heard = await _as_admin(talk, "/usage")

    assert heard.text.splitlines() == [
        f"Today: 2 messages answered; {_tokens(today)}",
        f"30 days: 3 messages answered; {_tokens(month)}",
        f"Left of today's budget: {500_000 - today.prompt_tokens - today.completion_tokens:,} tokens",
        "People with memories: 2; memories: 3",
    ]


async def test_usage_without_prices_names_no_cost(offline: Talk) -> None:
    """Tokens alone: a price that nobody set is not made up."""
    heard = await _as_admin(offline, "/usage")

    assert heard.text.splitlines()[0] == "Today: 0 messages answered; 0 tokens in, 0 out"


async def test_usage_is_of_the_last_thirty_days(offline: Talk) -> None:
    """The day before them counts no more."""
    await offline.say("My cat is called Minka.")

    seen = []
    for days in (29, 1):
        offline.clock.advance(days=days)
        seen.append((await _as_admin(offline, "/usage")).text.splitlines()[1].partition(";")[0])

    assert seen == ["30 days: 1 message answered", "30 days: 0 messages answered"]


def _tokens(usage: Usage) -> str:
    cost = usage.prompt_tokens * 100 / 1e6 + usage.completion_tokens * 200 / 1e6
    return f"{usage.prompt_tokens:,} tokens in, {usage.completion_tokens:,} out; cost {cost:,.2f}"
