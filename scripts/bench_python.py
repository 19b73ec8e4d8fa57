"""What recording adds to the calls of Python plugins, beside the bare calls and beside the usual decorator, and whom it credits with CPU.

usage: PYTHONPATH=build/python python3 scripts/bench_python.py       prints lines 'NAME VALUE'; CPU ns, medians of runs that take turns
"""
import asyncio
import functools
import statistics
import sys
import tempfile
import time
import tracemalloc

import tidemark

try:
    import psutil
except ImportError:
    psutil = None

CALLS, TURNS = 20_000, 25


def plain():
    pass


async def coroutine():
    pass


class Pauses:
    """An awaitable of very many steps."""

    def __await__(self):
        while True:
            yield


async def stepping():
    await Pauses()


def usual(fn):
    """What people write: wall time, CPU and memory of the process around each call."""
    process = psutil.Process() if psutil else None

    def cpu_and_memory():
        if process:
            times = process.cpu_times()
            return times.user + times.system, process.memory_info().rss
        with open("/proc/self/stat") as stat, open("/proc/self/statm") as statm:  # what psutil reads
            fields = stat.read().rpartition(")")[2].split()
            return int(fields[11]) + int(fields[12]), int(statm.read().split()[1])

    @functools.wraps(fn)
    async def measured(*arguments, **keywords):
        tracemalloc.start()
        cpu, memory = cpu_and_memory()
        start = time.perf_counter()
        try:
            return await fn(*arguments, **keywords)
        finally:
            wall = time.perf_counter() - start
            cpu_after, memory_after = cpu_and_memory()
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            profiles.append((wall, cpu_after - cpu, memory_after - memory, peak))
    profiles = []
    return measured


# ---- ns of one call or step ----

def call(fn, n=CALLS):
    turns = range(n)
    start = time.process_time_ns()
    for _ in turns:
        fn()
    return (time.process_time_ns() - start) / n


def run(main):
    """main, which never waits, without a loop."""
    try:
        main.send(None)
    except StopIteration as stop:
        return stop.value


def await_call(fn, n=CALLS):
    async def main():
        turns = range(n)
        start = time.process_time_ns()
        for _ in turns:
            await fn()
        return (time.process_time_ns() - start) / n
    return run(main())


def step(fn, n=CALLS):
    async def main():
        await fn()
    outer = main()
    outer.send(None)
    turns, send = range(n), outer.send
    start = time.process_time_ns()
    for _ in turns:
        send(None)
    spent = time.process_time_ns() - start
    outer.close()
    return spent / n


def compare(measure, bare, other):
    """Medians of the bare one and of what the other one adds, measured in turn."""
    pairs = [(measure(bare), measure(other)) for _ in range(TURNS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b - a for a, b in pairs)


def put(name, value, form=".1f"):
    print(name, format(value, form), flush=True)


def bench_calls():
    for name, measure, fn in (("plain", call, plain), ("async", await_call, coroutine), ("step", step, stepping)):
        wrapped = tidemark.wrap(name, fn)
        bare, added = compare(measure, fn, wrapped)
        put(f"{name}-bare", bare)
        put(f"{name}-off", added)
        for clock in ("best", "syscall"):
            tidemark.start(on=True, clock=clock, spike_interval=0)
            wrapped_name = f"{name}-{'rseq' if clock == 'best' else clock}"
            added = compare(measure, fn, wrapped)[1]
            measured_by = tidemark.snapshot()[0]["clock"]
            if clock == "syscall" or measured_by == "rseq":
                put(wrapped_name, added)
            tidemark.stop()


TASKS = 100


def tasks(fn):
    """ns of a task that a plugin starts and awaits, many at a time."""
    start = time.thread_time_ns()
    asyncio.run(fn())
    return (time.thread_time_ns() - start) / (20 * TASKS)


async def starts_tasks():
    for _ in range(20):
        await asyncio.gather(*(asyncio.create_task(coroutine()) for _ in range(TASKS)))


def bench_tasks():
    plugin, pairs = tidemark.wrap("tasks", starts_tasks), []
    for _ in range(TURNS):
        bare = tasks(starts_tasks)
        tidemark.start(on=True, spike_interval=0)
        pairs.append((bare, tasks(starts_tasks) - bare, tasks(plugin) - bare))
        tidemark.stop()
    for i, name in enumerate(("task-bare", "task-outside", "task-followed")):
        put(name, statistics.median(pair[i] for pair in pairs))


def bench_usual():
    tidemark.start(on=True, spike_interval=0)
    ours = compare(await_call, coroutine, tidemark.wrap("async", coroutine))[1]
    tidemark.stop()
    decorated = usual(coroutine)
    theirs = statistics.median(await_call(decorated, 200) - await_call(coroutine, 200) for _ in range(TURNS))
    put("usual", theirs, ".0f")
    put("usual-ratio", ours / theirs, ".5f")


# ---- who is credited ----

def burn(seconds):
    start = time.thread_time_ns()
    while time.thread_time_ns() - start < seconds * 1e9:
        sum(range(1000))


def credited():
    return {entry["plugin"]: entry["cpu_ms"] for entry in tidemark.snapshot()}


def bench_credit():
    async def sleeper():
        await asyncio.sleep(0.2)

    async def burner():
        burn(0.2)

    async def interleaved(n=2):
        for _ in range(n):
            burn(0.02 / n)
            await asyncio.sleep(0)

    async def main():
        await asyncio.gather(tidemark.wrap("sleeper", sleeper)(), tidemark.wrap("burner", burner)())
        cpu = credited()
        put("sleeper-ms", cpu["sleeper"], ".3f")
        put("burner-ms", cpu["burner"], ".3f")
        tidemark.flush_csv(path)
        before = time.process_time_ns()
        await asyncio.gather(*(tidemark.wrap(f"plugin {i}", interleaved)() for i in range(10)))
        used = (time.process_time_ns() - before) / 1e6
        put("interleaved-percent", 100 * sum(credited().values()) / used, ".2f")

    with tempfile.TemporaryDirectory() as directory:
        path = directory + "/flushed.csv"
        tidemark.start(on=True, spike_interval=0)
        asyncio.run(main())
        tidemark.stop()


if __name__ == "__main__":
    print(f"{sys.implementation.name} {sys.version.split()[0]}, {'psutil' if psutil else 'no psutil'}", file=sys.stderr)
    bench_calls()
    bench_tasks()
    bench_usual()
    bench_credit()
