"""One call of a Web API method, as the functions that answer it see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from tests.servers.slack.nouns import Channel, Grant, Message, Team
from tests.servers.slack.people import Person
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.scopes import FAMILIES
from tests.servers.slack.wire import Json

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer


class Token(Enum):
    """Which token a method wants."""

    BOT = "bot"
    APP = "app"
    CONFIGURATION = "configuration"
    NONE = "none"


@dataclass(eq=False)
class Request:
    """A call as it arrived, and what it was answered; `at` is seconds since 1970."""

    method: str
    token: str = field(repr=False)
    body: Json = field(repr=False)
    at: float
    answer: Json | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call with the right token; refuses what belongs to others."""

    server: SlackServer
    request: Request
    grant: Grant

    @property
    def body(self) -> Json:
        """The arguments."""
        return self.request.body

    @property
    def team(self) -> Team:
        """The workspace that is meant: named by `team_id` under an organisation's token."""
        named = [team for team in self.grant.teams if team.id == self.body.get("team_id")]
        return named[0] if named else self.grant.teams[0]

    def need(self, *names: str) -> None:
        """Refuse a call without these arguments."""
        missing = [f"missing required field: {name}" for name in names if self.body.get(name) in (None, "")]
        if missing:
            raise Refusal("invalid_arguments", missing)

    def need_scope(self, *scopes: str) -> None:
        """Refuse a call whose token has none of these scopes."""
        if scopes and self.grant.scopes.isdisjoint(scopes):
            told = {"needed": scopes[0], "provided": ",".join(sorted(self.grant.scopes))}
            raise Refusal("missing_scope", more=told)

    def channel(self, name: str = "channel", scope: str | None = None) -> Channel:
        """Return the channel that an argument names; with `scope`, `history` or `read`, if it may be looked into.

        A token of another workspace does not see it, and no correct app would try it.
        """
        found = self.server.channels.get(str(self.body.get(name)))
        if found is not None and found.team not in self.grant.teams:
            raise Refusal("channel_not_found", ["the token is of another workspace"], is_fault=True)
        if found is None or (found.is_private and not found.has_bot):
            raise Refusal("channel_not_found")
        if scope is not None:
            self.need_scope(f"{FAMILIES[found.kind]}:{scope}")
        return found

    def writable(self, name: str = "channel") -> Channel:
        """Return the channel that an argument names if the bot may write there; a person's id means their messages."""
        person = self.known(str(self.body.get(name)))
        channel = self.team.im_of(person) if person is not None else self.channel(name)
        if channel.archived:
            raise Refusal("is_archived")
        if not channel.has_bot:
            raise Refusal("not_in_channel")
        if channel.read_only:
            raise Refusal("restricted_action")
        return channel

    def message(self, channel: Channel, name: str = "ts") -> Message:
        """Return the message that an argument names."""
        message = channel.messages.get(str(self.body.get(name)))
        if message is None or message.deleted:
            raise Refusal("message_not_found", is_fault=message is None)
        return message

    def thread(self, channel: Channel, code: str = "thread_not_found") -> str | None:
        """Return the root of the thread that is meant, None without one; a reply's stamp is tolerated and noted."""
        given = self.body.get("thread_ts")
        if given is None:
            return None
        root = channel.messages.get(str(given))
        if root is None:
            raise Refusal(code, is_fault=True)
        if root.root_ts != root.ts:
            self.server.violations.append(f"{self.request.method}: thread_ts is that of a reply")
        return root.root_ts

    def person(self, name: str = "user") -> Person:
        """Return the person that an argument names; one of another workspace is not known to this token."""
        user_id = str(self.body.get(name))
        person = self.known(user_id)
        if person is None:
            elsewhere = any(other.id == user_id for other in self.server.people)
            raise Refusal("user_not_found", is_fault=elsewhere or None)
        return person

    def known(self, user_id: str) -> Person | None:
        """Return who is called so where the token is good, if anybody is."""
        return next(
            (one for one in self.server.people if one.id == user_id and one.place in self.grant.teams),
            None,
        )


@dataclass(frozen=True, slots=True)
class Method:
    """One row of a table of methods: what answers, which scopes suffice, and how it is called."""

    run: Callable[[Call], Json]
    scopes: tuple[str, ...] = ()
    takes_json: bool = True
    token: Token = Token.BOT


Methods: TypeAlias = "dict[str, Method]"


def page(items: list[Json], body: Json, default: int = 100) -> tuple[list[Json], Json]:
    """Return one page of a list, and what leads to the next."""
    start, limit = int(body.get("cursor") or 0), int(body.get("limit") or default)
    more = start + limit < len(items)
    return items[start : start + limit], {"response_metadata": {"next_cursor": str(start + limit) if more else ""}}


def is_on(value: object) -> bool:
    """Whether a flag is set, in JSON or in a form."""
    return str(value).lower() in ("1", "true")
