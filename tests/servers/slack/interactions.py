"""Commands, shortcuts, buttons and forms: their payloads, trigger ids, response URLs, and what the app answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.slack import forms, payloads
from tests.servers.slack.deliveries import COMMAND, INTERACTION, Delivery
from tests.servers.slack.nouns import Channel, Message, View
from tests.servers.slack.people import Person
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.rules import view_faults
from tests.servers.slack.wire import Json, as_sent

if TYPE_CHECKING:
    from tests.servers.slack.server import SlackServer

RESPONSES = 5
"""So often may a response URL be used ("Handling user interaction")."""
NAMES_IN_COMMANDS = {"im": "directmessage", "mpim": "mpdm", "group": "privategroup"}


@dataclass(eq=False)
class Use:
    """One use of a command, shortcut, button or form, and all that came of it.

    `answer` is what the acknowledgement carried; `error` what Slack shows without one: `operation_timeout` if the
    app was too late, `dispatch_failed` if it was not there. `responses` are messages by acknowledgement and by
    response URL, `views` modals by trigger id, `errors` those of a form by block id.
    """

    person: Person
    channel: Channel | None
    payload: Json = field(repr=False)
    made_at: float
    on: Message | View | None = None
    acknowledged_after_s: float | None = None
    answer: Json = field(default_factory=dict)
    error: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    responses: list[Message] = field(default_factory=list)
    response_url_uses: int = 0
    trigger_uses: int = 0
    views: list[View] = field(default_factory=list)

    @property
    def view(self) -> View | None:
        """The modal that was opened last."""
        return self.views[-1] if self.views else None

    @property
    def acknowledged(self) -> bool:
        """Whether the app took it in time."""
        return self.acknowledged_after_s is not None

    @property
    def trigger_id(self) -> str:
        """What a modal can be opened with, once and within three seconds."""
        return str(self.payload["trigger_id"])


@dataclass
class Interactions:
    """Brings what people do with the app's commands and blocks to it."""

    server: SlackServer = field(repr=False)
    uses: dict[str, Use] = field(default_factory=dict)

    async def command(self, person: Person, channel: Channel, name: str, text: str) -> Use:
        """Send a slash command."""
        if name not in self.server.commands:
            raise ValueError(f"{name} is not configured; known are {sorted(self.server.commands)}")
        team = channel.team
        use = self._begin(person, channel, {})
        use.payload |= {
            "token": "verification",
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": channel.id,
            "channel_name": NAMES_IN_COMMANDS.get(channel.kind, channel.name),
            "user_id": person.id,
            "user_name": person.name.lower(),
            "command": name,
            "text": as_sent(text),
            "api_app_id": self.server.app_id,
            "is_enterprise_install": str(team.grant is not None and team.grant.is_org).lower(),
            "response_url": self._response_url(use),
        }
        if team.enterprise_id:
            use.payload |= {"enterprise_id": team.enterprise_id, "enterprise_name": team.enterprise_id}
        await self._deliver(use, COMMAND)
        if use.answer:
            try:
                self._respond(use, use.answer, "ack")
            except Refusal as refusal:
                self.server.violations.append(f"acknowledgement of {name}: {refusal}")
        return use

    async def shortcut(self, person: Person, callback_id: str, message: Message | None) -> Use:
        """Send a global shortcut or, with a message, a message shortcut."""
        known = self.server.shortcuts
        if known and callback_id not in known:
            raise ValueError(f"{callback_id} is not configured; known are {sorted(known)}")
        more: Json = {"callback_id": callback_id, "action_ts": self.server.ids.stamp()}
        if message is None:
            return await self._deliver(self._begin(person, None, self._base("shortcut", person) | more), INTERACTION)
        base = self._base("message_action", person, message.channel) | more
        use = self._begin(person, message.channel, base, on=message)
        use.payload |= {"message_ts": message.ts, "message": payloads.message(message), "channel": _place(message)}
        use.payload["response_url"] = self._response_url(use)
        return await self._deliver(use, INTERACTION)

    async def press(self, person: Person, on: Message | View, what: str, value: str | None) -> Use:
        """Send a block action."""
        block, element = forms.find(on.blocks, what, value)
        action = forms.act(element, what, value)
        action |= {"block_id": block["block_id"], "action_ts": self.server.ids.stamp()}
        channel = on.channel if isinstance(on, Message) else None
        base = self._base("block_actions", person, channel) | {"actions": [action]}
        use = self._begin(person, channel, base, on=on)
        if isinstance(on, Message):
            use.payload |= {"container": _container(on), "channel": _place(on), "state": {"values": {}}}
            use.payload["response_url"] = self._response_url(use)
            if on.only_for is None:  # Slack keeps no copy of an ephemeral message, so its payload has none
                use.payload["message"] = payloads.message(on)
            return await self._deliver(use, INTERACTION)
        if element["type"] not in forms.BUTTONS:
            on.state[block["block_id"], element["action_id"]] = forms.state_of(element, value)
        shown = payloads.view(on, self.server.app_id)
        use.payload |= {"container": {"type": "view", "view_id": on.id}, "view": shown, "state": shown["state"]}
        return await self._deliver(use, INTERACTION)

    async def submit(self, person: Person, view: View, values: Mapping[str, str | list[str] | None]) -> Use:
        """Send a form, and do with the modal what the app answers."""
        forms.fill(view, values)
        use = self._begin(person, None, self._base("view_submission", person), on=view)
        use.payload |= {"view": payloads.view(view, self.server.app_id), "response_urls": []}
        await self._deliver(use, INTERACTION)
        if use.acknowledged:
            self._answer_form(use, view)
        return use

    def _answer_form(self, use: Use, view: View) -> None:
        views, person = self.server.views, use.person
        match use.answer.get("response_action"):
            case None:
                self._dismiss(person, view)
            case "clear":
                views.close_all(person)
            case "errors":
                use.errors = dict(use.answer.get("errors") or {})
                unknown = use.errors.keys() - {block["block_id"] for block in view.blocks}
                self._complain(f"errors for no block of the form: {name}" for name in sorted(unknown))
            case "update" | "push" as action:
                content = self._acceptable(use)
                if content is not None and action == "update":
                    use.views.append(views.change(view, content))
                elif content is not None:
                    use.views.append(views.lay(person, view, content))
            case other:
                self._complain([f"no such response_action: {other}"])

    def _acceptable(self, use: Use) -> Json | None:
        """Return the view that the app answered with, None if Slack would not show it."""
        content = use.answer.get("view")
        faults = [str(fault) for fault in view_faults(content, ("modal",))]
        self._complain(faults)
        return content if isinstance(content, dict) and not faults else None

    def _complain(self, faults: Iterable[str]) -> None:
        self.server.violations += [f"view_submission: {fault}" for fault in faults]

    async def close(self, person: Person, view: View) -> None:
        """Close a modal; the app hears of it if it asked to."""
        self._dismiss(person, view)
        if view.content.get("notify_on_close"):
            told = {"view": payloads.view(view, self.server.app_id), "is_cleared": False}
            await self._deliver(self._begin(person, None, self._base("view_closed", person) | told), INTERACTION)

    def _dismiss(self, person: Person, view: View) -> None:
        person.modals = [modal for modal in person.modals if modal is not view]
        view.closed = True

    # Trigger ids and response URLs

    def pull(self, trigger_id: object) -> Use:
        """Return the use that a trigger id came from, and use the id up.

        Raises:
            Refusal: it is unknown, used or older than three seconds.
        """
        use = self.uses.get(str(trigger_id))
        if use is None:
            raise Refusal("invalid_trigger_id")
        if self.server.clock.now() - use.made_at > self.server.timing.trigger_s:
            raise Refusal("expired_trigger_id")
        use.trigger_uses += 1
        if use.trigger_uses > 1:
            raise Refusal("exchanged_trigger_id")
        return use

    def respond(self, use: Use, body: Json) -> None:
        """Carry out what the app posted to a response URL.

        Raises:
            Refusal: it is too old, used too often, or the message is not acceptable.
        """
        if self.server.clock.now() - use.made_at > self.server.timing.response_url_s:
            raise Refusal("expired_url", status=404)
        use.response_url_uses += 1
        if use.response_url_uses > RESPONSES:
            raise Refusal("used_url", status=404)
        self._respond(use, body, "response_url")

    def _respond(self, use: Use, body: Json, method: str) -> None:
        original = use.on if isinstance(use.on, Message) else None
        if original is not None and body.get("delete_original"):
            original.deleted = True
        elif original is not None and body.get("replace_original"):
            self.server.posts.rewrite(original, body, method=method)
        elif use.channel is not None:
            thread = body.get("thread_ts") or (original.thread_ts if original else None)
            only_for = None if body.get("response_type") == "in_channel" else use.person
            told = {**body, "thread_ts": thread}
            use.responses.append(self.server.posts.post(use.channel, told, only_for=only_for, method=method))

    def _response_url(self, use: Use) -> str:
        return f"{self.server.base_url}/actions/{use.trigger_id}"

    # Payloads

    def _base(self, kind: str, person: Person, channel: Channel | None = None) -> Json:
        team = channel.team if channel else person.place
        is_org = team.grant is not None and team.grant.is_org
        return payloads.interaction(kind, person, team, self.server.app_id, is_org)

    def _begin(self, person: Person, channel: Channel | None, payload: Json, on: Message | View | None = None) -> Use:
        use = Use(person, channel, payload, self.server.clock.now(), on)
        use.payload["trigger_id"] = f"{len(self.uses)}.{person.place.id}.{uuid.uuid4().hex}"
        self.uses[use.trigger_id] = use
        return use

    async def _deliver(self, use: Use, kind: str) -> Use:
        delivery = await self.server.deliveries.send(Delivery(kind, use.payload))
        await delivery.done.wait()
        use.acknowledged_after_s, use.answer = delivery.last.after_s, delivery.last.payload or {}
        if not delivery.acknowledged:
            use.error = "operation_timeout" if delivery.last.is_fault else "dispatch_failed"
        return use


def _place(message: Message) -> Json:
    return {"id": message.channel.id, "name": message.channel.name or "directmessage"}


def _container(message: Message) -> Json:
    told = {"type": "message", "message_ts": message.ts, "channel_id": message.channel.id}
    thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
    return {**told, **thread, "is_ephemeral": message.only_for is not None}
