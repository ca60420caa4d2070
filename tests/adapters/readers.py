"""What Discord and Slack make a link of, written from their rules and not from ours."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPE = re.compile(r"\\[^0-9A-Za-z\s]")
_BLOCK = re.compile(r"```(?:[a-z0-9_+\-.#]+?\n)?\n*([^\n][\s\S]*?)\n*```", re.IGNORECASE)
_QUOTE = re.compile(r"( *>>> +[\s\S]*)|( *>(?!>>) +[^\n]*(?:\n *>(?!>>) +[^\n]*)*\n?)")
_IN_ANGLES = re.compile(r"<([^: >]+:/[^ >]+|[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+|(?:(?:tel|sms):)?\+?[0-9(][0-9() ./-]{4,})>")
_URL = re.compile(r"(?:https?|steam)://[^\s<]+[^<.,:;\"'\]\s]", re.IGNORECASE)
_MASKED = re.compile(
    r"\[((?:\[[^\]]*\]|[^\[\]]|\](?=[^\[]*\]))*)\]\(\s*<?((?:\([^)]*\)|[^\s\\]|\\.)*?)>?(?:\s+['\"][\s\S]*?['\"])?\s*\)"
)
_EMPHASIS = re.compile(
    r"(?:\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)|__((?:\\[\s\S]|[^\\])+?)__(?!_)|~~([\s\S]+?)~~(?!_)|\|\|([\s\S]+?)\|\|"
    r"|\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)|\b_((?:__|\\[\s\S]|[^\\_])+?)_\b)"
)
_INLINE = re.compile(r"(`+)([\s\S]*?[^`])\1(?!`)")
_INVITATION = re.compile(r"discord(?:app)?\.(?:gg|gift|new|com/invite|com/template)/[\w-]+", re.IGNORECASE)


def discord_links(text: str) -> list[str]:
    """Return what can be clicked, or makes a card, in a Discord message."""
    return [*_inline(text, quotes=True), *(found[0] for found in _INVITATION.finditer(text))]


def _inline(text: str, *, quotes: bool, masked: bool = True) -> Iterator[str]:
    """Read from left to right; the first rule that fits takes its part of the text."""
    at = 0
    while at < len(text):
        quote = _QUOTE.match(text, at) if quotes and text[:at].rpartition("\n")[2].strip(" ") == "" else None
        if quote:
            yield from _inline(re.sub(r"^ *>{1,3} ?", "", quote[0], flags=re.MULTILINE), quotes=False)
            at = quote.end()
        elif skipped := _ESCAPE.match(text, at) or _BLOCK.match(text, at):
            at = skipped.end()
        elif link := _IN_ANGLES.match(text, at):
            yield link[1]
            at = link.end()
        elif link := _URL.match(text, at):
            yield link[0]
            at = link.end()
        elif masked and (link := _MASKED.match(text, at)):
            target = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", link[2])
            if re.match(r"[a-z]+:", target, re.IGNORECASE):
                yield target
            yield from _inline(link[1], quotes=False, masked=False)
            at = link.end()
        elif emphasis := _EMPHASIS.match(text, at):
            yield from _inline(next(filter(None, emphasis.groups())), quotes=False, masked=masked)
            at = emphasis.end()
        else:
            code = _INLINE.match(text, at)
            at = code.end() if code else at + 1


_REST_OF_SLACK = r"[^\s<>|`]+"
_SLACK = re.compile(rf"(?:[a-z]+://|mailto:|www\.){_REST_OF_SLACK}|[\w.+-]+@(?:[\w-]+\.)+[a-z]{{2,}}", re.IGNORECASE)
_DOMAIN = r"(?:[\w-]+\.)+(?:com|org|net|io|gg|example)(?![a-z0-9])"
_PAGES = re.compile(rf"{_DOMAIN}[/?:#]{_REST_OF_SLACK}", re.IGNORECASE)
_DOMAINS = re.compile(_DOMAIN, re.IGNORECASE)
_SLACK_CODE = re.compile(r"```[\s\S]*?```|`[^`\n]+`")
_TARGETS = re.compile(r"\]\(\s*<?([^\s()<>]*[.:][^\s()<>]*)|^ *\[[^\]\n]+\]: *<?(\S*[.:/]\S*)", re.MULTILINE)


def slack_links(text: str) -> list[str]:
    """Return what can be clicked in a Slack message; but for a mere name with a dot it makes links in code, too."""
    targets = [target for found in _TARGETS.finditer(text) for target in found.groups() if target]
    names = _DOMAINS.findall(_SLACK_CODE.sub(" ", _PAGES.sub(" ", text)))
    return [*_SLACK.findall(text), *_PAGES.findall(text), *names, *targets]
