"""Texts as Slack takes them: Markdown that mentions nobody, and mrkdwn with everything in it escaped.

A markdown block and a stream take Markdown, and still read Slack's own tokens in angle brackets (measured by others in
PostHog/posthog#95054); everything else is mrkdwn (https://docs.slack.dev/messaging/formatting-message-text).
"""

from __future__ import annotations

import html
import re
from typing import Any

from adapters.slack.interface.kit import escaped

MARKDOWN_CHARACTERS = 11_000
"""Most of the answer in one message. Slack allows 12,000 (https://docs.slack.dev/reference/block-kit/blocks/markdown-block),
counts more than the text (slackapi/bolt-js#2509), and an escape makes it longer."""

TEXT_CHARACTERS = 3000
"""Most of a section, and of what notifications show in place of blocks; chat.update takes no more than 4,000."""

_TOKEN = re.compile(r"<(?=\s*(?:@|!\s*(?:channel|here|everyone|group|subteam|date)))", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});", re.IGNORECASE)
_OF_LINKS = ".:/@"


def spelled_out(markdown: str) -> str:
    """Return Markdown without the character references that could hide a link from whoever looks for one."""
    return _REFERENCE.sub(lambda found: sign if (sign := html.unescape(found[0])) in _OF_LINKS else found[0], markdown)


def inert(markdown: str) -> str:
    """Return Markdown in which nothing is a mention of anybody; Slack shows it as it is written.

    Nothing but the bracket that begins such a token is changed, so that code keeps its own. Links to channels stay:
    they notify nobody.
    """
    return _TOKEN.sub("&lt;", markdown)


def fallback(text: str, *, is_plain: bool = False) -> str:
    """Return what a notification shows of a message, in mrkdwn.

    Args:
        is_plain: the text is no Markdown.
    """
    plain = text if is_plain else text.replace("&lt;", "<")
    return escaped(plain if len(plain) <= TEXT_CHARACTERS // 2 else f"{plain[: TEXT_CHARACTERS // 2]} …")


def markdown_block(markdown: str) -> dict[str, Any]:
    """Return a block of Markdown; it is to be inert."""
    return {"type": "markdown", "text": markdown}


def small_print(text: str) -> dict[str, Any]:
    """Return a line of small print; of a long text its beginning."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": escaped(text)[:TEXT_CHARACTERS]}]}
