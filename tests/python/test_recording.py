"""start, stop, snapshot, flush, trace, profile_run."""
import ast
import asyncio
import csv
import datetime
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import warnings

import tidemark
from support import burn, counts, near, profile, recording, run_python


def plugin(n=0):
    return sum(range(n))


class Recording(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.addCleanup(tidemark.stop)

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def runs(self, name="store.db"):
        with sqlite3.connect(self.path(name)) as store:
            return store.execute("SELECT DISTINCT run, ts, project, branch, commit_id, version, host FROM profiles ORDER BY ts, run").fetchall()


class Start(Recording):
    def test_switch(self):
        self.assertFalse(tidemark.enabled())
        self.assertIs(tidemark.start(on=True), True)
        self.assertTrue(tidemark.enabled())
        with self.assertRaisesRegex(tidemark.Error, "recording is on already"):
            tidemark.start(on=True)
        tidemark.stop()
        tidemark.stop()
        self.assertFalse(tidemark.enabled())
        self.assertIs(tidemark.start(on=False), False)

    def test_environment(self):
        code = "import tidemark; print(tidemark.start(), tidemark.PluginLoader() and tidemark.enabled())"
        for value, expected in (("1", "True True"), ("0", "False False"), ("", "False False"), ("yes", "False False")):
            self.assertEqual(run_python(code, PLUGIN_PROFILING=value)[1].strip(), expected)
        code = "import tidemark; tidemark.start(on=False); print(tidemark.enabled())"
        self.assertEqual(run_python(code, PLUGIN_PROFILING="1")[1].strip(), "False")
        code = "import tidemark; print(tidemark.enabled())"
        self.assertEqual(run_python(code, PLUGIN_PROFILING="1")[1].strip(), "False")

    def test_nobody_is_told_of_spikes(self):
        for on_spike in (None, False):
            with recording(on_spike=on_spike):
                self.assertTrue(tidemark.enabled())

    def test_wrong_options(self):
        for options, error in (({"clock": "sundial"}, ValueError), ({"memory": "all"}, ValueError), ({"spike_interval": -1}, ValueError),
                               ({"spike_percent": float("nan")}, ValueError), ({"trace_share": 2}, ValueError), ({"on_spike": 3}, TypeError),
                               ({"nothing": 1}, TypeError), ({"clock": None}, TypeError), ({"tracemalloc_plugins": [""]}, ValueError),
                               ({"tracemalloc_plugins": 3}, TypeError), ({"trace": 3}, TypeError), ({"spike_percent": 0}, tidemark.Error),
                               ({"trace": self.path("no/such/place")}, tidemark.Error)):
            with self.subTest(options), self.assertRaises(error):
                tidemark.start(on=True, **options)
            self.assertFalse(tidemark.enabled())
        with self.assertRaisesRegex(ValueError, "clock 'sundial': expected best, syscall or rseq"):
            tidemark.start(clock="sundial")

    def test_clocks(self):
        for clock, names in (("syscall", ["thread_cputime"]), ("best", ["thread_cputime", "rseq"])):
            with recording(clock=clock):
                spent = []
                tidemark.wrap("p", lambda: spent.append(burn(0.05)))()
                self.assertIn(profile("p")["clock"], names)
                near(self, profile("p")["cpu_ms"], spent[0])


class Turns(Recording):
    """Starts and stops at the same time."""

    def test_stopped_by_two_threads(self):
        code = """import faulthandler, os, threading, time, tidemark
faulthandler.dump_traceback_later(30, exit=True)
def tell(spike):
    told.set()
    time.sleep(0.1)
for _ in range(3):
    told = threading.Event()
    tidemark.start(on=True, spike_interval=0.02, spike_percent=1, on_spike=tell)
    while not told.is_set(): pass
    threads = [threading.Thread(target=tidemark.stop) for _ in range(4)]
    [t.start() for t in threads]; [t.join() for t in threads]
    print(tidemark.enabled())
"""
        self.assertEqual(run_python(code), (0, "False\n" * 3, ""))

    def test_not_by_on_spike(self):
        def tell(spike):
            for act in (tidemark.stop, lambda: tidemark.start(on=True)):
                try:
                    act()
                except tidemark.Error as error:
                    refused.append(str(error))
            done.set()

        refused, done = [], threading.Event()
        tidemark.start(on=True, spike_interval=0.02, spike_percent=1, on_spike=tell)
        deadline = time.monotonic() + 20
        while not done.is_set() and time.monotonic() < deadline:
            burn(0.02)
        self.assertTrue(tidemark.enabled())
        tidemark.stop()
        self.assertEqual(set(refused), {"on_spike cannot start or stop recording"})

    def test_not_within_a_start(self):
        class Wish:
            def __bool__(self):
                tidemark.start(on=True)

        with self.assertRaisesRegex(tidemark.Error, "recording is being started or stopped here already"):
            tidemark.start(on=Wish())
        self.assertFalse(tidemark.enabled())

    def test_by_many_threads(self):
        def switch():
            for _ in range(100):
                try:
                    tidemark.start(on=True, memory="owner", spike_interval=0.001, spike_percent=1, on_spike=len, tracemalloc_plugins=["p"])
                except tidemark.Error:
                    pass
                tidemark.wrap("p", plugin)()
                tidemark.stop()

        threads = [threading.Thread(target=switch) for _ in range(3)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        self.assertFalse(tidemark.enabled())


class Snapshot(Recording):
    KEYS = {"plugin", "version", "calls", "errors", "cancelled", "timeouts", "wall_ms", "cpu_ms", "occupied_ms", "self_wall_ms", "self_cpu_ms",
            "wall_p50_ms", "wall_p95_ms", "wall_p99_ms", "wall_max_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms", "longest_step_ms", "held_ms", "held_others_ms", "preempted_ms", "mem_delta_kb", "peak_mem_kb", "clock", "kinds_of_errors",
            "other_errors", "growers"}

    def test_type_checkers_know_them(self):
        top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
        with open(os.path.join(top, "record", "python", "tidemark", "__init__.pyi")) as file:
            classes = {node.name: node for node in ast.parse(file.read()).body if isinstance(node, ast.ClassDef)}
        self.assertEqual({line.target.id for line in classes["_Entry"].body}, self.KEYS)

    def test_fields(self):
        with recording():
            wrapped = tidemark.wrap("p", plugin, version="1.4")
            for n in range(100):
                wrapped(n)
            (entry,) = tidemark.snapshot()
            self.assertEqual(set(entry), self.KEYS)
            self.assertEqual((entry["plugin"], entry["version"], entry["calls"], entry["errors"]), ("p", "1.4", 100, 0))
            self.assertIsNone(entry["mem_delta_kb"])
            self.assertIsNone(entry["growers"])
            self.assertLessEqual(entry["wall_p50_ms"], entry["wall_p95_ms"])
            self.assertEqual(entry["p95_ms"], entry["wall_p95_ms"])
            self.assertLessEqual(entry["p99_ms"], entry["max_ms"])
            self.assertLessEqual(entry["max_ms"], entry["wall_ms"])
            self.assertEqual(tidemark.snapshot()[0]["calls"], 100)

    def test_sorted_by_name(self):
        with recording():
            for name in ("b", "ä", "a"):
                tidemark.wrap(name, plugin)()
            self.assertEqual([entry["plugin"] for entry in tidemark.snapshot()], ["a", "b", "ä"])

    def test_off(self):
        self.assertEqual(tidemark.snapshot(), [])
        self.assertEqual(tidemark.spikes(), [])

    def test_while_threads_call(self):
        def call():
            while not done.is_set():
                wrapped(10)

        done = threading.Event()
        wrapped = tidemark.wrap("p", plugin)
        with recording():
            threads = [threading.Thread(target=call) for _ in range(4)]
            [t.start() for t in threads]
            seen = [counts("p")[0] for _ in range(200)]
            done.set()
            [t.join() for t in threads]
            self.assertEqual(seen, sorted(seen))
            self.assertGreaterEqual(counts("p")[0], seen[-1])

    def test_calls_of_threads_that_are_gone(self):
        wrapped = tidemark.wrap("p", plugin)
        with recording():
            for _ in range(20):
                thread = threading.Thread(target=wrapped)
                thread.start()
                thread.join()
            self.assertEqual(counts("p")[0], 20)

    def test_stopped_while_a_thread_is_in_a_call(self):
        inside, leave = threading.Event(), threading.Event()

        def waits():
            inside.set()
            leave.wait()

        with recording():
            thread = threading.Thread(target=tidemark.wrap("waits", waits))
            thread.start()
            inside.wait()
        with recording():
            leave.set()
            thread.join()
            self.assertEqual(tidemark.snapshot(), [])
            tidemark.wrap("p", plugin)()
            self.assertEqual(counts("p")[0], 1)


class Flush(Recording):
    def test_csv(self):
        with recording():
            tidemark.wrap("a,\"b\"", plugin, version="2")()
            tidemark.wrap("ä", plugin)()
            tidemark.flush_csv(self.path("night.csv"))
            self.assertEqual(tidemark.snapshot(), [])
            with open(self.path("night.csv"), newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
            self.assertEqual([(row["plugin"], row["calls"], row["plugin_version"]) for row in rows], [("a,\"b\"", "1", "2"), ("ä", "1", "")])
            tidemark.wrap("later", plugin)()
            tidemark.flush_csv(os.fsencode(self.path("later.csv")))
            with open(self.path("later.csv"), newline="") as file:
                self.assertEqual([row["plugin"] for row in csv.DictReader(file)], ["later"])

    def test_failed_flush_loses_nothing(self):
        with recording():
            tidemark.wrap("p", plugin)()
            with self.assertRaisesRegex(tidemark.Error, "no/such"):
                tidemark.flush_csv(self.path("no/such/night.csv"))
            with self.assertRaisesRegex(tidemark.Error, "no/such"):
                tidemark.flush_store(self.path("no/such/store.db"), "r")
            self.assertEqual(counts("p")[0], 1)
            with self.assertRaises(tidemark.Error):
                tidemark.flush_store(self.path("store.db"), "")
            self.assertEqual(counts("p")[0], 1)

    def test_off(self):
        tidemark.flush_csv(self.path("night.csv"))
        tidemark.flush_store(self.path("store.db"), "r")
        self.assertEqual(os.listdir(self.directory.name), [])

    def test_store(self):
        with recording():
            tidemark.wrap("p", plugin)()
            tidemark.flush_store(self.path("store.db"), "first", started_at=1795140000, project="q", branch="b", commit="c", host="h", version="v")
            tidemark.wrap("p", plugin)()
            tidemark.flush_store(self.path("store.db"), "second", datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc), host="h")
            tidemark.wrap("p", plugin)()
            tidemark.flush_store(self.path("store.db"), "third", started_at="2026-11-22T01:00:00+01:00", host="h")
        self.assertEqual(self.runs(), [("first", "2026-11-20T02:00:00Z", "q", "b", "c", "v", "h"),
                                       ("second", "2026-11-21T00:00:00Z", "default", "main", None, None, "h"),
                                       ("third", "2026-11-22T00:00:00Z", "default", "main", None, None, "h")])

    def test_parts(self):
        path, key = self.path("store.db"), "night"
        for part in ("a", "b"):
            with recording():
                for _ in range(3):
                    tidemark.wrap("p", plugin)()
                tidemark.flush_store(path, key, started_at=1795140000, host="h", part=part)
        with recording():
            tidemark.wrap("p", plugin)()
            with self.assertRaisesRegex(tidemark.Error, "part 'a' of run 'night' is stored already with other rows"):
                tidemark.flush_store(path, key, started_at=1795140000, host="h", part="a")
            self.assertEqual(counts("p")[0], 1)
            tidemark.flush_store(path, key, started_at=1795140000, host="h", part=True)
        with sqlite3.connect(path) as store:
            self.assertEqual(store.execute("SELECT calls FROM profiles WHERE plugin = 'p'").fetchall(), [(7,)])
            self.assertEqual(sorted(name for name, in store.execute("SELECT part FROM parts")),
                             sorted(["a", "b", f"{socket.gethostname()}:{os.getpid()}"]))
        store.close()

    def test_workers(self):
        """Processes of one pool: what each has recorded is in the run, once."""
        path = self.path("store.db")
        code = ("import tidemark, sys\ntidemark.start()\ndef work(): pass\n"
                "for _ in range(int(sys.argv[1])): tidemark.wrap('p', work)()\n"
                "tidemark.flush_store(sys.argv[2], 'pool', started_at=1795140000, host='h', part=True)")
        workers = [subprocess.Popen([sys.executable, "-c", code, str(n), path], env=dict(os.environ, PLUGIN_PROFILING="1"))
                   for n in range(1, 9)]
        self.assertEqual([worker.wait() for worker in workers], [0] * 8)
        with sqlite3.connect(path) as store:
            self.assertEqual(store.execute("SELECT calls FROM profiles WHERE plugin = 'p'").fetchall(), [(36,)])
            self.assertEqual(store.execute("SELECT count(*) FROM parts").fetchall(), [(8,)])
        store.close()

    def test_wrong_arguments(self):
        with recording():
            tidemark.wrap("p", plugin)()
            for part, error in ((5, TypeError), ("", ValueError), ("a\0b", ValueError), ("a\n", tidemark.Error)):
                with self.subTest(part), self.assertRaises(error):
                    tidemark.flush_store(self.path("s"), "r", part=part)
            for arguments, error in (((1, "r"), TypeError), ((self.path("s"),), TypeError), ((self.path("s"), "a\0b"), ValueError),
                                     ((self.path("s"), "\ud800"), ValueError), ((self.path("s"), "r", "yesterday"), ValueError),
                                     ((self.path("s"), "r", -5), ValueError), ((self.path("s"), "r", float("nan")), ValueError),
                                     (("a\0b", "r"), ValueError), ((self.path("s"), "r", None, "p\n"), tidemark.Error)):
                with self.subTest(arguments), self.assertRaises(error):
                    tidemark.flush_store(*arguments)
            self.assertEqual(counts("p")[0], 1)


class ProfileRun(Recording):
    def test_csv(self):
        with tidemark.profile_run(self.path("night.csv"), on=True):
            self.assertTrue(tidemark.enabled())
            tidemark.wrap("p", plugin)()
        self.assertFalse(tidemark.enabled())
        with open(self.path("night.csv")) as file:
            self.assertIn("\np,1,0,", file.read())

    def test_store(self):
        with tidemark.profile_run(self.path("store.db"), "key", on=True, memory="owner", project="q", started_at=1795140000, host="h"):
            tidemark.wrap("p", plugin)()
        self.assertEqual(self.runs(), [("key", "2026-11-20T02:00:00Z", "q", "main", None, None, "h")])
        with tidemark.profile_run(self.path("store.db"), on=True):
            tidemark.wrap("p", plugin)()
        key, started_at = self.runs()[-1][:2]
        self.assertEqual(key[:19] + "Z", started_at)

    def test_recording_that_was_on_stays_on(self):
        with recording():
            with tidemark.profile_run(self.path("night.csv")):
                tidemark.wrap("p", plugin)()
            self.assertTrue(tidemark.enabled())
            with self.assertRaisesRegex(tidemark.Error, "on already"), tidemark.profile_run(self.path("x.csv"), memory="owner"):
                self.fail("the body ran")

    def test_environment_decides(self):
        with tidemark.profile_run(self.path("night.csv")):
            self.assertFalse(tidemark.enabled())
        self.assertFalse(os.path.exists(self.path("night.csv")))

    def test_body_raises(self):
        with self.assertRaises(LookupError), tidemark.profile_run(self.path("night.csv"), on=True):
            tidemark.wrap("p", plugin)()
            raise LookupError
        self.assertTrue(os.path.exists(self.path("night.csv")))
        self.assertFalse(tidemark.enabled())

    def test_cannot_be_written(self):
        with self.assertRaisesRegex(tidemark.Error, "no/such"), tidemark.profile_run(self.path("no/such/night.csv"), on=True):
            tidemark.wrap("p", plugin)()
        self.assertEqual(counts("p")[0], 1)
        tidemark.flush_csv(self.path("other.csv"))
        tidemark.stop()
        ignored = []
        before, sys.unraisablehook = sys.unraisablehook, ignored.append
        with self.assertRaises(LookupError), tidemark.profile_run(self.path("no/such/night.csv"), on=True):
            raise LookupError
        sys.unraisablehook = before
        self.assertEqual(ignored[0].exc_type, tidemark.Error)

    def fail_to_write(self, **options):
        with self.assertRaisesRegex(tidemark.Error, "no/such"), tidemark.profile_run(self.path("no/such/night.csv"), **options):
            tidemark.wrap("p", plugin)()
        self.assertTrue(tidemark.enabled())

    def calls(self, name):
        with open(self.path(name)) as file:
            return [(row["plugin"], row["calls"]) for row in csv.DictReader(file)]

    def test_the_next_one_takes_over_what_was_not_written(self):
        options = {"on": True, "memory": "owner", "spike_interval": 0}
        for i, later in enumerate((options, {})):
            self.fail_to_write(**options)
            self.fail_to_write(**later)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                with tidemark.profile_run(self.path(f"{i}.csv"), **later):
                    tidemark.wrap("p", plugin)()
            self.assertEqual(self.calls(f"{i}.csv"), [("p", "3")])
            self.assertFalse(tidemark.enabled())
        with tidemark.profile_run(self.path("after.csv"), **options):
            tidemark.wrap("p", plugin)()
        self.assertEqual(self.calls("after.csv"), [("p", "1")])

    def test_other_options_wait_for_the_one_after(self):
        self.fail_to_write(on=True)
        with self.assertWarnsRegex(RuntimeWarning, "goes on with the options it had"):
            with tidemark.profile_run(self.path("night.csv"), on=True, memory="owner"):
                tidemark.wrap("p", plugin)()
                self.assertIsNone(profile("p")["peak_mem_kb"])
        self.assertEqual(self.calls("night.csv"), [("p", "2")])
        with tidemark.profile_run(self.path("after.csv"), on=True, memory="owner"):
            tidemark.wrap("p", plugin)()
            self.assertIsNotNone(profile("p")["peak_mem_kb"])

    def test_what_the_host_has_stopped_or_started_is_not_taken_over(self):
        self.fail_to_write(on=True)
        tidemark.stop()
        with tidemark.profile_run(self.path("night.csv"), on=True):
            tidemark.wrap("p", plugin)()
        self.assertEqual(self.calls("night.csv"), [("p", "1")])
        self.fail_to_write(on=True)
        tidemark.stop()
        with recording():
            with tidemark.profile_run(self.path("night.csv")):
                pass
            self.assertTrue(tidemark.enabled())

    def test_nested(self):
        with tidemark.profile_run(self.path("outer.csv"), on=True):
            with self.assertRaisesRegex(tidemark.Error, "a profile_run is under way already, into '.*outer.csv'"):
                with tidemark.profile_run(self.path("inner.csv")):
                    self.fail("the body ran")
        with tidemark.profile_run(self.path("again.csv"), on=True) as run:
            pass
        with self.assertRaisesRegex(tidemark.Error, "has not begun"):
            run.__exit__(None, None, None)

    def test_async(self):
        async def child():
            spent.append(burn(0.02))
            await asyncio.sleep(0)

        async def parent():
            await asyncio.gather(child(), child())

        async def main():
            async with tidemark.profile_run(self.path("night.csv"), on=True):
                await tidemark.wrap("parent", parent)()
                near(self, profile("parent")["cpu_ms"], sum(spent))
            self.assertIsNone(asyncio.get_running_loop().get_task_factory())
            with self.assertRaises(LookupError):
                async with tidemark.profile_run(self.path("raised.csv"), on=True):
                    raise LookupError

        spent = []
        asyncio.run(main())
        self.assertTrue(os.path.exists(self.path("night.csv")) and os.path.exists(self.path("raised.csv")))

    def test_wrong_arguments(self):
        for arguments, options, error in (((), {}, TypeError), ((3,), {}, TypeError), (("a.csv", "key"), {}, ValueError),
                                          (("a.CSV",), {"project": "p"}, ValueError), (("a.db", 3), {}, TypeError),
                                          (("a.db", "k", "p"), {}, TypeError)):
            with self.subTest(arguments), self.assertRaises(error):
                tidemark.profile_run(*arguments, **options)
        with self.assertRaises(TypeError), tidemark.profile_run("a.db", nothing=1):
            self.fail("the body ran")


class Trace(Recording):
    def test_spans(self):
        async def outer():
            await tidemark.wrap("inner", asyncio.sleep)(0)
            said.append(tidemark.current_span())
            with self.assertRaises(LookupError):
                tidemark.wrap("fails", {}.__getitem__)("missing")

        said = []
        with recording(trace=self.path("spans.jsonl")):
            asyncio.run(tidemark.wrap("outer", outer)())
            self.assertIsNone(tidemark.current_span())
        with open(self.path("spans.jsonl")) as file:
            lines = [json.loads(line) for line in file]
        spans = {}
        for line in lines:
            for resource in line["resourceSpans"]:
                for scope in resource["scopeSpans"]:
                    spans.update((span["name"], span) for span in scope["spans"])
        self.assertEqual(set(spans), {"plugin.outer", "plugin.inner", "plugin.fails"})
        self.assertEqual(spans["plugin.inner"]["parentSpanId"], spans["plugin.outer"]["spanId"])
        self.assertEqual(said, ["00-%s-%s-01" % (spans["plugin.outer"]["traceId"], spans["plugin.outer"]["spanId"])])
        attributes = {a["key"]: a["value"] for a in spans["plugin.fails"]["attributes"]}
        self.assertEqual(attributes["error.type"], {"stringValue": "KeyError"})


if __name__ == "__main__":
    unittest.main()
