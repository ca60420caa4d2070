"""Background work: it is named, fails alone, and ends when the runner ends."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref

import pytest

from bot.tasks import TaskRunner


async def _wait_for(event: asyncio.Event) -> None:
    await event.wait()


async def _fail(text: str) -> None:
    raise LookupError(text)


async def test_work_runs_under_its_name() -> None:
    """A task does its work and can be told apart in a dump of tasks."""
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    async with TaskRunner(drain_s=5) as tasks:
        task = tasks.start("greeting", work())

    assert done.is_set()
    assert task.get_name() == "greeting"


async def test_running_work_is_kept_referenced() -> None:
    """The collector cannot take a task that nobody else holds."""
    started, done = asyncio.Event(), asyncio.Event()
    waiting: list[weakref.ref[asyncio.Future[None]]] = []

    async def work() -> None:
        started.set()
        cycle = asyncio.get_running_loop().create_future()  # referenced by nothing but the task that waits for it
        waiting.append(weakref.ref(cycle))
        await cycle
        done.set()

    async with TaskRunner(drain_s=5) as tasks:
        tasks.start("work", work())
        await started.wait()
        gc.collect()
        (future,) = [reference() for reference in waiting]
        assert future is not None
        future.set_result(None)

    assert done.is_set()


async def test_failure_is_logged_without_its_text(caplog: pytest.LogCaptureFixture, canary: str) -> None:
    """A task fails alone: one line with name and type, and the others go on."""
    done = asyncio.Event()

    async with TaskRunner(drain_s=5) as tasks:
        failed = tasks.start("index", _fail(canary))
        await failed
        other = tasks.start("other", _wait_for(done))
        done.set()

    assert [record.getMessage() for record in caplog.records if record.name == "bot.tasks"] == [
        "task index failed: LookupError"
    ]
    assert not other.cancelled()


async def test_drain_waits_for_work_and_what_it_starts() -> None:
    """Work that began before the shutdown may start its next step and finish it."""
    steps = []

    async with TaskRunner(drain_s=5) as tasks:

        async def second() -> None:
            steps.append("second")

        async def first() -> None:
            await asyncio.sleep(0)
            tasks.start("second", second())

        tasks.start("first", first())

    assert steps == ["second"]


async def test_late_work_is_cut_short(caplog: pytest.LogCaptureFixture) -> None:
    """What does not end in time is cancelled, counted and named."""
    tasks = TaskRunner(drain_s=5)
    task = tasks.start("stuck", _wait_for(asyncio.Event()))

    cut = await tasks.drain(timeout_s=0)

    assert cut == 1
    assert task.cancelled()
    assert caplog.messages == ["1 tasks were cut short at shutdown: ['stuck']"]


async def test_endless_work_ends_without_waiting() -> None:
    """A loop that runs until shutdown does not hold it up, and is not counted as late."""
    tasks = TaskRunner(drain_s=5)
    task = tasks.start("sweep", _wait_for(asyncio.Event()), endless=True)
    await asyncio.sleep(0)

    async with asyncio.timeout(5):
        cut = await tasks.drain(timeout_s=60)

    assert cut == 0
    assert task.cancelled()


async def test_endless_work_is_never_called_late(caplog: pytest.LogCaptureFixture) -> None:
    """Not even by a runner that gives no time: it is cancelled all the same, and may clean up; only other work is."""
    tasks, cleaned = TaskRunner(drain_s=0), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    tasks.start("sweep", work(), endless=True)
    tasks.start("stuck", _wait_for(asyncio.Event()))
    await asyncio.sleep(0)
    cut = await tasks.drain(timeout_s=0)

    assert cut == 1
    assert cleaned.is_set()
    assert caplog.messages == ["1 tasks were cut short at shutdown: ['stuck']"]


async def test_closed_runner_takes_no_work() -> None:
    """Work that arrives after the end is refused, not lost in silence."""
    async with TaskRunner(drain_s=5) as tasks:
        pass

    with pytest.raises(RuntimeError, match="task late was started after the shutdown"):
        tasks.start("late", _fail("never runs"))


async def test_failing_block_still_drains(caplog: pytest.LogCaptureFixture) -> None:
    """An error in the block reaches the caller after the tasks had their time."""
    done = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        done.set()

    async def block() -> None:
        async with TaskRunner(drain_s=5) as tasks:
            tasks.start("work", work())
            raise LookupError

    with pytest.raises(LookupError):
        await block()

    assert done.is_set()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
