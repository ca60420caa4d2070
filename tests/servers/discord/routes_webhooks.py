"""Routes of interactions: the first answer, the original message, the follow-ups. They need a token of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.servers.discord import payloads, posting
from tests.servers.discord.command_rules import CHAT_INPUT, autocomplete_faults
from tests.servers.discord.component_rules import modal_faults
from tests.servers.discord.interactions import (
    ACKNOWLEDGE_WITHIN_S,
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    FOLLOW_UPS_OF_GUEST,
    MODAL_SUBMIT,
    TOKEN_LIVES_S,
    Use,
)
from tests.servers.discord.nouns import Message, Said
from tests.servers.discord.refusals import (
    ALREADY_ACKNOWLEDGED,
    EXPIRED_TOKEN,
    INVALID_FORM,
    TOO_MANY_FOLLOW_UPS,
    UNKNOWN_INTERACTION,
    UNKNOWN_WEBHOOK,
    Fault,
    Refusal,
    refuse_form,
)
from tests.servers.discord.rest import Call, Reply, Routes, existing
from tests.servers.discord.rules import EPHEMERAL, LOADING
from tests.servers.discord.wire import Json

WEBHOOK = "/webhooks/{application}/{token}"

routes = Routes()


@routes.on("POST", "/interactions/{interaction}/{token}/callback", free=True)
async def callback(call: Call) -> Reply:
    """Take the first answer to an interaction."""
    use = call.server.uses.get(call.text("token"))
    if use is None or use.id != call.number("interaction"):
        raise Refusal(UNKNOWN_INTERACTION)
    if use.acknowledged_after_s is not None:
        raise Refusal(ALREADY_ACKNOWLEDGED, to_blame=not use.cut_off)
    if use.age_s > ACKNOWLEDGE_WITHIN_S:
        raise Refusal(UNKNOWN_INTERACTION)
    kind = int(call.body.get("type") or 0)
    allowed, answer = CALLBACKS.get(kind, ((), _defer))
    if use.kind not in allowed or (kind in (6, 7) and use.source is None):
        raise Refusal(INVALID_FORM, [Fault("type", "INTERACTION_CALLBACK_TYPE", f"{kind} does not answer {use.kind}")])
    answer(call, use, call.body.get("data") or {})
    call.server.changed()
    return _told(use, kind) if call.http.query.get("with_response") in ("1", "true") else None


def _told(use: Use, kind: int) -> Json:
    """Return what Discord answers when the bot asks what came of its answer."""
    about: Json = {"id": str(use.id), "type": use.kind}
    resource: Json = {"type": kind}
    if use.original is not None and kind != 6:
        about["response_message_id"] = str(use.original.id)
        about["response_message_loading"] = use.original.is_loading
        about["response_message_ephemeral"] = use.original.is_ephemeral
        if kind in (4, 7):
            resource["message"] = payloads.message(use.original, content=True)
    return {"interaction": about, "resource": resource}


def _reply(call: Call, use: Use, data: Json) -> None:
    message = _sent(call, use, data, _kind_of_first(use))
    use.acknowledge(ephemeral=message.is_ephemeral)
    use.original = message


def _defer(call: Call, use: Use, data: Json) -> None:
    flags = int(data.get("flags") or 0)
    if flags & ~EPHEMERAL:
        raise Refusal(INVALID_FORM, [Fault("data.flags", "BITFIELD", "A deferred answer carries EPHEMERAL only")])
    use.acknowledge(ephemeral=bool(flags), deferred=True)
    bot = call.server.bot
    use.original = call.server.post(
        use.channel, bot, "", kind=_kind_of_first(use), flags=LOADING | flags, answers=use, webhook_id=bot.id
    )
    use.shown.append(use.original)


def _defer_update(_: Call, use: Use, __: Json) -> None:
    use.acknowledge(deferred=True)
    use.original = use.source


def _update(call: Call, use: Use, data: Json) -> None:
    source = existing(use.source)
    posting.edit(call.server, source, data, call.files)
    use.acknowledge(ephemeral=source.is_ephemeral)
    use.original, use.updated = source, True
    use.shown.append(source)


def _choices(_: Call, use: Use, data: Json) -> None:
    options = use.data["options"]
    while "options" in options[0]:
        options = options[0]["options"]
    kind = next(option["type"] for option in options if option.get("focused"))
    choices = list(data.get("choices") or [])
    refuse_form(autocomplete_faults(choices, kind))
    use.acknowledge()
    use.choices = choices


def _modal(_: Call, use: Use, data: Json) -> None:
    refuse_form(modal_faults(data))
    use.acknowledge()
    use.modal = data


Answer = Callable[[Call, Use, Json], None]

CALLBACKS: Mapping[int, tuple[tuple[int, ...], Answer]] = {
    4: ((COMMAND, COMPONENT, MODAL_SUBMIT), _reply),
    5: ((COMMAND, COMPONENT, MODAL_SUBMIT), _defer),
    6: ((COMPONENT, MODAL_SUBMIT), _defer_update),
    7: ((COMPONENT, MODAL_SUBMIT), _update),
    8: ((AUTOCOMPLETE,), _choices),
    9: ((COMMAND, COMPONENT), _modal),
}
"""Each type of first answer: which interactions take it, and what it does."""


@routes.on("POST", WEBHOOK, free=True)
async def follow_up(call: Call) -> Reply:
    """Send a further message; the first after a deferred answer fills the message that shows "thinking"."""
    use = _alive(call)
    if use.original is not None and use.original.is_loading and not use.original.deleted:
        return _shown(_filled(call, use, call.body))
    if use.is_guest and use.follow_ups >= FOLLOW_UPS_OF_GUEST:
        raise Refusal(TOO_MANY_FOLLOW_UPS)
    message = _sent(call, use, call.body, Said.DEFAULT)
    use.follow_ups += 1
    return _shown(message)


@routes.on("GET", WEBHOOK + "/messages/{message}", free=True)
async def get_answer(call: Call) -> Reply:
    """One of the messages that answer an interaction."""
    return _shown(_message(call, _alive(call)))


@routes.on("PATCH", WEBHOOK + "/messages/{message}", free=True)
async def edit_answer(call: Call) -> Reply:
    """Edit one of the messages that answer an interaction."""
    use = _alive(call)
    message = _message(call, use)
    return _shown(_filled(call, use, call.body) if message.is_loading else _edited(call, use, message))


@routes.on("DELETE", WEBHOOK + "/messages/{message}", free=True)
async def delete_answer(call: Call) -> Reply:
    """Delete one of the messages that answer an interaction."""
    call.server.delete(_message(call, _alive(call)))
    return None


def _alive(call: Call) -> Use:
    """Return the interaction of a token that works: acknowledged, and not too old."""
    use = call.server.uses.get(call.text("token"))
    if use is None or call.number("application") != call.server.bot.id:
        raise Refusal(UNKNOWN_WEBHOOK)
    if use.acknowledged_after_s is None:
        raise Refusal(UNKNOWN_WEBHOOK, to_blame=not use.cut_off)
    if use.age_s > TOKEN_LIVES_S:
        raise Refusal(EXPIRED_TOKEN)
    return use


def _message(call: Call, use: Use) -> Message:
    if call.text("message") == "@original":
        return existing(use.original)
    number = call.number("message")
    return existing(next((message for message in use.shown if message.id == number), None))


def _sent(call: Call, use: Use, body: Json, kind: Said) -> Message:
    message = posting.send(use.channel, body, call.files, use, kind=kind)
    use.shown.append(message)
    return message


def _filled(call: Call, use: Use, body: Json) -> Message:
    """Put contents into the message that shows "thinking"; who sees it was decided when it was deferred."""
    return posting.edit(call.server, existing(use.original), body, call.files)


def _edited(call: Call, use: Use, message: Message) -> Message:
    posting.edit(call.server, message, call.body, call.files)
    if message is use.source and message not in use.shown:
        use.shown.append(message)
        use.updated = True
    return message


def _shown(message: Message) -> Json:
    return payloads.message(message, content=True)


def _kind_of_first(use: Use) -> Said:
    if use.kind != COMMAND:
        return Said.DEFAULT
    return Said.COMMAND if use.data["type"] == CHAT_INPUT else Said.CONTEXT_MENU
