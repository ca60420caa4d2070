"""Commands that are said to the bot in words, as in threads, where Slack has no slash commands: "@bot remember …"."""

from __future__ import annotations

import re

from adapters.slack.reading import PLATFORM
from bot.commands.settings import settings_of
from bot.judgement.lead_in import asks

_WITH_WORDS = re.compile(
    r"(?P<name>remember|forget|recall|memories)(?:[:,]?\s+(?P<words>.+))?", re.IGNORECASE | re.DOTALL
)
_ALONE = re.compile(
    r"(?P<name>why|export|pause|resume|new|help|undo|usage|settings|"
    r"privacy(?:\s+opt[- ](?:out|in)(?:\s+(?:here|everywhere))?)?)\s*[.!]*",
    re.IGNORECASE,
)
_ASKED = re.compile(r"(?P<name>why|help|memories|privacy)\s*\?+", re.IGNORECASE)
"""Commands that only show something may be asked for."""

_NAMES = "|".join(map(re.escape, settings_of(PLATFORM)))
_SETTING = re.compile(rf"settings\s+(?:{_NAMES})(?:\s.*)?", re.IGNORECASE | re.DOTALL)
_LEAD_IN = re.compile(r"that\s+", re.IGNORECASE)


def spoken_command(text: str) -> str:
    """Return a message as the command that its words are, "/remember …"; as it is when it is none.

    A question that begins with such a word is a question: "remember what I said", "why is the sky blue?".
    """
    if found := _ASKED.fullmatch(text):
        return f"/{found['name'].lower()}"
    if found := _ALONE.fullmatch(text):
        name, _, choice = found["name"].lower().partition(" ")
        return f"/{name} {choice}".rstrip()
    if _SETTING.fullmatch(text):
        return f"/{text}"
    found = _WITH_WORDS.fullmatch(text)
    if found is None:
        return text
    name, words = found["name"].lower(), found["words"] or ""
    if name != "recall" and words.rstrip().endswith("?"):
        return text
    if name == "remember" and asks(text[: found.start("words")], words):
        return text
    return f"/{name} {_LEAD_IN.sub('', words, count=1) if name == 'remember' else words}".rstrip()
