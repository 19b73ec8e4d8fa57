"""The process around it: interpreters, forks, threads, the end."""
import gc
import os
import sys
import threading
import tracemalloc
import types
import unittest
import weakref

import tidemark
from support import counts, profile, recording, run_python


class Process(unittest.TestCase):
    def test_subinterpreters_are_refused(self):
        code = """
try: import _interpreters
except ImportError: import _xxsubinterpreters as _interpreters
import tidemark
for own in (True, False):
    try: interpreter = _interpreters.create(**({} if own else {"isolated": False}))
    except (TypeError, ValueError): interpreter = _interpreters.create()
    script = "try: import tidemark\\nexcept ImportError as e: print(str(e)[:60], flush=True)"
    script = "import sys; sys.path = %r\\n" % __import__("sys").path + script
    _interpreters.run_string(interpreter, script)
    _interpreters.destroy(interpreter)
"""
        code, out, error = run_python(code)
        self.assertEqual((code, error), (0, ""))
        for line in out.splitlines():
            self.assertTrue(line.startswith(("tidemark works in the main interpreter only", "module tidemark does not support loading in subinterpreters")), line)
        self.assertEqual(len(out.splitlines()), 2)

    def test_imported_again(self):
        code = """import sys, tidemark as first
tracked = first.wrap("p", len)
first.start(on=True)
del sys.modules["tidemark"]
import tidemark as second
print(first is second, first.PluginLoader is second.PluginLoader, second.enabled())
tracked([])
print(second.snapshot()[0]["calls"])
"""
        self.assertEqual(run_python(code), (0, "False True True\n1\n", ""))

    def test_forked_child_records_anew(self):
        with recording(memory="count"):
            wrapped = tidemark.wrap("p", len)
            wrapped([])
            read, write = os.pipe()

            def fork():
                child = os.fork()
                if child == 0:
                    wrapped([]), wrapped([])
                    os.write(write, str(counts("p")[0]).encode())
                    os._exit(0)
                return child

            child = tidemark.wrap("forks", fork)()
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
            self.assertEqual(os.read(read, 10), b"2")
            os.close(read), os.close(write)
            self.assertEqual(counts("p")[0], 1)
            self.assertEqual(counts("forks")[0], 1)

    def test_multiprocessing(self):
        code = """import multiprocessing, tidemark, sys
def work(n): return n * n
work = tidemark.wrap("work", work)
if __name__ == "__main__":
    tidemark.start(on=True)
    with multiprocessing.get_context("fork").Pool(2) as pool: print(pool.map(work, range(4)))
"""
        self.assertEqual(run_python(code), (0, "[0, 1, 4, 9]\n", ""))

    def test_ends_while_everything_goes_on(self):
        code = """import asyncio, threading, time, tidemark
def tell(spike): pass
tidemark.start(on=True, memory="owner", spike_interval=0.001, spike_percent=0.1, on_spike=tell, trace=__import__("sys").argv[1],
               tracemalloc_plugins=["p"])
def spin():
    while True: wrapped()
wrapped = tidemark.wrap("p", lambda: [0] * 10)
for _ in range(3): threading.Thread(target=spin, daemon=True).start()
async def forever(): await asyncio.Event().wait()
loop = asyncio.new_event_loop()
task = loop.create_task(tidemark.wrap("forever", forever)())
loop.run_until_complete(asyncio.sleep(0.1))
async def ticks():
    while True: yield
generator = tidemark.wrap("ticks", ticks)()
loop.run_until_complete(generator.__anext__())
suspended = tidemark.wrap("gen", lambda: (i for i in range(3)))(); next(suspended)
print("end", flush=True)
"""
        for _ in range(3):
            code_, out, error = run_python(code, os.devnull)
            self.assertEqual((code_, out), (0, "end\n"), error)
            self.assertNotIn("Fatal", error)

    def test_threads_come_and_go(self):
        wrapped = tidemark.wrap("p", len)
        with recording(memory="owner"):
            for _ in range(20):
                threads = [threading.Thread(target=lambda: [wrapped([]) for _ in range(50)]) for _ in range(5)]
                [t.start() for t in threads]
                [t.join() for t in threads]
            self.assertEqual(counts("p")[0], 5000)

    def test_deep_recursion_ends_as_python_ends_it(self):
        def down(n):
            return 0 if n == 0 else 1 + wrapped(n - 1)

        wrapped = tidemark.wrap("down", down)
        with recording():
            self.assertEqual(wrapped(200), 200)
            with self.assertRaises(RecursionError):
                wrapped(10**6)
            self.assertEqual(wrapped(200), 200)
            self.assertEqual(profile("down")["calls"] - profile("down")["errors"], 402)


    def test_deeper_than_the_stack(self):
        code = """import sys, threading, tidemark
sys.setrecursionlimit(10**6)
def down(n): return n and wrapped(n - 1)
wrapped = tidemark.wrap("p", down)
def try_it():
    for on in (True, False):
        tidemark.start(on=on)
        for n in (200, 200_000, 200):
            try: print(wrapped(n))
            except RecursionError: print("RecursionError")
        tidemark.stop()
try_it()
threading.stack_size(2**21)
thread = threading.Thread(target=try_it)
thread.start()
thread.join()
"""
        self.assertEqual(run_python(code), (0, "0\nRecursionError\n0\n" * 4, ""))


class References(unittest.TestCase):
    """Nothing keeps what a call has used."""

    def check(self, use, rounds=1000):
        with recording():
            for _ in range(rounds):
                use()
            gc.collect()
            before = len(gc.get_objects())
            tracemalloc.start()
            self.addCleanup(tracemalloc.stop)
            grown = []
            while len(grown) < 3 and min(grown, default=rounds * 16) >= rounds * 16:  # less than any object for each round
                first = self.traced(use)
                for _ in range(rounds):
                    use()
                grown.append(self.traced(use) - first)  # a table that found no room may have grown once
            tracemalloc.stop()
            self.assertLess(len(gc.get_objects()) - before, 20)
            self.assertLess(min(grown), rounds * 16)

    def traced(self, use):
        use()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    def test_functions(self):
        class Token:
            pass

        def use():
            token = Token()
            self.assertIs(tidemark.wrap("p", lambda *a, **k: a[0])(token, key=token), token)
            tokens.append(weakref.ref(token))
            del tokens[:-10]

        tokens = []
        self.check(use)
        self.assertEqual([t() for t in tokens if t()], [])

    def test_failing_functions(self):
        def fail():
            raise ValueError("x")

        def use():
            try:
                tidemark.wrap("p", fail)()
            except ValueError:
                pass
        self.check(use)

    def step(self, coroutine):
        try:
            while True:
                coroutine.send(None)
        except (StopIteration, ValueError):
            pass

    def test_coroutines(self):
        @types.coroutine
        def pause():
            yield

        async def work(fails):
            await pause()
            if fails:
                raise ValueError("x")
            return object()

        def use():
            wrapped = tidemark.wrap("p", work)
            self.step(wrapped(False)), self.step(wrapped(True))
            half = wrapped(False)
            half.send(None)
            thrown = wrapped(False)
            thrown.send(None)
            try:
                thrown.throw(KeyError("k"))
            except KeyError:
                pass
            closed = wrapped(False)
            closed.send(None), closed.close(), closed.cr_frame
        self.check(use)

    def test_generators(self):
        def work():
            yield 1
            return [2]

        async def async_work():
            yield 1

        def use():
            wrapped = tidemark.wrap("p", work)
            list(wrapped()), next(wrapped())
            generator = tidemark.wrap("q", async_work)()
            self.step(generator.__anext__()), self.step(generator.aclose())
        self.check(use)

    def test_loader_bind_and_runs(self):
        def use():
            loader = tidemark.PluginLoader()
            loader.register("p")(lambda: tidemark.bind(len))
            loader.invoke("p")([1])
            loader.report(), loader.report_dict(), loader.names(), tidemark.snapshot()
            try:
                loader.invoke("q")
            except KeyError:
                pass
        self.check(use)


if __name__ == "__main__":
    unittest.main()
