"""The benchmarks' own parts, and one small run of all of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from bench import locomo
from bench.core import PROGRAM
from bench.measuring import Figure, Page, aligned, missed, percentile, report, shown, table
from bench.peering.workload import Given, Vectors, measure_reopening, measure_work
from bench.people import Sizes
from bench.sentences import questions, statements

TINY = Sizes(few=4, usual=12, many=16, crowd=3, each=4, rounds=2, messages=3, starts=1, settle_s=0)


def test_every_benchmark_gives_figures(tmp_path: Path) -> None:
    """A tiny run of all parts ends with figures that are above zero, no two of one name."""
    figures = asyncio.run(PROGRAM.measure(list(PROGRAM.parts), TINY, tmp_path))

    assert len({figure.name for figure in figures}) == len(figures) > len(PROGRAM.parts)
    assert [figure.name for figure in figures if figure.unit == "MB" and figure.value <= 0] == []
    assert list(tmp_path.iterdir()) == []


def test_a_bar_is_an_upper_bound_unless_told_otherwise() -> None:
    """A cost must stay below its bar, a rate must reach it, and a figure without a bar is never missed."""
    figures = [
        Figure("cost met", 1.0, "ms", 1.0),
        Figure("cost missed", 1.1, "ms", 1.0),
        Figure("rate met", 4.0, "/s", 4.0, at_least=True),
        Figure("rate missed", 3.9, "/s", 4.0, at_least=True),
        Figure("told", 9.0, "ms"),
    ]

    assert missed(figures) == ["cost missed", "rate missed"]


def test_a_ratio_is_to_the_physical_limit() -> None:
    """The ratio says how many times the limit something took."""
    assert Figure("add", 3.0, "ms", limit=2.0, limit_name="fsync").ratio == pytest.approx(1.5)
    assert Figure("add", 3.0, "ms").ratio is None


def test_the_table_says_what_was_missed() -> None:
    """A row shows the figure, its bar and the verdict."""
    text = table([Figure("add", 3.0, "ms", 2.0), Figure("rate", 9.0, "/s", 4.0, at_least=True)])

    assert text.splitlines()[1].split() == ["add", "3.00", "ms", "≤", "2.00", "ms", "MISSED"]
    assert text.splitlines()[2].split() == ["rate", "9.00", "/s", "≥", "4.00", "/s", "met"]


def test_columns_are_even() -> None:
    """Cells are filled up to the widest, on the left or on the right."""
    assert aligned([["a", "1", "b"], ["long", "22", ""]], right=[1]) == "a      1  b\nlong  22"


def test_the_report_is_one_line_of_json() -> None:
    """Programs read the figures and the missed names from one line."""
    line = report([Figure("add", 3.0, "ms", 2.0)], quick=True)

    told = json.loads(line)
    assert "\n" not in line
    assert told["missed"] == ["add"]
    assert told["figures"][0]["value"] == 3.0
    assert told["quick"] is True


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    """Of the numbers 1 to 100, the p-th percentile is p."""
    assert percentile([*range(100, 0, -1)], share) == expected


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (0.01234, "0.012"), (1.239, "1.24"), (12345.6, "12,346")])
def test_numbers_are_shown_with_about_three_digits(value: float, text: str) -> None:
    """Small numbers keep their decimals, large ones lose them."""
    assert shown(value) == text


def test_the_probe_writes_whole_pages(tmp_path: Path) -> None:
    """Each durable write of the probe adds 4 KiB to its file."""
    page = Page(tmp_path)
    spent = [page.append() for _ in range(3)]

    assert all(one.wall_ms > 0 for one in spent)
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [3 * 4096]


def test_sentences_repeat_with_their_seed_only() -> None:
    """The same seed gives the same sentences, which hardly ever repeat; another seed gives others."""
    first = list(islice(statements(1), 5000))

    assert first == list(islice(statements(1), 5000))
    assert first[:50] != list(islice(statements(2), 50))
    assert len(set(first)) > 4900
    assert not any("{" in text for text in [*first, *islice(questions(1), 500)])


class _Exact:
    """A memory of plain arrays, whose file may keep what was deleted."""

    def __init__(self, folder: Path, *, erases: bool) -> None:
        self._file = folder / "texts"
        self._erases = erases
        self._texts: dict[int, str] = {}
        self._vectors: dict[int, Vectors] = {}

    def add(self, numbers: Sequence[int], texts: Sequence[str], vectors: Vectors) -> None:
        self._texts |= dict(zip(numbers, texts, strict=True))
        self._vectors |= dict(zip(numbers, vectors, strict=True))
        self._write()

    def search(self, text: str, vector: Vectors) -> list[int]:
        return sorted(self._vectors, key=lambda number: -float(self._vectors[number] @ vector))[:10]

    def delete(self, number: int) -> None:
        del self._vectors[number]
        if self._erases:
            del self._texts[number]
            self._write()

    def close(self) -> None:
        pass

    def _write(self) -> None:
        self._file.write_text("\n".join(self._texts.values()))


@pytest.fixture
def given() -> Given:
    """Sentences with random vectors."""
    chance = np.random.default_rng(1)
    vectors = chance.standard_normal((60, 8), np.float32)
    return Given(list(islice(statements(3), 60)), vectors, ["who?", "what?"], vectors[:2])


@pytest.mark.parametrize(("erases", "readable"), [(True, 0.0), (False, 1.0)])
def test_what_a_deletion_leaves_on_disk_is_counted(tmp_path: Path, given: Given, erases: bool, readable: float) -> None:
    """Deleted texts that still stand in a file are found, and only those."""
    figures = measure_work(lambda folder, _: _Exact(folder, erases=erases), tmp_path, given)

    assert figures["readable_after_delete"] == readable
    assert figures["agreement"] == 1.0


def test_agreement_counts_what_a_search_misses(tmp_path: Path, given: Given) -> None:
    """A memory that forgets half of what it is told agrees with an exact search only in part."""

    class Forgetful(_Exact):
        def search(self, text: str, vector: Vectors) -> list[int]:
            return super().search(text, vector)[:5]

    assert measure_work(lambda folder, _: Forgetful(folder, erases=True), tmp_path, given)["agreement"] == 0.5


def test_given_texts_survive_their_file(tmp_path: Path, given: Given) -> None:
    """What is handed to the compared programs in a file is what was made."""
    given.save(tmp_path / "given.npz")
    loaded = Given.load(tmp_path / "given.npz")

    assert (loaded.texts, loaded.questions) == (given.texts, given.questions)
    assert np.array_equal(loaded.vectors, given.vectors)
    assert measure_reopening(lambda folder, _: _Exact(folder, erases=True), tmp_path, loaded)["reopen_ms"] > 0


def test_conversations_are_read_with_their_evidence(tmp_path: Path) -> None:
    """Turns come in order of their sessions, and a question keeps the evidence that is there."""
    turn = {"speaker": "Ada", "dia_id": "D1:1", "text": "I sold my kayak"}
    picture = {"speaker": "Bela", "dia_id": "D2:1", "text": "Look", "blip_caption": "a boat"}
    conversation = {
        "session_2": [picture],
        "session_2_date_time": "9:05 am on 2 June, 2023",
        "session_1": [turn],
        "session_1_date_time": "1:56 pm on 8 May, 2023",
    }
    asked = [
        {"question": "What did Ada sell?", "category": 4, "evidence": ["D1:1", "D9:9"]},
        {"question": "Who is rich?", "category": 5, "evidence": ["D1:1"]},
    ]
    (tmp_path / "data.json").write_text(json.dumps([{"sample_id": "c", "conversation": conversation, "qa": asked}]))

    (read,) = locomo.read_conversations(tmp_path / "data.json")

    assert [turn.text for turn in read.turns] == ["I sold my kayak", "Look [a boat]"]
    assert [(one.text, one.evidence) for one in read.asked] == [("What did Ada sell?", frozenset({"D1:1"}))]


def test_recall_is_averaged_over_questions() -> None:
    """Each question counts once, whatever its category."""
    rows = {1: [[0.0] * 5], 2: [], 3: [], 4: [[100.0] * 5, [50.0] * 5]}

    assert locomo.means(rows)["recall_at_3"] == 50.0
    assert locomo.means(rows, (4,))["recall_at_50"] == 75.0
