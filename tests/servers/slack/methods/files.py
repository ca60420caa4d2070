"""files.*: what is known of a file, and uploading in two steps."""

from __future__ import annotations

import json

from tests.servers.slack import payloads
from tests.servers.slack.calls import Call, Method
from tests.servers.slack.refusals import Refusal
from tests.servers.slack.wire import Json


def file_info(call: Call) -> Json:
    """Describe a file."""
    found = call.server.files.all.get(str(call.body.get("file")))
    if found is None or found.owner.place not in call.grant.teams:
        raise Refusal("file_not_found")
    return {"file": payloads.file(found, call.server.base_url)}


def get_upload_url(call: Call) -> Json:
    """Return where to send the content of a new file."""
    call.need("filename", "length")
    file = call.server.files.announce(call.grant.bot, call.body["filename"])
    return {"upload_url": f"{call.server.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    """Take files over that were sent, and share them in a channel if one is named."""
    call.need("files")
    given = call.body["files"]
    listed: list[Json] = json.loads(given) if isinstance(given, str) else given
    files = [call.server.files.announced.pop(str(one.get("id")), None) for one in listed]
    taken = [file for file in files if file is not None]
    if len(taken) < len(listed):
        raise Refusal("file_not_found")
    for file, told in zip(taken, listed, strict=True):
        file.title = str(told.get("title") or "")
        call.server.files.all[file.id] = file
    if call.body.get("channel_id"):
        channel = call.writable("channel_id")
        text, thread = str(call.body.get("initial_comment") or ""), call.thread(channel)
        message = call.server.posts.write(channel, call.grant.bot, text, thread_ts=thread, files=tuple(taken))
        message.subtype = "file_share"
        call.server.posts.echo(message)
    return {"files": [payloads.file(file, call.server.base_url) for file in taken]}


METHODS = {
    "files.completeUploadExternal": Method(complete_upload, ("files:write",)),
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",), takes_json=False),
    "files.info": Method(file_info, ("files:read",), takes_json=False),
}
