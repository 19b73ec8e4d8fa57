"""Python's memory, by thread and by owner, and which lines hold more and more of it."""
import asyncio
import os
import threading
import tracemalloc
import unittest

import tidemark
from support import SANITIZED, profile, recording, run_python

KB = 1024


def plugin(name, fn):
    return tidemark.wrap(name, fn)


class Count(unittest.TestCase):
    def test_net_by_call(self):
        kept = []
        with recording(memory="count"):
            keep, pass_by, release = (plugin("keep", lambda: kept.append(bytes(100 * KB))), plugin("pass", lambda: len(bytes(100 * KB))),
                                      plugin("release", kept.clear))
            for _ in range(10):
                keep(), pass_by()
            release()
            self.assertAlmostEqual(profile("keep")["mem_delta_kb"], 1000, delta=4)
            self.assertAlmostEqual(profile("pass")["mem_delta_kb"], 0, delta=4)
            self.assertAlmostEqual(profile("release")["mem_delta_kb"], -1000, delta=4)
            self.assertAlmostEqual(profile("pass")["peak_mem_kb"], 100, delta=4)

    def test_net_is_another_word_for_count(self):
        for word in ("count", "net"):
            with recording(memory=word):
                kept = []
                plugin("keep", lambda: kept.append(bytes(100 * KB)))()
                self.assertAlmostEqual(profile("keep")["mem_delta_kb"], 100, delta=4)
            with self.assertRaisesRegex(ValueError, "tracemalloc needs memory='owner'"):
                tidemark.start(on=True, memory=word, tracemalloc_plugins=["keep"])

    def test_many_small_objects(self):
        kept = []
        with recording(memory="count"):
            plugin("keep", lambda: kept.extend([i] for i in range(10_000)))()
            self.assertGreater(profile("keep")["mem_delta_kb"], 10_000 * 64 / KB)
            plugin("release", kept.clear)()
            self.assertLess(profile("release")["mem_delta_kb"], -10_000 * 64 / KB)

    def test_other_threads_are_not_counted(self):
        kept, begin, done = [], threading.Event(), threading.Event()

        def other():
            begin.wait()
            kept.append(bytes(1000 * KB))
            done.set()

        def waits():
            begin.set()
            done.wait()

        thread = threading.Thread(target=other)
        thread.start()
        with recording(memory="count"):
            plugin("waits", waits)()
            self.assertLess(profile("waits")["mem_delta_kb"], 100)
        thread.join()

    def test_by_steps(self):
        async def keeps():
            kept.append(bytes(100 * KB))
            await asyncio.sleep(0.01)
            kept.append(bytes(100 * KB))

        async def other():
            await asyncio.sleep(0.005)
            kept.append(bytes(1000 * KB))

        async def main():
            await asyncio.gather(plugin("keeps", keeps)(), plugin("other", other)())

        kept = []
        with recording(memory="count"):
            asyncio.run(main())
            self.assertAlmostEqual(profile("keeps")["mem_delta_kb"], 200, delta=24)
            self.assertAlmostEqual(profile("other")["mem_delta_kb"], 1000, delta=24)


class Owner(unittest.TestCase):
    def test_whoever_frees_it(self):
        kept = {}
        with recording(memory="owner"):
            make, drop = plugin("make", lambda: kept.update(x=bytes(500 * KB))), plugin("drop", kept.clear)
            make()
            self.assertAlmostEqual(profile("make")["mem_delta_kb"], 500, delta=4)
            drop()
            self.assertAlmostEqual(profile("make")["mem_delta_kb"], 0, delta=4)
            self.assertAlmostEqual(profile("drop")["mem_delta_kb"], 0, delta=4)
            self.assertAlmostEqual(profile("make")["peak_mem_kb"], 500, delta=4)

    def test_freed_by_another_thread(self):
        kept = []
        with recording(memory="owner"):
            plugin("make", lambda: kept.append(bytes(500 * KB)))()
            thread = threading.Thread(target=kept.clear)
            thread.start()
            thread.join()
            self.assertAlmostEqual(profile("make")["mem_delta_kb"], 0, delta=4)

    def test_growing_blocks(self):
        block = bytearray()
        with recording(memory="owner"):
            plugin("grow", lambda: block.extend(bytes(300 * KB)))()
            self.assertGreater(profile("grow")["mem_delta_kb"], 299)
            plugin("shrink", lambda: block.clear())()
            self.assertAlmostEqual(profile("grow")["mem_delta_kb"], 0, delta=4)

    def test_blocks_of_before_are_nobodys(self):
        before = [bytes(1000 * KB) for _ in range(3)]
        with recording(memory="owner"):
            plugin("drop", before.clear)()
            self.assertAlmostEqual(profile("drop")["mem_delta_kb"], 0, delta=4)
            self.assertGreaterEqual(profile("drop")["peak_mem_kb"], 0)

    def test_blocks_of_an_earlier_recording_are_nobodys(self):
        kept = []
        for _ in range(3):
            with recording(memory="owner"):
                plugin("keep", lambda: kept.append(bytes(300 * KB)))()
                self.assertAlmostEqual(profile("keep")["mem_delta_kb"], 300, delta=4)
        with recording(memory="owner"):
            plugin("keep", kept.clear)()
            self.assertAlmostEqual(profile("keep")["mem_delta_kb"], 0, delta=4)

    def test_exact_peak(self):
        def spike():
            for size in (100, 900, 300):
                block = bytes(size * KB)
                del block

        with recording(memory="owner"):
            plugin("spike", spike)()
            self.assertAlmostEqual(profile("spike")["peak_mem_kb"], 900, delta=8)
            self.assertAlmostEqual(profile("spike")["mem_delta_kb"], 0, delta=8)

    def test_a_cache_that_replaces_itself_is_no_leak(self):
        cache, leak = {}, []
        with recording(memory="owner"):
            replace, grow = plugin("replace", lambda: cache.update(x=bytes(100 * KB))), plugin("grow", lambda: leak.append(bytes(100 * KB)))
            for _ in range(50):
                replace(), grow()
            self.assertAlmostEqual(profile("replace")["mem_delta_kb"], 100, delta=8)
            self.assertAlmostEqual(profile("grow")["mem_delta_kb"], 5000, delta=16)

    def test_flush_begins_anew(self):
        kept = []
        with recording(memory="owner"):
            keep = plugin("keep", lambda: kept.append(bytes(100 * KB)))
            keep()
            tidemark.flush_csv("/dev/null")
            keep()
            self.assertAlmostEqual(profile("keep")["mem_delta_kb"], 100, delta=8)

    def test_switched_on_and_off_under_load(self):
        """The hooks come and go while threads allocate and free what came before."""
        def churn():
            mine = [bytearray(i % 2000) for i in range(500)]
            while not done.is_set():
                for i in range(0, len(mine), 3):
                    mine[i] = {"a": [i] * (i % 50)}
                    mine[(i * 7) % len(mine)] = bytearray(mine.index(mine[i]) * 13 % 3000)

        done = threading.Event()
        threads = [threading.Thread(target=churn) for _ in range(3)]
        self.addCleanup(done.set)
        [t.start() for t in threads]
        for i in range(30):
            with recording(memory=("owner", "count")[i % 2]):
                plugin("work", lambda: [bytearray(500) for _ in range(100)])()
                self.assertLess(abs(profile("work")["mem_delta_kb"]), 64)
        done.set()
        [t.join() for t in threads]

    def test_with_pythons_own_debug_hooks(self):
        code = """import tidemark, asyncio
tidemark.start(on=True, memory="owner")
kept = []
async def keep(): kept.append(bytes(100 * 1024)); await asyncio.sleep(0)
for _ in range(10): asyncio.run(tidemark.wrap("keep", keep)())
print(round(tidemark.snapshot()[0]["mem_delta_kb"] / 100))
tidemark.stop()
kept.clear()"""
        for allocator in ("debug", "malloc", "malloc_debug", "pymalloc"):
            with self.subTest(allocator):
                self.assertEqual(run_python(code, PYTHONMALLOC=allocator), (0, "10\n", ""))


HOOKS = "./libtidemark_malloc.so"  # a copy that test_python.sh makes, since the loader cuts LD_PRELOAD at blanks


@unittest.skipIf(SANITIZED or not os.path.exists(HOOKS), "no libtidemark_malloc.so beside a sanitizer")
class WithMalloc(unittest.TestCase):
    """Native memory as well, and nothing twice."""
    CODE = """import ctypes, sys, tidemark
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
kept = []
def native(): kept.append(libc.malloc(3 << 20))
def large(): kept.append(bytes(3 << 20))
def small(): kept.extend(bytes(67) for _ in range(31457))
tidemark.start(on=True, memory=sys.argv[1])
for fn in (native, large, small): tidemark.wrap(fn.__name__, fn)()
print(*(round(entry["mem_delta_kb"] / 1024, 1) for entry in tidemark.snapshot()))
print(*(round(entry["peak_mem_kb"] / 1024, 1) for entry in tidemark.snapshot()))
kept.clear()
"""

    def test_each_block_once(self):
        for allocator in ("pymalloc", "malloc", "debug"):
            for mode in ("count", "owner"):
                with self.subTest(allocator=allocator, mode=mode):
                    code, out, error = run_python(self.CODE, mode, PYTHONMALLOC=allocator, LD_PRELOAD=HOOKS)
                    self.assertEqual((code, error), (0, ""))
                    for line in out.splitlines():
                        large, native, small = map(float, line.split())
                        self.assertEqual((large, native), (3.0, 3.0))
                        self.assertAlmostEqual(small, 3.3, delta=1.2)

    def test_python_alone_sees_pythons(self):
        code, out, error = run_python(self.CODE, "owner", PYTHONMALLOC="pymalloc")
        self.assertEqual((code, error), (0, ""))
        self.assertEqual(out.split()[:2], ["3.0", "0.0"])


class Growth(unittest.TestCase):
    def setUp(self):
        self.cache, self.leak, self.warm = {}, [], []

    def replaces(self):
        self.cache["x"] = bytes(100 * KB)

    def grows(self):
        self.leak.append(bytes(10 * KB))

    def warms_up(self):
        if not self.warm:
            self.warm.append(bytes(1000 * KB))

    def run_all(self, n):
        names = ("replaces", "grows", "warms_up")
        for _ in range(n):
            for name in names:
                tidemark.wrap(name, getattr(self, name))()

    def test_lines_that_grow(self):
        with recording(tracemalloc_plugins=["replaces", "grows", "warms_up"]):
            self.assertTrue(tracemalloc.is_tracing())
            self.run_all(1)
            self.assertIsNone(profile("grows")["growers"])
            self.run_all(20)
            grower = profile("grows")["growers"][0]
            line = self.grows.__code__.co_firstlineno + 1
            self.assertEqual(grower["where"], f"{__file__}:{line}")
            self.assertAlmostEqual(grower["size_diff_kb"], 200, delta=8)
            self.assertAlmostEqual(grower["count_diff"], 20, delta=3)
            self.assertAlmostEqual(grower["size_kb"], 210, delta=8)
            self.assertEqual([g for g in profile("replaces")["growers"] if g["size_diff_kb"] > 8], [])
            self.assertEqual([g for g in profile("warms_up")["growers"] if g["size_diff_kb"] > 8], [])
            tidemark.flush_csv("/dev/null")
            self.run_all(5)
            self.assertAlmostEqual(profile("grows")["growers"][0]["size_diff_kb"], 50, delta=8)
        self.assertFalse(tracemalloc.is_tracing())

    def test_what_happens_while_a_snapshot_is_taken(self):
        def restart():
            tidemark.stop()
            tidemark.start(**options)

        options = {"on": True, "spike_interval": 0, "tracemalloc_plugins": ["grows"]}
        self.addCleanup(setattr, tracemalloc, "take_snapshot", tracemalloc.take_snapshot)
        self.addCleanup(tidemark.stop)
        for happens in (lambda: tidemark.flush_csv("/dev/null"), restart, tidemark.stop):
            take, taken = tracemalloc.take_snapshot, []

            def take_late():
                taken.append(take())
                happens()
                return taken[-1]

            tidemark.start(**options)
            tracemalloc.take_snapshot = take_late
            for _ in range(5):
                tidemark.wrap("grows", self.grows)()
            tracemalloc.take_snapshot = take
            self.assertTrue(taken)
            if tidemark.enabled():
                self.assertIsNone(profile("grows")["growers"])
            tidemark.stop()

    def test_report_names_them(self):
        loader = tidemark.PluginLoader()
        loader.register("leaky", self.grows)
        with recording(tracemalloc_plugins=["leaky"]):
            for _ in range(21):
                loader.invoke("leaky")
            self.assertRegex(loader.report(), r"\[GROWTH\] leaky \| [^|\n]+test_memory.py:\d+ \| \+\d+\.\dKB in \+\d+ blocks \| now \d+\.\dKB in \d+\n")

    def test_chosen_by_wrap(self):
        code = """import tidemark, tracemalloc
kept = []
async def grow(): kept.append(bytes(10240))
grow = tidemark.wrap("grow", grow, tracemalloc=True)
other = tidemark.wrap("other", lambda: kept.append(bytes(10240)))
tidemark.start(on=True)
def run(c):
    try: c.send(None)
    except StopIteration: pass
for _ in range(11): run(grow()); other()
by_name = {p["plugin"]: p["growers"] for p in tidemark.snapshot()}
print(round(by_name["grow"][0]["size_diff_kb"] / 10), by_name["other"])
try: tidemark.stop(); tidemark.start(on=True, memory="count")
except ValueError as e: print(e)
"""
        self.assertEqual(run_python(code), (0, "10 None\ntracemalloc needs memory='owner', not 'count'\n", ""))

    def test_too_late_to_choose(self):
        with recording():
            with self.assertRaisesRegex(ValueError, "tracemalloc needs memory='owner'"):
                tidemark.wrap("late", len, tracemalloc=True)

    def test_tracing_that_was_on_stays_on(self):
        tracemalloc.start()
        try:
            with recording(tracemalloc_plugins=["grows"]):
                self.run_all(3)
            self.assertTrue(tracemalloc.is_tracing())
        finally:
            tracemalloc.stop()
        with recording(memory="owner"):
            self.run_all(3)
            self.assertGreater(profile("grows")["mem_delta_kb"], 25)

    def test_interleaved_with_others(self):
        async def grow():
            self.leak.append(bytes(10 * KB))
            await asyncio.sleep(0.001)

        async def main():
            for _ in range(10):
                await asyncio.gather(tidemark.wrap("watched", grow)(), tidemark.wrap("other", grow)())

        with recording(tracemalloc_plugins=["watched"]):
            asyncio.run(main())
            self.assertAlmostEqual(profile("watched")["growers"][0]["size_diff_kb"], 90, delta=12)


if __name__ == "__main__":
    unittest.main()
