"""What a Slack message says, by whom and where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext

from adapters.slack.directory import Channel, Person, _channel, _person
from adapters.slack.interface.keywords import spoken_command
from adapters.slack.reading import (
    Said,
    changed_in,
    incoming,
    named_in,
    names_bot,
    place_of,
    readable,
    said_in,
    scope_of,
    text_of,
)
from adapters.slack.workspaces import Workspace
from bot.types import Place, PlaceKind, Scope

BOT = "U0BOT"
HOME = Workspace("T1", None, BOT, "B0BOT", "T1", "E1")  # type: ignore[arg-type] # no call is made
ORGANISATION = Workspace("E1", None, BOT, "B0BOT", "T1", "E1")  # type: ignore[arg-type] # likewise
EVENT = {"type": "message", "channel": "C1", "user": "U1", "ts": "1700000000.000100", "text": "hi", "team": "T1"}


class TestSaid:
    """Which events are something that a person said."""

    def test_message(self) -> None:
        """With all that is needed of it."""
        said = said_in({**EVENT, "thread_ts": "1690000000.000000", "parent_user_id": BOT})

        assert said == Said("C1", "U1", "1700000000.000100", "hi", "1690000000.000000", BOT, home="T1")
        assert said.source_id == "C1:1700000000.000100"

    @pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
    def test_subtypes_of_people(self, subtype: str) -> None:
        """Files come as one, and replies that are also sent to the channel as the other."""
        assert said_in({**EVENT, "subtype": subtype}) is not None

    @pytest.mark.parametrize(
        "change",
        [
            {"subtype": "bot_message"},
            {"subtype": "channel_join"},
            {"subtype": "message_changed"},
            {"subtype": "me_message"},
            {"subtype": "assistant_app_thread"},
            {"bot_id": "B9"},
            {"bot_id": "BWORKFLOW", "subtype": None},
            {"user": None},
            {"user": ""},
            {"user": {"id": "U1"}},
            {"user": "USLACKBOT"},
            {"hidden": True},
            {"ts": None},
            {"ts": ""},
            {"ts": "now"},
            {"ts": 1700000000.0001},
            {"ts": "1e400"},
        ],
    )
    def test_everything_else(self, change: dict[str, Any]) -> None:
        """Is dropped: bots, workflows, Slack itself, and what is no message."""
        assert said_in({**EVENT, **change}) is None

    def test_edit(self) -> None:
        """Is one when a person changed the text."""
        after = {**EVENT, "text": "ho", "edited": {"user": "U1", "ts": "1700000005.000000"}}
        changed = changed_in({"channel": "C1", "message": after, "previous_message": EVENT})

        assert changed is not None
        assert (changed.text, changed.edited_ts, changed.channel_id) == ("ho", "1700000005.000000", "C1")

    @pytest.mark.parametrize(
        "after",
        [
            {**EVENT, "text": "ho"},  # a preview, or a reply that was counted
            {**EVENT, "edited": {"user": "U1", "ts": "1700000005.000000"}},
            {**EVENT, "text": "ho", "edited": {"ts": "1700000005.000000"}, "bot_id": "B1"},
            {},
        ],
    )
    def test_no_edit(self, after: dict[str, Any]) -> None:
        """When only a preview came, the text stayed, or a bot changed its own."""
        assert changed_in({"channel": "C1", "message": after, "previous_message": EVENT}) is None


class TestText:
    """What a text says to those who read it in Slack."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            (f"<@{BOT}> hello", "hello"),
            (f"<@{BOT}>, hello", "hello"),
            (f"<@{BOT}|forgetmenot>: hello", "hello"),
            (f"hey <@{BOT}> you", "hey you"),
            (f"is <@{BOT}>, my friend, there?", "is, my friend, there?"),
            (f"<@{BOT}>", ""),
            ("<@U1> and <@U2|ben> and <@U3>", "@Ann and @ben and @U3"),
            ("<#C1|secret-project> <#C2|> <#C2|was-called-so> <#C3>", "#C1 #random #random #C3"),
            ("<!subteam^S1|@admins> <!subteam^S2>", "@admins @group"),
            ("<!here> <!channel> <!everyone>", "@here @channel @everyone"),
            ("<!date^1392734382^{date}|Feb 18>", "Feb 18"),
            ("<https://x.example/a>", "https://x.example/a"),
            ("<https://x.example|x.example>", "https://x.example"),
            ("<https://x.example/a?b=1&amp;c=2|this>", "this (https://x.example/a?b=1&c=2)"),
            ("<mailto:a@b.example|a@b.example>", "mailto:a@b.example"),
            ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
            ("&amp;lt;", "&lt;"),
            (":wave: _hi_", ":wave: _hi_"),
        ],
    )
    def test_shown(self, text: str, shown: str) -> None:
        """Mentions of the bot are gone, all else is readable."""
        assert text_of(text, BOT, {"U1": "Ann", "C2": "random"}) == shown

    def test_escaped_tokens_are_words(self) -> None:
        """What somebody typed is no mention because it looks like one."""
        assert readable("&lt;@U1&gt;", {"U1": "Ann"}) == "<@U1>"
        assert not names_bot(f"&lt;@{BOT}&gt;", BOT)

    def test_who_is_named(self) -> None:
        """Once each: people where no name stands beside the id, channels always, since theirs may be a secret."""
        assert named_in("<@U1> <@U1> <@U2|b> <#C1> <#C2|c> <@W3>") == (["U1", "W3"], ["C1", "C2"])

    def test_mention(self) -> None:
        """Of the bot, not of somebody whose id begins alike; nobody is named by an unknown id."""
        assert names_bot(f"hey <@{BOT}>", BOT)
        assert not names_bot(f"<@{BOT}X>", BOT)
        assert not names_bot("<@U1>", "")


class TestKeywords:
    """Which words are commands."""

    @pytest.mark.parametrize(
        ("text", "command"),
        [
            ("remember I like tea", "/remember I like tea"),
            ("Remember that I like tea", "/remember I like tea"),
            ("remember: kind:fact I like tea", "/remember kind:fact I like tea"),
            ("remember", "/remember"),
            ("forget #3", "/forget #3"),
            ("forget everything", "/forget everything"),
            ("recall what can't I eat?", "/recall what can't I eat?"),
            ("memories", "/memories"),
            ("memories page:2", "/memories page:2"),
            ("remember: when it rains, I take the bus", "/remember when it rains, I take the bus"),
            ("why", "/why"),
            ("why?", "/why"),
            ("Memories ?", "/memories"),
            ("Help!", "/help"),
            ("undo.", "/undo"),
            ("privacy opt-out", "/privacy opt-out"),
            ("Privacy Opt In", "/privacy opt in"),
            ("settings", "/settings"),
            ("settings retention 30", "/settings retention 30"),
            ("usage", "/usage"),
        ],
    )
    def test_commands(self, text: str, command: str) -> None:
        """Those that are a whole message, and those with words."""
        assert spoken_command(text) == command

    @pytest.mark.parametrize(
        "text",
        [
            "why is the sky blue?",
            "help me write a letter",
            "new ideas, please",
            "pause for a moment",
            "remember what I said?",
            "remember what I said",
            "Remember, when did we meet",
            "recuerda lo que dije",
            "undo?",
            "forget?",
            "forget about it?",
            "privacy is important",
            "settings are hard to find",
            "undo the damage",
            "I remember that",
            "remembering is hard",
            "/memories",
            "",
        ],
    )
    def test_conversation(self, text: str) -> None:
        """Everything else, questions above all."""
        assert spoken_command(text) == text


class TestWhoAndWhere:
    """Whose memory, and who else reads."""

    def test_scope_of_a_workspace(self) -> None:
        """Belongs to the workspace of the token, whatever the payload names."""
        granted = AuthorizeResult(enterprise_id="E1", team_id="T1", user_id="U1")
        context = AsyncBoltContext(team_id="T9", enterprise_id="E1", user_id="U1", authorize_result=granted)

        assert scope_of(context) == Scope("slack", "T1", "U1")
        assert scope_of(context, "U2").user_id == "U2"

    def test_scope_of_an_organisation(self) -> None:
        """Which installed the app for all of its workspaces."""
        context = AsyncBoltContext(team_id="T1", enterprise_id="E1", user_id="W1", is_enterprise_install=True)

        assert scope_of(context) == Scope("slack", "E1", "W1")

    def test_scope_of_nobody(self) -> None:
        """Is refused: a missing id must never widen what may be read."""
        with pytest.raises(ValueError, match="user_id"):
            scope_of(AsyncBoltContext(team_id="T1"))

    @pytest.mark.parametrize(
        ("channel", "kind"),
        [
            (Channel("a", PlaceKind.PUBLIC), PlaceKind.PUBLIC),
            (Channel("a", PlaceKind.PUBLIC, is_shared=True), PlaceKind.PRIVATE),
            (Channel("a", PlaceKind.PRIVATE, is_shared=True), PlaceKind.PRIVATE),
            (Channel("", PlaceKind.DM), PlaceKind.DM),
            (Channel("", PlaceKind.DM, is_shared=True), PlaceKind.DM),
            (Channel(), PlaceKind.PRIVATE),
        ],
    )
    def test_place(self, channel: Channel, kind: PlaceKind) -> None:
        """A channel that others than members read is not public in the workspace; nobody else reads a direct one."""
        is_shared = channel.is_shared and kind is not PlaceKind.DM

        assert place_of("C1", channel, "1.0") == Place(kind, "C1", "1.0", is_shared=is_shared)

    def test_message(self) -> None:
        """As the assistant takes it: one key for all its deliveries, its own time."""
        said = Said("C1", "U1", "1700000000.000100", "hi")
        message = incoming(said, "hi", Person("Ann", is_admin=True, is_outsider=False), Place("public", "C1"), HOME)  # type: ignore[arg-type] # made one by Place

        assert (message.dedupe_key, message.source_id) == ("T1:C1:1700000000.000100", "C1:1700000000.000100")
        assert message.sent_at == datetime(2023, 11, 14, 22, 13, 20, 100, tzinfo=UTC)
        assert (message.admin, message.outsider, message.addressed) == (True, False, True)


MEMBER = {
    "id": "U1",
    "team_id": "T1",
    "name": "ann",
    "profile": {"display_name": "Ann"},
    "is_restricted": False,
    "is_ultra_restricted": False,
}


OPEN = {"is_channel": True, "is_private": False, "is_im": False, "is_mpim": False, "is_group": False}


class TestDirectory:
    """What Slack tells of people and channels."""

    def test_member(self) -> None:
        """Of the workspace."""
        assert _person(MEMBER, HOME) == Person("Ann", is_admin=False, is_outsider=False)
        assert _person({**MEMBER, "is_owner": True}, HOME).is_admin

    @pytest.mark.parametrize(
        "change",
        [
            {"is_stranger": True},
            {"is_restricted": True},
            {"is_ultra_restricted": True},
            {"team_id": "T9"},
            {"team_id": None},
            {"team_id": "T9", "enterprise_user": {"enterprise_id": "E1", "teams": ["T9"]}},
        ],
    )
    def test_outsiders(self, change: dict[str, Any]) -> None:
        """Strangers, guests, and members of other workspaces; none is an admin."""
        person = _person({**MEMBER, "is_admin": True, **change}, HOME)

        assert (person.is_outsider, person.is_admin) == (True, False)

    def test_what_is_not_said_is_not_trusted(self) -> None:
        """A mark that is missing counts against them."""
        told = {name: value for name, value in MEMBER.items() if name != "is_restricted"}

        assert _person(told, HOME).is_outsider

    def test_organisation(self) -> None:
        """All of its people are members of its one guild, and its own admins are the guild's."""
        elsewhere = {**MEMBER, "team_id": "T9", "is_admin": True, "enterprise_user": {"enterprise_id": "E1"}}
        admin = {**elsewhere, "enterprise_user": {"enterprise_id": "E1", "is_admin": True}}

        assert _person(elsewhere, ORGANISATION) == Person("Ann", is_admin=False, is_outsider=False)
        assert _person(admin, ORGANISATION).is_admin

    def test_channels(self) -> None:
        """Public is what is said to be, and nothing else."""
        assert _channel({**OPEN, "name": "general"}, HOME) == Channel("general", PlaceKind.PUBLIC)
        assert _channel({**OPEN, "is_private": True}, HOME).kind is PlaceKind.PRIVATE
        assert _channel({"is_channel": True}, HOME).kind is PlaceKind.PRIVATE
        assert _channel({"is_im": True}, HOME).kind is PlaceKind.DM

    def test_shared_channels(self) -> None:
        """With others than the guild's members; in an organisation's own installation all of it is the guild."""
        marks = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared")

        assert [_channel({**OPEN, mark: True}, HOME).is_shared for mark in marks] == [True, True, True]
        assert [_channel({**OPEN, mark: True}, ORGANISATION).is_shared for mark in marks] == [True, True, False]
