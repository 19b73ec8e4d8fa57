"""Time in which a plugin was ready and another one kept the event loop."""
import asyncio
import os
import subprocess
import sys
import time
import unittest

import tidemark
from support import SANITIZED, burn, profile, recording


def figure(name, key):
    entry = profile(name)
    return entry[key] if entry else None


class Held(unittest.TestCase):
    def night(self, *plugins):
        async def main():
            await asyncio.gather(*(tidemark.wrap(name, plugin)() for name, plugin in plugins))
        asyncio.run(main())

    def near(self, name, expected, key="held_ms"):
        self.assertAlmostEqual(figure(name, key), expected, delta=(4 + 0.1 * expected) * (3 if SANITIZED else 1))

    @staticmethod
    def sleeper(seconds, times=1):
        async def plugin():
            for _ in range(times):
                await asyncio.sleep(seconds)
        return plugin

    @staticmethod
    def blocker(after, seconds, times=1, block=time.sleep):
        async def plugin():
            for _ in range(times):
                await asyncio.sleep(after)
                block(seconds)
        return plugin

    def test_from_when_the_timer_is_due(self):
        with recording():  # the loop is kept from 20 to 80 ms; the sleeper is due at 50
            self.night(("blocker", self.blocker(0.02, 0.06)), ("sleeper", self.sleeper(0.05)))
            late = figure("sleeper", "wall_ms") - 50
            self.near("sleeper", late)
            self.near("blocker", late, "held_others_ms")
            self.near("blocker", 0)
            self.assertEqual(figure("sleeper", "held_others_ms"), 0)

    def test_a_timer_that_is_due_later_is_not_held(self):
        with recording():
            self.night(("blocker", self.blocker(0.01, 0.03)), ("sleeper", self.sleeper(0.08)))
            self.near("sleeper", 0)

    def test_computing_holds_as_well(self):
        with recording():
            self.night(("blocker", self.blocker(0.01, 0.04, block=burn)), ("sleeper", self.sleeper(0.012)))
            self.near("sleeper", figure("sleeper", "wall_ms") - 12)
            self.assertGreater(figure("sleeper", "held_ms"), 30)

    def test_what_the_loop_is_told_is_due_while_it_is_busy(self):
        async def waits():
            event = asyncio.Event()
            asyncio.get_running_loop().call_soon(event.set)
            await event.wait()

        async def blocks():
            time.sleep(0.03)

        with recording():
            self.night(("waits", waits), ("blocks", blocks))
            self.near("waits", figure("waits", "wall_ms"))

    def test_own_work_is_not_held(self):
        with recording():
            self.night(("same", self.blocker(0.01, 0.02)), ("same", self.sleeper(0.012)))
            self.near("same", 0)

    def test_children_do_not_hold_their_plugin(self):
        async def parent():
            await asyncio.gather(self.blocker(0, 0.02)(), self.sleeper(0.001)())

        with recording():
            self.night(("parent", parent))
            self.near("parent", 0)

    def test_healthy_plugins_beside_a_blocker(self):
        healthy = [("healthy%d" % i, self.sleeper(0.016, 10)) for i in range(6)]
        with recording():
            self.night(*healthy)
            usual = figure("healthy0", "wall_ms")
        with recording():
            self.night(("blocker", self.blocker(0.014, 0.014, 10)), *healthy)
            total = 0
            for name, _ in healthy:
                net = figure(name, "wall_ms") - figure(name, "held_ms")
                self.assertTrue(0.85 * 160 < net < 1.35 * usual, (net, usual))
                total += figure(name, "held_ms")
            self.assertGreater(figure("blocker", "held_others_ms"), 0.9 * total)

    def test_in_the_file(self):
        import tempfile
        with tempfile.TemporaryDirectory() as folder, recording():
            self.night(("blocker", self.blocker(0.02, 0.06)), ("sleeper", self.sleeper(0.05)))
            path = os.path.join(folder, "night.csv")
            tidemark.flush_csv(path)
            with open(path) as file:
                header, blocker, sleeper = (line.rstrip("\n").split(",") for line in file)
            at = header.index("held_ms")
            self.assertEqual(header[at + 1], "held_others_ms")
            self.assertEqual((blocker[at], sleeper[at + 1]), ("", ""))
            self.assertGreater(float(sleeper[at]), 25)


@unittest.skipUnless(os.path.exists("/proc/thread-self/schedstat"), "the kernel tells no run delay")
class Preempted(unittest.TestCase):
    """A plugin that waits for a processor is not blocked: the time is told apart by the kernel."""

    def setUp(self):
        cpus = os.sched_getaffinity(0)
        self.addCleanup(os.sched_setaffinity, 0, cpus)
        os.sched_setaffinity(0, {min(cpus)})
        others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
        for other in others:
            self.addCleanup(other.wait)
            self.addCleanup(other.kill)
        time.sleep(0.1)

    def test_computing_on_a_busy_host(self):
        with recording():
            tidemark.wrap("busy", burn)(0.1)
            entry = profile("busy")
            off = entry["wall_ms"] - entry["cpu_ms"]
            self.assertGreater(off, 50)
            self.assertLess(entry["occupied_ms"] - entry["cpu_ms"], 0.2 * off)
            self.assertGreater(entry["preempted_ms"], 0.8 * off)

    def test_calls_inside_each_other(self):
        inner = tidemark.wrap("inner", burn)
        with recording():
            tidemark.wrap("outer", lambda: (burn(0.05), inner(0.05)))()
            for name in ("outer", "inner"):
                entry = profile(name)
                self.assertLess(entry["occupied_ms"] - entry["cpu_ms"], 0.25 * (entry["wall_ms"] - entry["cpu_ms"]) + 2, name)

    def test_sleeping_is_blocked_all_the_same(self):
        with recording():
            for _ in range(5):
                tidemark.wrap("sleeps", time.sleep)(0.05)
            entry = profile("sleeps")
            self.assertGreater(entry["occupied_ms"] - entry["cpu_ms"], 245)


if __name__ == "__main__":
    unittest.main()
