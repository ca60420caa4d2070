"""Evidence recall on LoCoMo conversations, through the public MemoryCore: python -m bench.locomo --data FILE.

Each turn is one memory (author = speaker, source = dia_id); recall@k of a question is the share of its evidence turns
among the first k memories recalled, averaged over the questions of categories 1-4 (Maharana et al. 2024). Floor,
merging, decay and budget are off and the clock is fixed, so that ranking alone is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.config import MemorySettings
from bot.judgement.salience import judge
from bot.memory.core import MemoryCore
from bot.types import Author, Hit, Place, PlaceKind, Scope, Statement

DEPTHS = (3, 5, 10, 25, 50)
CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}
NOW = datetime(2024, 6, 1, tzinfo=UTC)
ROOM = Place(PlaceKind.PUBLIC, "conversation")
SETTINGS = MemorySettings(relevance_floor=0, merge=False, decay=False, recall_tokens=10_000_000)


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation."""

    id: str
    speaker: str
    text: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the turns that hold its answer."""

    text: str
    category: int
    evidence: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One LoCoMo conversation; `asked` holds the questions of categories 1-4 whose evidence is in it."""

    name: str
    turns: Sequence[Turn]
    asked: Sequence[Asked]
    all_evidence: frozenset[str]


def read_conversations(path: Path) -> list[Conversation]:
    """Return the conversations of a file in LoCoMo's format."""
    return [_conversation(item) for item in json.loads(path.read_text())]


def _conversation(item: dict) -> Conversation:  # type: ignore[type-arg]  # foreign JSON, taken apart here only
    sessions = item["conversation"]
    numbers = sorted(int(m[1]) for key in sessions if (m := re.fullmatch(r"session_(\d+)", key)))
    turns: list[Turn] = []
    for number in numbers:
        start = datetime.strptime(sessions[f"session_{number}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
        for nth, turn in enumerate(sessions[f"session_{number}"]):
            caption = f" [{turn['blip_caption']}]" if turn.get("blip_caption") else ""
            said_at = start + timedelta(seconds=20 * nth)
            turns.append(Turn(turn["dia_id"], turn["speaker"], turn["text"] + caption, said_at))
    known = {turn.id for turn in turns}
    asked = [Asked(q["question"], q["category"], _evidence(q) & known) for q in item["qa"]]
    wanted = [question for question in asked if question.category in CATEGORIES and question.evidence]
    return Conversation(item["sample_id"], turns, wanted, frozenset().union(*(q.evidence for q in asked)))


def _evidence(question: dict) -> frozenset[str]:  # type: ignore[type-arg]  # as above
    return frozenset(re.findall(r"D\d+:\d+", " ".join(question.get("evidence", []))))


Results = dict[int, list[list[float]]]
"""Category → one row of recall@k, in per cent, per question."""


async def measure(conversations: Sequence[Conversation], *, filtered: bool, per_person: bool) -> Results:
    """Return the recall of every question, with memories in one scope a conversation or in one a person."""
    results: Results = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        async with MemoryCore.open(folder, settings=SETTINGS, clock=lambda: NOW) as core:
            for conversation in conversations:
                await _remember(core, conversation, filtered=filtered, per_person=per_person)
                for question in conversation.asked:
                    found = await _recall(core, conversation, question, per_person=per_person)
                    hits = [len(question.evidence & set(found[:k])) for k in DEPTHS]
                    results[question.category].append([100 * hit / len(question.evidence) for hit in hits])
    return results


async def _remember(core: MemoryCore, conversation: Conversation, *, filtered: bool, per_person: bool) -> None:
    statements: dict[Scope, list[Statement]] = defaultdict(list)
    for turn in conversation.turns:
        if filtered and not judge(turn.text).keep:
            continue
        author = Author(turn.speaker, turn.speaker)
        person = turn.speaker if per_person else "everyone"
        statement = Statement(turn.text, ROOM, turn.id, turn.said_at, author, as_given=True)
        statements[Scope("bench", conversation.name, person)].append(statement)
    for scope, said in statements.items():
        await core.remember_all(scope, said)


async def _recall(core: MemoryCore, conversation: Conversation, question: Asked, *, per_person: bool) -> list[str]:
    """Ids of recalled turns, best first; with one scope a person, of the scopes that the question names."""
    people = sorted({turn.speaker for turn in conversation.turns}) if per_person else ["everyone"]
    named = [person for person in people if re.search(rf"\b{re.escape(person)}\b", question.text)] or people
    hits: list[Hit] = []
    for person in named:
        scope = Scope("bench", conversation.name, person)
        hits += (await core.recall(scope, question.text, place=ROOM, limit=max(DEPTHS))).hits
    hits.sort(key=lambda hit: -hit.score)
    return [hit.memory.sources[0].id for hit in hits]


def means(results: Results, categories: Sequence[int] = tuple(CATEGORIES)) -> dict[str, float]:
    """Return recall@k in per cent over all questions of some categories."""
    rows = [row for category in categories for row in results[category]]
    return {f"recall_at_{k}": round(sum(row[i] for row in rows) / max(len(rows), 1), 2) for i, k in enumerate(DEPTHS)}


def filter_figures(conversations: Sequence[Conversation]) -> dict[str, float]:
    """Return what the salience filter drops of all turns and keeps of evidence turns, in per cent."""
    turns = [(turn, turn.id in c.all_evidence) for c in conversations for turn in c.turns]
    kept = [(judge(turn.text).keep, evidence) for turn, evidence in turns]
    evidence_kept = [keep for keep, evidence in kept if evidence]
    return {
        "turns_dropped": round(100 * sum(not keep for keep, _ in kept) / len(kept), 2),
        "evidence_kept": round(100 * sum(evidence_kept) / len(evidence_kept), 2),
    }


def table(title: str, results: Results) -> str:
    """Return a table of recall@k by category."""
    lines = [title, f"{'':14}" + "".join(f"{'R@' + str(k):>8}" for k in DEPTHS) + f"{'n':>7}"]
    for name, categories in [*((name, (c,)) for c, name in CATEGORIES.items()), ("all", tuple(CATEGORIES))]:
        count = sum(len(results[c]) for c in categories)
        lines.append(f"{name:14}" + "".join(f"{v:8.1f}" for v in means(results, categories).values()) + f"{count:7}")
    return "\n".join(lines)


async def run(path: Path) -> None:
    """Measure, and print tables and one JSON line."""
    started = time.perf_counter()
    conversations = read_conversations(path)
    plain = await measure(conversations, filtered=False, per_person=False)
    with_filter = await measure(conversations, filtered=True, per_person=False)
    per_person = await measure(conversations, filtered=True, per_person=True)
    dropped = filter_figures(conversations)
    print(table("One scope per conversation, every turn kept", plain))
    print(table("\nThe same, with the salience filter", with_filter))
    print(table("\nReal use: one scope per person, with the filter", per_person))
    print(
        f"\nFilter: drops {dropped['turns_dropped']} % of turns, keeps {dropped['evidence_kept']} % of evidence turns\n"
    )
    report = means(plain) | {
        "by_category": {name: means(plain, (category,)) for category, name in CATEGORIES.items()},
        "with_filter": means(with_filter) | dropped,
        "one_scope_per_person": means(per_person),
        "questions": sum(map(len, plain.values())),
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(report))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="LoCoMo conversations, such as locomo10.json")
    asyncio.run(run(parser.parse_args().data))


if __name__ == "__main__":
    main()
