"""What moves a score, in which direction, and that nothing outside the candidates does."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.memory.lexical import Matches
from bot.memory.ranking import KINDS, SESSION_GAP_S, Candidates, Question, Ranking, rank
from bot.types import Kind, ScoreParts

DAY_S = 86_400.0
HALF_LIVES = dict.fromkeys(Kind, 180.0)
NOTHING_ASKED = Question()


def candidates(count: int) -> Candidates:
    """Return memories that do not differ in anything: each in a conversation of its own."""
    return Candidates(
        ids=np.arange(1, count + 1, dtype=np.int64),
        matches=Matches(np.zeros((1, count), np.float32), np.full(count, 5, np.float32)),
        cosines=np.zeros(count, np.float32),
        by_named=np.zeros(count, np.bool_),
        conversations=np.arange(count, dtype=np.int64),
        times=np.zeros(count, np.float64),
        kinds=np.full(count, KINDS.index(Kind.MESSAGE), np.int8),
        importance=np.full(count, 0.5, np.float32),
        questions=np.zeros(count, np.bool_),
        dated=np.zeros(count, np.bool_),
        pinned=np.zeros(count, np.bool_),
        superseded=np.zeros(count, np.bool_),
    )


def first_differs(name: str, value: object) -> Candidates:
    """Return three equal memories, the first of which differs in one column."""
    three = candidates(3)
    column = getattr(three, name).copy()
    column[0] = value
    return replace(three, **{name: column})


def matching(counts: list[float]) -> Matches:
    """Return matches of one question word."""
    return Matches(np.array([counts], np.float32), np.full(len(counts), 5, np.float32))


@pytest.mark.parametrize(
    ("column", "value", "part", "asked"),
    [
        ("cosines", 0.9, "semantic", NOTHING_ASKED),
        ("by_named", True, "author", NOTHING_ASKED),
        ("importance", 0.9, "importance", NOTHING_ASKED),
        ("dated", True, "time", Question(asks_when=True)),
        ("times", 50.0, "time", Question(interval=(40.0, 60.0))),
        ("kinds", KINDS.index(Kind.NOTE), "kind", NOTHING_ASKED),
        ("pinned", True, "pinned", NOTHING_ASKED),
    ],
)
def test_a_signal_lifts_the_memory_that_has_it(column: str, value: object, part: str, asked: Question) -> None:
    """Each signal alone puts its memory first, and shows in the part of its name."""
    ranking = rank(first_differs(column, value), asked, None)

    assert ranking.score[0] > ranking.score[1] == ranking.score[2]
    assert ranking.parts[part][0] > ranking.parts[part][1]


@pytest.mark.parametrize(
    ("column", "part"), [("questions", "question"), ("superseded", "history")], ids=["question", "history"]
)
def test_a_question_or_a_superseded_memory_falls_behind(column: str, part: str) -> None:
    """What was asked, or no longer holds, counts less than what was told."""
    ranking = rank(first_differs(column, True), NOTHING_ASKED, None)

    assert ranking.score[0] < ranking.score[1]
    assert ranking.parts[part].tolist()[0] < 0 == ranking.parts[part][1]


def test_a_word_of_the_question_lifts_the_memory_that_has_it() -> None:
    """An exact match beats a soft one, and that beats none."""
    ranking = rank(replace(candidates(3), matches=matching([1, 0.4, 0])), NOTHING_ASKED, None)

    exact, soft, none = ranking.parts["lexical"].tolist()
    assert exact > soft > none


@pytest.mark.parametrize("asked", [NOTHING_ASKED, Question(asks_when=True, interval=(-1.0, 1.0), now=DAY_S)])
def test_memories_that_do_not_differ_have_one_score(asked: Question) -> None:
    """No spread gives equal finite scores, never a division by it; where nothing is known it gives 0."""
    ranking = rank(candidates(4), asked, HALF_LIVES)

    assert len(set(ranking.score.tolist())) == 1
    assert np.isfinite(ranking.score).all()
    assert ranking.parts["lexical"].tolist() == ranking.parts["importance"].tolist() == [0, 0, 0, 0]


def test_a_lone_memory_scores_by_how_well_it_fits() -> None:
    """The one memory of a new person stands above 0 when it bears on the question, and not when it does not."""
    one = candidates(1)
    near = rank(replace(one, cosines=np.array([0.8], np.float32), matches=matching([1])), NOTHING_ASKED, None)
    far = rank(replace(one, cosines=np.array([-0.1], np.float32)), NOTHING_ASKED, None)

    assert near.parts["lexical"][0] > 0 == far.parts["lexical"][0]
    assert near.parts["semantic"][0] > 0 > far.parts["semantic"][0]


def test_a_memory_without_a_vector_counts_as_average() -> None:
    """Unknown nearness neither lifts nor lowers, and does not disturb the others."""
    two = replace(candidates(2), cosines=np.array([0.2, 0.8], np.float32))
    three = replace(candidates(3), cosines=np.array([0.2, 0.8, np.nan], np.float32))

    known, ranking = (rank(memories, NOTHING_ASKED, None).parts["semantic"].tolist() for memories in (two, three))

    assert ranking == pytest.approx([*known, 0])


def test_no_vector_at_all_leaves_the_words() -> None:
    """With every cosine unknown the ranking is finite, and words decide."""
    three = replace(candidates(3), cosines=np.full(3, np.nan, np.float32), matches=matching([0, 1, 0]))

    ranking = rank(three, NOTHING_ASKED, HALF_LIVES)

    assert np.isfinite(ranking.score).all()
    assert int(ranking.score.argmax()) == 1


def test_nothing_to_rank_gives_nothing() -> None:
    """No candidates: empty arrays, no error."""
    ranking = rank(candidates(0), Question(asks_when=True, interval=(0.0, 1.0)), HALF_LIVES)

    assert ranking.score.shape == ranking.relevance.shape == (0,)


def in_one_conversation(times: list[float], counts: list[float], questions: list[bool] | None = None) -> Ranking:
    """Rank memories of one channel by one question word alone."""
    count = len(times)
    return rank(
        replace(
            candidates(count),
            conversations=np.zeros(count, np.int64),
            times=np.array(times),
            matches=matching(counts),
            cosines=np.full(count, np.nan, np.float32),
            questions=np.array(questions or [False] * count),
        ),
        NOTHING_ASKED,
        None,
    )


def test_a_session_ends_with_an_hour_of_silence() -> None:
    """Within the hour a memory gains from the match beside it; after a longer silence it does not."""
    within = in_one_conversation([0, SESSION_GAP_S, 9e6, 9.9e6], [1, 0, 0, 0])
    after = in_one_conversation([0, SESSION_GAP_S + 1, 9e6, 9.9e6], [1, 0, 0, 0])

    assert within.parts["session"][1] > 0 == after.parts["session"][1]
    assert within.parts["neighbours"][1] > 0 == after.parts["neighbours"][1]


def test_a_session_is_as_good_as_its_two_best() -> None:
    """By hand: 0.45 times the mean of the session's two best base scores, for every memory of it."""
    ranking = in_one_conversation([0, 1, 2, 1e6], [1, 1, 0, 0])

    base = ranking.parts["lexical"]  # the only signal that differs
    assert ranking.parts["session"][:3] == pytest.approx([0.45 * float(base[:2].mean())] * 3)
    assert ranking.parts["session"][3] == 0  # its own score is below average: floored


def test_neighbours_give_a_share_of_their_topic() -> None:
    """By hand: 0.2 from the one before, 0.05 from the one after, 0.1 from two away."""
    ranking = in_one_conversation([0, 1, 2, 3, 4], [0, 0, 1, 0, 0])

    topic = float(ranking.parts["lexical"][2])
    assert ranking.parts["neighbours"] == pytest.approx([0.1 * topic, 0.05 * topic, 0, 0.2 * topic, 0.1 * topic])


def test_an_answer_is_found_by_its_question() -> None:
    """What follows a matching question gains three times what follows a matching statement."""
    asked = in_one_conversation([0, 1, 1e6], [1, 0, 0], [True, False, False])
    told = in_one_conversation([0, 1, 1e6], [1, 0, 0])

    assert asked.parts["neighbours"][1] == pytest.approx(3 * told.parts["neighbours"][1])


def test_conversations_do_not_touch() -> None:
    """The same minute in another channel is no neighbour."""
    two = replace(candidates(3), times=np.array([0.0, 1.0, 9e6]), matches=matching([1, 0, 0]))

    ranking = rank(two, NOTHING_ASKED, None)

    assert ranking.parts["session"][1] == ranking.parts["neighbours"][1] == 0


@given(kind=st.sampled_from(list(Kind)), age_days=st.floats(0, 40_000), count=st.integers(2, 40))
def test_age_never_beats_a_strong_word_match(kind: Kind, age_days: float, count: int) -> None:
    """The oldest memory with the question's word stands before fresh ones without it."""
    memories = replace(
        candidates(count),
        times=np.array([-age_days * DAY_S] + [0.0] * (count - 1)),
        kinds=np.full(count, KINDS.index(kind), np.int8),
        matches=matching([1.0] + [0.0] * (count - 1)),
    )

    ranking = rank(memories, Question(now=0.0), HALF_LIVES)

    assert int(ranking.score.argmax()) == 0
    assert -0.5 <= ranking.parts["age"][0] <= 0


def test_a_half_life_takes_half_of_the_freshness() -> None:
    """After one half-life half of the age's share is gone, after ten nearly all."""
    times = np.array([0.0, -180 * DAY_S, -1800 * DAY_S])

    age = rank(replace(candidates(3), times=times), Question(now=0.0), HALF_LIVES).parts["age"]

    assert age == pytest.approx([0, -0.25, -0.5], abs=1e-3)


def test_a_memory_from_the_future_is_not_aged() -> None:
    """A clock that was wrong cannot lift a memory above what was just said."""
    age = rank(replace(candidates(2), times=np.array([0.0, 9e9])), Question(now=0.0), HALF_LIVES).parts["age"]

    assert age.tolist() == [0, 0]


def random_candidates(seed: int, count: int) -> Candidates:
    """Return candidates with every column random, times and conversations close enough to make sessions."""
    random = np.random.default_rng(seed)
    flags = {name: random.random(count) < 0.3 for name in ("by_named", "questions", "dated", "pinned", "superseded")}
    return Candidates(
        ids=np.arange(1, count + 1, dtype=np.int64),
        matches=Matches(
            (random.random((3, count)) * random.integers(0, 3, (3, count))).astype(np.float32),
            random.integers(1, 30, count).astype(np.float32),
        ),
        cosines=np.where(random.random(count) < 0.1, np.nan, random.uniform(-1, 1, count)).astype(np.float32),
        conversations=random.integers(0, 3, count),
        times=random.uniform(0, 20 * SESSION_GAP_S, count),
        kinds=random.integers(0, len(KINDS), count).astype(np.int8),
        importance=random.random(count).astype(np.float32),
        **flags,
    )


def subset(of: Candidates, chosen: np.ndarray) -> Candidates:
    """Return the chosen rows only."""
    columns = {f.name: getattr(of, f.name)[chosen] for f in fields(Candidates) if f.name != "matches"}
    return Candidates(matches=Matches(of.matches.counts[:, chosen], of.matches.lengths[chosen]), **columns)


ASKED = Question(asks_when=True, interval=(0.0, SESSION_GAP_S), now=30 * SESSION_GAP_S)


@given(seed=st.integers(0, 2**32), count=st.integers(0, 30))
def test_the_score_is_the_sum_of_parts_that_people_can_see(seed: int, count: int) -> None:
    """Every part is a field of ScoreParts, and together they are the score."""
    ranking = rank(random_candidates(seed, count), ASKED, HALF_LIVES)

    assert ranking.parts.keys() <= {field.name for field in fields(ScoreParts)}
    assert sum(ranking.parts.values()) == pytest.approx(ranking.score, abs=1e-4)
    assert np.isfinite(ranking.score).all()
    assert ((ranking.relevance >= 0) & (ranking.relevance <= 1)).all()


@given(seed=st.integers(0, 2**32), count=st.integers(1, 30))
def test_groups_ranked_together_are_ranked_as_one(seed: int, count: int) -> None:
    """Splitting candidates by conversation and joining them again changes no score."""
    whole = random_candidates(seed, count)
    groups = [subset(whole, whole.conversations == number) for number in range(3)]

    joined = Candidates.join(groups)
    ranking, expected = rank(joined, ASKED, HALF_LIVES), rank(whole, ASKED, HALF_LIVES)

    score_of = dict(zip(whole.ids.tolist(), expected.score.tolist(), strict=True))
    assert ranking.score.tolist() == pytest.approx([score_of[i] for i in joined.ids.tolist()], abs=1e-3)


def test_the_same_conversation_number_in_two_scopes_is_two_conversations() -> None:
    """Joined groups keep their channels apart, however those are numbered."""
    match = replace(candidates(2), matches=matching([1, 0]), times=np.array([0.0, 9e6]))
    other = replace(candidates(1), ids=np.array([9]), times=np.array([1.0]))

    ranking = rank(Candidates.join([match, other]), NOTHING_ASKED, None)

    assert ranking.parts["session"][2] == ranking.parts["neighbours"][2] == 0


def test_ranking_all_and_hiding_afterwards_would_leak() -> None:
    """Control: scores do depend on the rows that are ranked, so only what may be read may go in."""
    everything = random_candidates(7, 30)
    allowed = np.arange(30) % 3 > 0

    filtered_later = rank(everything, ASKED, HALF_LIVES).score[allowed]

    assert filtered_later.tolist() != rank(subset(everything, allowed), ASKED, HALF_LIVES).score.tolist()
