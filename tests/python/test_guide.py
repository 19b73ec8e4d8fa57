"""The profiling guide's program, run as the guide has it and with its names from tidemark.guide: the figures side by side."""
import asyncio
import contextlib
import dataclasses
import importlib.util
import io
import resource
import time
import tracemalloc
import unittest

import tidemark
from support import burn, near

PACKAGE = importlib.util.find_spec("tidemark.guide") is not None
if PACKAGE:
    from tidemark import guide


@dataclasses.dataclass
class NaiveProfile:
    name: str
    wall_time_ms: float = 0.0
    cpu_time_ms: float = 0.0
    call_count: int = 0
    errors: int = 0


class NaiveProfiler:
    """What people write: the process's CPU around each await."""

    def __init__(self):
        self.profiles = {}

    def wrap(self, name, fn):
        profile = self.profiles[name] = NaiveProfile(name)

        async def wrapped(*arguments):
            wall, cpu = time.perf_counter(), sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
            try:
                return await fn(*arguments)
            except Exception:
                profile.errors += 1
                raise
            finally:
                profile.wall_time_ms += 1000 * (time.perf_counter() - wall)
                profile.cpu_time_ms += 1000 * (sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - cpu)
                profile.call_count += 1
        return wrapped


async def fetch(seconds):
    await asyncio.sleep(seconds)
    return bytes(100_000)


async def parse(seconds):
    for _ in range(4):
        burn(seconds / 4)
        await asyncio.sleep(0)


async def fail(seconds):
    await asyncio.sleep(seconds)
    raise LookupError("no")


def program(profiler):
    plugins = {name: profiler.wrap(name, fn) for name, fn in (("fetch", fetch), ("parse", parse), ("fail", fail))}

    async def main():
        await asyncio.gather(*(plugin(0.1) for plugin in plugins.values()), return_exceptions=True)
    asyncio.run(main())
    return profiler.profiles


@unittest.skipUnless(PACKAGE, "the module was copied alone")
class Guide(unittest.TestCase):
    def setUp(self):
        tidemark.start(on=True, spike_interval=0, memory="count")
        self.addCleanup(tidemark.stop)

    def test_side_by_side(self):
        naive, right = program(NaiveProfiler()), program(guide.PluginProfiler())
        for name in right:
            print("  %-6s cpu of the guide %6.1f ms, here %6.1f ms; wall %6.1f and %6.1f ms" % (
                name, naive[name].cpu_time_ms, right[name].cpu_time_ms, naive[name].wall_time_ms, right[name].wall_time_ms))
        self.assertGreater(naive["fetch"].cpu_time_ms, 30)  # which computes nothing
        self.assertLess(right["fetch"].cpu_time_ms, 3)
        near(self, right["parse"].cpu_time_ms, 100)
        self.assertEqual([(p.name, p.call_count, p.errors) for p in right.values()], [("fail", 1, 1), ("fetch", 1, 0), ("parse", 1, 0)])

    def test_loader_and_report(self):
        loader = guide.PluginLoader()
        loader.register("plain", lambda a, b=1: a + b)
        loader.register("async", fetch)
        loader.register("idle", fetch)
        self.assertEqual(asyncio.run(loader.invoke("plain", 1, b=2)), 3)
        self.assertEqual(len(asyncio.run(loader.invoke("async", 0))), 100_000)
        with self.assertRaisesRegex(KeyError, "no plugin 'none'"):
            asyncio.run(loader.invoke("none"))
        with contextlib.redirect_stdout(io.StringIO()) as out:
            profiles = loader.report()
        self.assertEqual({(p.name, p.call_count) for p in profiles}, {("plain", 1), ("async", 1), ("idle", 0)})
        self.assertRegex(out.getvalue(), r"(?m)^\[PROFILE\] async \| calls=1 \| wall=\d+\.\dms \| cpu=\d+\.\dms \| mem=[+-]\d+\.\dKB \| ")

    def test_bottlenecks(self):
        profiles = [guide.PluginProfile("p%d" % i, wall_time_ms=100 + i, call_count=10) for i in range(9)]
        profiles += [guide.PluginProfile("slow", wall_time_ms=900, cpu_time_ms=5, call_count=10, errors=2), guide.PluginProfile("idle")]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            found = guide.detect_bottlenecks(profiles)
        self.assertEqual([profile.name for profile, _ in found], ["slow"])
        self.assertEqual(out.getvalue(), "[BOTTLENECK] slow | avg 90.0ms | z=2.85 | cpu 5.0ms | errors 2\n")
        self.assertEqual(guide.detect_bottlenecks(profiles, z_threshold=3.0), [])
        self.assertEqual(guide.detect_bottlenecks([]), [])

    def test_spikes(self):
        async def main():
            monitor = asyncio.ensure_future(guide.cpu_spike_monitor(interval=0.1, spike_pct=20.0))
            await asyncio.sleep(0)
            await tidemark.wrap("busy", parse)(0.4)
            await asyncio.sleep(0.15)
            monitor.cancel()
        tidemark.stop()
        tidemark.start(on=True, spike_interval=0.05, spike_percent=10)  # who is under way, its monitor knows
        with contextlib.redirect_stdout(io.StringIO()) as out:
            asyncio.run(main())
        self.assertRegex(out.getvalue(), r"(?m)^\[CPU SPIKE\] \d+\.\d% \| active plugin: busy$")

    def test_an_old_spike_is_no_cause(self):
        spikes = [{"at_ms": 1.0, "duration_ms": 50.0, "cpu_percent": 99.0, "plugin": "old"}]
        before, guide.tidemark.spikes = tidemark.spikes, lambda: list(spikes)
        self.addCleanup(setattr, tidemark, "spikes", before)
        tidemark.wrap("today", burn)(0.01)
        self.assertEqual(guide._culprit({}, list(spikes)), "today")
        spikes[0] = {**spikes[0], "duration_ms": 100.0}
        self.assertEqual(guide._culprit({}, [{**spikes[0], "duration_ms": 50.0}]), "old")

    def test_memory_diff(self):
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        before = tracemalloc.take_snapshot()
        kept = [bytes(1000) for _ in range(100)]
        grown = guide.capture_memory_diff(before, top_n=1)
        self.assertEqual(len(grown), 1)
        self.assertEqual(set(grown[0]), {"file", "size_diff_kb", "count_diff"})
        self.assertTrue(grown[0]["file"].endswith("test_guide.py") and grown[0]["size_diff_kb"] > 90 and grown[0]["count_diff"] >= 100, grown)
        del kept


if __name__ == "__main__":
    unittest.main()
