"""Finds what Discord shows as code, where links are dead, and says how sure that is.

Discord reads a text from left to right and takes the first rule that fits, so that an emphasis that begins before a
code block may end inside it. Where anything like that is possible a span is not sure. The rules are those of its
client, which builds on simple-markdown: a block begins and ends at three backticks, wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MOST_INLINE = 300
"""Characters of inline code that is never cut in two when an answer is split."""

_CODE = re.compile(
    r"\\[^\w\s]"  # an escaped backtick begins nothing
    r"|(?P<block>```(?:[\w+\-.#]+\n)?\n*[^\n][\s\S]*?```)"
    r"|(?P<ticks>`+)(?:[\s\S]*?[^`])(?P=ticks)(?!`)"
)
_BLOCK = re.compile(r"```[\w+\-.#]*\n(?P<body>(?:.*\n)*)(?P<indent> *)```")
_PAIR = re.compile(
    r"(?<![*_~|])(?P<mark>\*{1,3}|_{1,3}|~~|\|\|)(?=\S)(?P<text>[^*_~|\n]{1,300})(?<=\S)(?P=mark)(?![*_~|])"
)
_TARGET = re.compile(r"\]\(")
_BULLET = re.compile(r"^[ \t]*\*(?=[ \t])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """Where code begins and ends; `is_sure` if no reading of the text before could make it anything else."""

    start: int
    end: int
    is_sure: bool


def code_spans(text: str) -> Iterator[CodeSpan]:
    """Yield what is shown as code, in order."""
    outside, at = "", 0
    for found in _CODE.finditer(text):
        if found[0].startswith("\\"):
            continue
        outside += text[at : found.start()]
        at = found.end()
        stands_alone = _is_plain_block(text, found) if found["block"] else _is_plain_inline(found[0])
        is_sure = stands_alone and not _may_be_torn(found[0].strip("`"), outside)
        yield CodeSpan(found.start(), at, is_sure)
        outside += "code" if is_sure else "`"


def _is_plain_inline(code: str) -> bool:
    return "\n" not in code and len(code) <= _MOST_INLINE


def _is_plain_block(text: str, found: re.Match[str]) -> bool:
    """Tell whether the fences stand on lines of their own, at the indentation of everything between them."""
    line = text.rfind("\n", 0, found.start()) + 1
    indent = text[line : found.start()]
    block = _BLOCK.fullmatch(found[0])
    if block is None or indent.strip(" ") or block["indent"] != indent:
        return False
    ends = text[found.end() :].partition("\n")[0].strip() == ""
    return ends and all(row.startswith(indent) for row in block["body"].split("\n") if row.strip())


def _may_be_torn(code: str, before: str) -> bool:
    """Tell whether something that began before a piece of code could end inside it."""
    if "`" in before or re.search(r"<\S*\Z", before) or ("](" in code and "[" in before):
        return True
    if ")" in code and _has_open_target(before):
        return True
    marks = [mark for mark in ("*", "_", "~~", "||") if mark in code]
    if not any(mark in before for mark in marks):
        return False
    before = _BULLET.sub("", before)
    paired = _PAIR.sub(r"\g<text>", before)
    while paired != before:
        before, paired = paired, _PAIR.sub(r"\g<text>", paired)
    return any(mark in before for mark in marks)


def _has_open_target(before: str) -> bool:
    """Tell whether the target of a link, or its title, may go on after a text."""
    return any(tail.count("(") >= tail.count(")") for tail in (before[at.end() :] for at in _TARGET.finditer(before)))
