"""What the usual decorator (perf_counter, psutil, tracemalloc around each call) gets wrong is right here."""
import asyncio
import concurrent.futures
import functools
import threading
import time
import unittest

import tidemark
from support import SANITIZED, burn, counts, frames, near, profile, recording, resident_kb


class Custom(Exception):
    pass


class Recorded(unittest.TestCase):
    options = {}

    def setUp(self):
        tidemark.start(**{"on": True, "spike_interval": 0, **self.options})
        self.addCleanup(tidemark.stop)


class Cpu(Recorded):
    def test_a_sleeper_is_not_billed_for_a_burner(self):
        async def sleeper():
            await asyncio.sleep(0.2)

        async def burner():
            spent.append(burn(0.2))

        async def main():
            await asyncio.gather(tidemark.wrap("sleeper", sleeper)(), tidemark.wrap("burner", burner)())

        spent = []
        asyncio.run(main())
        self.assertLess(profile("sleeper")["cpu_ms"], 2)
        self.assertGreaterEqual(profile("sleeper")["wall_ms"], 199)
        near(self, profile("burner")["cpu_ms"], spent[0])

    def test_interleaved_plugins_share_no_cpu(self):
        async def work(name):
            for _ in range(20):
                spent[name] += burn(0.001)
                await asyncio.sleep(0)

        async def main():
            await asyncio.gather(*(tidemark.wrap(name, work)(name) for name in spent))

        spent = {f"plugin {i}": 0 for i in range(10)}
        before = time.process_time()
        asyncio.run(main())
        used = (time.process_time() - before) * 1000
        credited = sum(profile(name)["cpu_ms"] for name in spent)
        self.assertLessEqual(credited, used * 1.01)
        self.assertGreaterEqual(credited, sum(spent.values()) * 0.99)
        for name in spent:
            self.assertAlmostEqual(profile(name)["cpu_ms"], spent[name], delta=0.1 * spent[name] + 1)

    def test_threads_are_told_apart(self):
        def work(name, seconds):
            spent[name] = burn(seconds)

        spent = {}
        threads = [threading.Thread(target=tidemark.wrap(name, work), args=(name, seconds))
                   for name, seconds in (("short", 0.03), ("long", 0.09))]
        [t.start() for t in threads]
        [t.join() for t in threads]
        for name in spent:
            near(self, profile(name)["cpu_ms"], spent[name])

    def test_blocking_the_loop_is_seen(self):
        async def blocks():
            time.sleep(0.05)
            await asyncio.sleep(0.05)

        asyncio.run(tidemark.wrap("blocks", blocks)())
        entry = profile("blocks")
        self.assertGreaterEqual(entry["longest_step_ms"], 49)
        self.assertGreaterEqual(entry["occupied_ms"], 49)
        self.assertGreaterEqual(entry["wall_ms"] - entry["occupied_ms"], 45)
        self.assertLess(entry["cpu_ms"], 10)


class Errors(Recorded):
    def test_plain_functions_work(self):
        self.assertEqual(tidemark.wrap("plain", lambda a: a + 1)(1), 2)
        self.assertEqual(counts("plain"), (1, 0, 0, 0))

    def test_exceptions_pass_as_they_are(self):
        error = LookupError("missing")

        def fails():
            raise error

        def caller():
            tidemark.wrap("fails", fails)()

        try:
            caller()
        except LookupError as caught:
            self.assertIs(caught, error)
            self.assertEqual(frames(caught), ["test_exceptions_pass_as_they_are", "caller", "fails"])
            self.assertIsNone(caught.__context__)
        self.assertEqual(counts("fails"), (1, 1, 0, 0))

    def test_context_and_cause_are_kept(self):
        def fails():
            try:
                raise KeyError("first")
            except KeyError as error:
                raise LookupError("second") from error

        try:
            tidemark.wrap("fails", fails)()
        except LookupError as error:
            self.assertIsInstance(error.__cause__, KeyError)
            self.assertIsInstance(error.__context__, KeyError)

    def test_kinds_of_errors_are_counted(self):
        def fails(i):
            raise (ValueError("odd"), Custom("even"))[i % 2]

        wrapped = tidemark.wrap("fails", fails)
        for i in range(9):
            with self.assertRaises((ValueError, Custom)):
                wrapped(i)
        kinds = {(k["type"], k["message"]): k["count"] for k in profile("fails")["kinds_of_errors"]}
        self.assertEqual(kinds, {("ValueError", "odd"): 5, ("test_faults.Custom", "even"): 4})

    def test_errors_that_cannot_be_told(self):
        class Mute(Exception):
            def __str__(self):
                raise RuntimeError("no")

        def fails(error):
            raise error

        wrapped = tidemark.wrap("fails", fails)
        for error in (Mute(), Exception("\ud800"), Exception("nul \0 in it"), Exception("x" * 100_000), Exception()):
            with self.assertRaises(Exception) as raised:
                wrapped(error)
            self.assertIs(raised.exception, error)
        self.assertEqual(counts("fails"), (5, 5, 0, 0))
        for kind in profile("fails")["kinds_of_errors"]:
            self.assertLess(len(kind["message"]), 2000)

    def test_timeouts_and_cancellations_are_no_plain_errors(self):
        def raises(error):
            raise error

        wrapped = tidemark.wrap("raises", raises)
        for error in (TimeoutError(), asyncio.TimeoutError(), concurrent.futures.TimeoutError(), asyncio.CancelledError()):
            with self.assertRaises(BaseException):
                wrapped(error)
        self.assertEqual(counts("raises")[2:], (1, 3))
        self.assertEqual(profile("raises")["kinds_of_errors"], [])

    @unittest.skipIf(SANITIZED, "the sanitizer keeps what is freed")
    def test_failing_calls_take_no_memory(self):
        def fails(i):
            raise ValueError(f"failure number {i} of very many, with a message of some length that would add up")

        async def fails_too(i):
            fails(i)

        plain, coroutine = tidemark.wrap("plain", fails), tidemark.wrap("coroutine", fails_too)

        def run(n):
            for i in range(n):
                try:
                    plain(i)
                except ValueError:
                    pass
                try:
                    coroutine(i).send(None)
                except ValueError:
                    pass

        run(5000)
        before = resident_kb()
        run(100_000)
        self.assertLess(resident_kb() - before, 4096)
        self.assertEqual(counts("plain")[:2], (105_000, 105_000))
        entry = profile("coroutine")
        self.assertEqual(sum(k["count"] for k in entry["kinds_of_errors"]) + entry["other_errors"], 105_000)


class Memory(Recorded):
    options = {"memory": "owner"}

    def test_the_plugin_that_allocates_is_blamed(self):
        async def hungry():
            block = bytearray(50_000_000)
            await asyncio.sleep(0.02)
            return len(block)

        async def innocent():
            await asyncio.sleep(0.01)

        async def main():
            await asyncio.gather(tidemark.wrap("hungry", hungry)(), tidemark.wrap("innocent", innocent)())

        asyncio.run(main())
        self.assertAlmostEqual(profile("hungry")["peak_mem_kb"], 50_000_000 / 1024, delta=64)
        self.assertLess(profile("innocent")["peak_mem_kb"], 64)

    def test_memory_that_stays_is_told(self):
        kept = []
        tidemark.wrap("keeps", lambda: kept.append(bytes(1_000_000)))()
        tidemark.wrap("returns", lambda: bytes(1_000_000) and None)()
        self.assertAlmostEqual(profile("keeps")["mem_delta_kb"], 1_000_000 / 1024, delta=8)
        self.assertAlmostEqual(profile("returns")["mem_delta_kb"], 0, delta=8)


class Spikes(Recorded):
    options = {"spike_interval": 0.05, "spike_percent": 5}

    def setUp(self):
        self.told = []
        self.event = threading.Event()
        tidemark.start(on=True, on_spike=self.tell, **self.options)
        self.addCleanup(tidemark.stop)

    def tell(self, spike):
        self.told.append(spike)
        self.event.set()

    def test_the_culprit_is_named_while_it_blocks_the_loop(self):
        async def blocks():
            deadline = time.monotonic() + 20
            while not self.told and time.monotonic() < deadline:
                burn(0.02)
            seen_inside.extend(self.told)

        seen_inside = []
        asyncio.run(tidemark.wrap("blocks", blocks)())
        self.assertTrue(seen_inside)
        self.assertEqual(seen_inside[0]["plugin"], "blocks")
        self.assertGreater(seen_inside[0]["cpu_percent"], 5)
        self.assertIn("blocks", [spike["plugin"] for spike in tidemark.spikes()])

    def test_what_the_callback_raises_hurts_nobody(self):
        import sys
        ignored = []
        before, sys.unraisablehook = sys.unraisablehook, ignored.append
        self.tell = None
        tidemark.stop()
        tidemark.start(on=True, on_spike=lambda spike: 1 / 0, **self.options)
        deadline = time.monotonic() + 20
        while not ignored and time.monotonic() < deadline:
            tidemark.wrap("busy", burn)(0.02)
        sys.unraisablehook = before
        self.assertEqual(ignored[0].exc_type, ZeroDivisionError)


if __name__ == "__main__":
    unittest.main()
