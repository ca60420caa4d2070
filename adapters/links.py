"""The link policy: a link that the person did not write and no operator allowed is shown as text nobody can click.

A model that was talked into it can put what it knows into an address; one click, or a preview, sends it off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.code_spans import CodeSpan, code_spans
from adapters.linkish import INVITATION, LINKS, SCHEME, UNSEEN, Style

__all__ = ["Style", "defuse"]

_MOST_ROUNDS = 20
"""Far more than any text took; the tests run thousands to the end."""

_INVITING_DOT = re.compile(r"(?<=discord)(app)?\.(?=(?:gg|gift|new|com)/)", re.IGNORECASE)
_TAIL = re.compile(r"""[.,:;!?"'\])}*_~|]{1,6}\Z""")  # no more, or punctuation could carry a message
_AROUND = """"'([{*_~`"""
_HTTP = re.compile(r"\Ahttps?://", re.IGNORECASE)
_PLAIN_WEB = re.compile(
    r"(?:https?://)?(?P<host>[a-z0-9.-]+)(?::(?:80|443))?(?P<rest>(?:[/?#][a-z0-9._~:/?#@!$&'()+,;=%-]*)?)",
    re.IGNORECASE,
)
_LOOKS_LIKE_TARGET = re.compile(r"[:./@\\]")
_BEHIND_A_LINK = re.compile(r"""\Z|[\s.,:;!?"')\]*_~|]""")
_AUTOLINK = re.compile(r"\A[^\s<>:/@]+:[/\\]+")
_DOMAIN_END = re.compile(r"[^\W\d_]{2,24}_*|xn--[\w-]+", re.IGNORECASE)
_FILE_ENDINGS = re.compile(
    r"jsx?|tsx?|jsonl?|txt|ya?ml|toml|html?|css|[ct]sv|pdf|png|jpe?g|gif|svg|exe|dll|java|[ch]pp|ini|cfg|conf|log|xml"
    r"|sql|ipynb|lock|env"
)
"""Ends of file names that are no top-level domain, so that Slack makes no link of a name that ends in one."""


def defuse(text: str, *, allowed_hosts: frozenset[str], said: str, style: Style) -> str:
    """Return a text in which no link leads where neither the person nor an operator agreed to.

    Every other link becomes text: its address without scheme, on Discord as inline code, on Slack with its dots in
    brackets; an image becomes its description. Applied to its own result it changes nothing. It is for the whole text,
    before that is split; what is sure to be shown as code stays as it is on Discord.

    Args:
        text: what the model wrote, with code blocks closed, and on Slack not yet escaped.
        allowed_hosts: hosts in lower case and ASCII (punycode), matched exactly, for http and https only.
        said: the person's message that is answered; a link in it may be repeated to the letter.
        style: whose links.
    """
    policy = _Policy(allowed_hosts, _links_in(said), style)
    for _ in range(_MOST_ROUNDS):  # what is left around a link may read differently without it
        before, text = text, policy.applied(text)
        if text == before:
            break
    return text


def _links_in(said: str) -> frozenset[str]:
    """Return what the person wrote that may be a link, in one form for each."""
    words = [_without_tail(word.lstrip(_AROUND)) for word in re.split(r"[\s<>|]+|\]\(", said)]
    return frozenset(_one_form(word) for word in words if _LOOKS_LIKE_TARGET.search(word))


def _one_form(address: str) -> str:
    """Return an address without http or https, its host in lower case, without a slash that stands alone."""
    address = _HTTP.sub("", address)
    host = re.split(r"[/?#]", address, maxsplit=1)[0]
    rest = address[len(host) :]
    return host.lower() + ("" if rest == "/" else rest)


@dataclass(frozen=True, slots=True)
class _Policy:
    """What is allowed, and how the rest is shown."""

    hosts: frozenset[str]
    said: frozenset[str]
    style: Style

    def applied(self, text: str, *, trusts_code: bool = True) -> str:
        """Return a text with every link shown as it may be."""
        trusts_code = trusts_code and self.style is Style.DISCORD
        spans = list(code_spans(text))
        shown, at = "", 0
        while found := LINKS[self.style].search(text, at):
            span = _around(found.start(), spans)
            if span and span.is_sure and trusts_code:
                shown += text[at : found.start()] + INVITATION.sub(self._card, text[found.start() : span.end])
                at = span.end
            else:
                shown += text[at : found.start()] + self._shown(found, text, spans)
                at = found.end()
        return shown + text[at:]

    def _shown(self, found: re.Match[str], text: str, spans: Sequence[CodeSpan]) -> str:
        as_code = self.style is Style.DISCORD and _may_begin_code(found, text, spans)
        if found["text"] is not None:
            return self._masked(found, text, as_code=as_code)
        if found["label"]:
            return self._defined(found, as_code=as_code)
        if found["inner"]:
            return self._in_angles(found, as_code=as_code)
        if found["opening"]:
            return "] "  # a link in brackets that are nested too deep
        if found["address"] or found["name"]:
            span = _around(found.start(), spans)
            is_code = span is not None and span.is_sure and text.count("`", span.start, span.end) in (2, 6)
            return self._bare(found, text, is_code=is_code, as_code=as_code)
        return found[0]

    def _masked(self, found: re.Match[str], text: str, *, as_code: bool) -> str:
        """Show `[text](target)`; an image is only ever linked to."""
        words = self.applied(found["text"], trusts_code=False)
        target = found["target"].strip("<>")
        if self._allows(target) and _BEHIND_A_LINK.match(text, found.end()):
            return f"[{words}]({found['target']})"
        if not _LOOKS_LIKE_TARGET.search(target):
            return f"[{words}]({target})"
        return _beside(words, self._plain(target, as_code=as_code))

    def _defined(self, found: re.Match[str], *, as_code: bool) -> str:
        """Show `[label]: target`, which Slack would make a link of every `[label]`."""
        target = found["defined"].strip("<>")
        if self._allows(target) or not _LOOKS_LIKE_TARGET.search(target):
            return found[0]
        return f"{found[0][: found.end('label') - found.start()]} {self._plain(target, as_code=as_code)}"

    def _in_angles(self, found: re.Match[str], *, as_code: bool) -> str:
        """Show `<address>`, or Slack's `<address|words>`."""
        address, _, words = found["inner"].partition("|")
        if self._allows(address) and not SCHEME.search(words):
            return found[0]
        address = _AUTOLINK.sub("", address)
        return _beside(self.applied(words, trusts_code=False), self._plain(address, as_code=as_code))

    def _bare(self, found: re.Match[str], text: str, *, is_code: bool, as_code: bool) -> str:
        """Show an address, or what Slack takes for one, that stands in the text."""
        address = _without_tail(found[0])
        if found["name"] and not _is_domain(address, is_code=is_code):
            return found[0]
        goes_on = text[found.end() : found.end() + 1] in ("`", ">")  # clients read on where this pattern stops
        if self._allows(address) and not goes_on:
            return found[0]
        return self._plain(address, as_code=as_code) + found[0].removeprefix(address)

    def _card(self, found: re.Match[str]) -> str:
        """Show an invitation in code, where Discord's client may find it all the same."""
        return found[0] if self._allows(_without_tail(found[0])) else _INVITING_DOT.sub(r"\1[.]", found[0])

    def _allows(self, address: str) -> bool:
        if _one_form(address) in self.said:
            return True
        web = _PLAIN_WEB.fullmatch(address)
        if web is None or web["host"].lower() not in self.hosts:
            return False
        return not (SCHEME.search(web["rest"]) or INVITATION.search(web["rest"]))  # it may be read apart

    def _plain(self, address: str, *, as_code: bool) -> str:
        """Return an address as text: without schemes, and with nothing that an eye would not see."""
        plain = re.sub(r"[\s`<>]", "", unicodedata.normalize("NFKC", UNSEEN.sub("", address)))
        while (shorter := SCHEME.sub("", plain)) != plain:
            plain = shorter
        if self.style is Style.SLACK:
            return re.sub(r"[.。](?=\w)", "[.]", plain)
        plain = _INVITING_DOT.sub(r"\1[.]", plain)
        return f"`{plain}`" if plain and as_code else plain


def _without_tail(address: str) -> str:
    """Return an address without the punctuation of the sentence around it; brackets that it opens are its own."""
    tail = _TAIL.search(address)
    at = tail.start() if tail else len(address)
    while address[at : at + 1] == ")" and address.count("(", 0, at) > address.count(")", 0, at):
        at += 1
    return address[:at]


def _around(at: int, spans: Sequence[CodeSpan]) -> CodeSpan | None:
    return next((span for span in spans if span.start <= at < span.end), None)


def _may_begin_code(found: re.Match[str], text: str, spans: Sequence[CodeSpan]) -> bool:
    """Tell whether inline code in the place of a link would be read as such: no backtick is open, and none follows."""
    start, end = found.span()
    if _around(start, spans) or "`" in text[max(start - 1, 0) : start] + text[end : end + 1]:
        return False
    line = text.rfind("\n", 0, start) + 1
    before = max((span.end for span in spans if span.end <= start), default=0)
    return "`" not in text[max(line, before) : start]


def _is_domain(name: str, *, is_code: bool) -> bool:
    """Tell whether Slack may take a name for a domain; in code that is half of all names, so a path has to follow."""
    parts = [part.lower().split(".") for part in re.split(r"[:/?#@\\]+", UNSEEN.sub("", name))]
    if parts[0][0].strip("_") == "www":
        return True
    if not any(_DOMAIN_END.fullmatch(label) for labels in parts for label in labels[1:]):
        return False
    return len(parts) > 1 or not (is_code or _FILE_ENDINGS.fullmatch(parts[0][-1]))


def _beside(words: str, plain: str) -> str:
    """Return the words of a link with its address, once if they are the same."""
    return f"{words} ({plain})" if words.strip() not in ("", plain) else plain
