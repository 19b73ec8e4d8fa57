"""PluginLoader, bind and the tasks of plugins."""
import asyncio
import concurrent.futures
import contextvars
import gc
import inspect
import sys
import threading
import time
import unittest
import weakref

import tidemark
from support import burn, counts, near, profile, recording


class Loader(unittest.TestCase):
    def setUp(self):
        tidemark.start(on=True, spike_interval=0)
        self.addCleanup(tidemark.stop)
        self.loader = tidemark.PluginLoader()

    def test_register_and_invoke(self):
        def add(a, b=1, *, name=0):
            return a + b + name

        async def add_async(a, b=1):
            return a + b

        self.assertEqual(self.loader.register("add", add)(1), 2)
        self.loader.register("add_async", add_async, version="2")
        self.assertEqual(self.loader.invoke("add", 1, b=2, name=3), 6)
        self.assertTrue(inspect.iscoroutine(coroutine := self.loader.invoke("add_async", 1)))
        self.assertEqual(asyncio.run(coroutine), 2)
        self.assertEqual(self.loader.names(), ["add", "add_async"])
        self.assertEqual(self.loader.report_dict()["add"]["calls"], 2)
        self.assertEqual(self.loader.report_dict()["add_async"]["version"], "2")

    def test_decorator(self):
        @self.loader.register("double", version="1")
        def double(a):
            """Doubles."""
            return 2 * a

        @self.loader.register("slow")
        async def slow():
            return "done"

        self.assertEqual((double(2), double.__name__, double.__doc__), (4, "double", "Doubles."))
        self.assertEqual(self.loader.invoke("double", 3), 6)
        self.assertTrue(asyncio.iscoroutinefunction(slow))
        self.assertEqual(asyncio.run(self.loader.invoke("slow")), "done")

    def test_unknown_name(self):
        self.loader.register("pdf-parser", len)
        with self.assertRaises(tidemark.UnknownPlugin) as raised:
            self.loader.invoke("pdf-praser")
        self.assertIsInstance(raised.exception, KeyError)
        self.assertEqual(str(raised.exception), "no plugin 'pdf-praser'; did you mean 'pdf-parser'?")
        for name, message in (("zzz", "no plugin 'zzz'"), ("\ud800", "no plugin '\\ud800'"), (3, "no plugin 3"), ("", "no plugin ''")):
            with self.assertRaises(KeyError) as raised:
                self.loader.invoke(name)
            self.assertEqual(str(raised.exception), message)
        with self.assertRaises(TypeError):
            self.loader.invoke()
        with self.assertRaises(TypeError):
            self.loader.invoke([])

    def test_registered_again(self):
        self.loader.register("p", lambda: 1)
        self.loader.register("p", lambda: 2)
        self.assertEqual(self.loader.invoke("p"), 2)
        self.assertEqual(self.loader.names(), ["p"])

    def test_registers_while_it_runs(self):
        self.loader.register("p", lambda: self.loader.register("p", lambda: "new") and gc.collect() and "old" or "old")
        self.assertEqual(self.loader.invoke("p"), "old")
        self.assertEqual(self.loader.invoke("p"), "new")

    def test_wrong_arguments(self):
        with self.assertRaises(TypeError):
            tidemark.PluginLoader(1)
        with self.assertRaises(TypeError):
            self.loader.register()
        with self.assertRaises(TypeError):
            self.loader.register("p", 3)
        with self.assertRaises(ValueError):
            self.loader.register("")

    def test_subclass(self):
        class Mine(tidemark.PluginLoader):
            def __init__(self, folder):
                self.folder = folder

            def invoke(self, name, *arguments):
                return [super().invoke(name, *arguments)]

        mine = Mine("plugins")
        mine.register("p", len)
        self.assertEqual((mine.invoke("p", "ab"), mine.folder), ([2], "plugins"))

    def test_report(self):
        for i in range(9):
            self.loader.register(f"quick {i}", burn)
            self.loader.invoke(f"quick {i}", 0.001 + i / 1e5)
        self.loader.register("slow", burn)
        self.loader.invoke("slow", 0.3)
        self.loader.register("never called", burn)
        tidemark.wrap("of nobody's loader", burn)(0.05)
        report = self.loader.report()
        self.assertRegex(report, r"^\[BOTTLENECK\] slow \| avg [0-9.]+ms \| z=[0-9.]+ \| robust z=[0-9.]+ \| rank 100% \| "
                         r"share of cpu [0-9]+% \| step=[0-9.]+ms \| (compute|blocking)\n")
        self.assertNotIn("nobody", report)
        everything = self.loader.report(all=True)
        self.assertEqual(everything.count("] quick"), 9)
        self.assertNotIn("never", everything)
        self.assertEqual(len(self.loader.report_dict()), 10)

    def test_report_of_errors_and_blocking(self):
        def fetch(code):
            raise ConnectionError(f"{code}\x1b[31m")

        async def nap(blocks):
            time.sleep(0.02) if blocks else await asyncio.sleep(0.02)

        self.loader.register("fetch", fetch)
        for code in (404, 503, 503):
            with self.assertRaises(ConnectionError):
                self.loader.invoke("fetch", code)
        for name in ("blocks", "waits"):
            self.loader.register(name, nap)
            asyncio.run(self.loader.invoke(name, name == "blocks"))
        report = self.loader.report(all=True)
        self.assertRegex(report, r"\] fetch \| .* \| errors 3 of 3 \(ConnectionError: 503.*\) \| failing\n")
        self.assertNotIn("\x1b", report)
        self.assertRegex(report, r"\] blocks \| .* \| step=[0-9.]+ms \| blocking\n")
        self.assertRegex(report, r"\] waits \| .* \| waiting\n")

    def test_report_while_off(self):
        tidemark.stop()
        self.assertIn("PLUGIN_PROFILING=1", self.loader.report())
        self.assertEqual(self.loader.report_dict(), {})
        self.loader.register("p", len)
        self.assertEqual(self.loader.invoke("p", "ab"), 2)

    def test_report_while_others_stop(self):
        def report():
            while not done.is_set():
                try:
                    answers.update(map(type, (self.loader.report(all=True), tidemark.snapshot(), tidemark.spikes())))
                except Exception as error:
                    answers.add(repr(error))

        answers, done = set(), threading.Event()
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-6)
        threads = [threading.Thread(target=report) for _ in range(4)]
        [t.start() for t in threads]
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            tidemark.stop()
            time.sleep(0.0001)
            tidemark.start(on=True, spike_interval=0, clock="syscall")
        done.set()
        [t.join() for t in threads]
        self.assertEqual(answers, {str, list})

    def test_collected(self):
        reference = weakref.ref(self.loader)
        self.loader.register("p", lambda: self.loader)
        self.loader.me = self.loader
        self.loader = None
        gc.collect()
        self.assertIsNone(reference())


class Bind(unittest.TestCase):
    def setUp(self):
        tidemark.start(on=True, spike_interval=0)
        self.addCleanup(tidemark.stop)

    def test_outside_of_plugins_it_is_the_function(self):
        self.assertIs(tidemark.bind(burn), burn)
        with self.assertRaises(TypeError):
            tidemark.bind(3)

    def test_executor_threads_work_for_the_plugin(self):
        def work():
            spent.append(burn(0.05))
            return threading.current_thread()

        async def plugin(bind):
            return await asyncio.get_running_loop().run_in_executor(None, bind(work))

        spent = []
        thread = asyncio.run(tidemark.wrap("bound", plugin)(tidemark.bind))
        self.assertIsNot(thread, threading.main_thread())
        asyncio.run(tidemark.wrap("loose", plugin)(lambda fn: fn))
        for name, cpu in (("bound", spent[0]), ("loose", spent[1])):  # counted once, with bind and by itself
            near(self, profile(name)["cpu_ms"], cpu)
            self.assertEqual(counts(name), (1, 0, 0, 0))

    def test_pool_of_threads(self):
        def plugin(n):
            with concurrent.futures.ThreadPoolExecutor(3) as pool:
                spent.extend(pool.map(tidemark.bind(burn), [0.01] * n))

        spent = []
        tidemark.wrap("plugin", plugin)(9)
        near(self, profile("plugin")["cpu_ms"], sum(spent))
        self.assertEqual(counts("plugin"), (1, 0, 0, 0))

    def test_after_the_call_has_ended(self):
        late = []
        tidemark.wrap("plugin", lambda: late.append(tidemark.bind(burn)))()
        spent = late[0](0.02)
        near(self, profile("plugin")["cpu_ms"], spent)
        self.assertEqual(counts("plugin")[0], 1)
        tidemark.stop()
        self.assertGreater(late[0](0.001), 0)
        tidemark.start(on=True, spike_interval=0)
        self.assertGreater(late[0](0.001), 0)
        self.assertEqual(tidemark.snapshot(), [])

    def test_within_the_call_it_counts_once(self):
        spent = []
        tidemark.wrap("plugin", lambda: spent.append(tidemark.bind(burn)(0.03)))()
        near(self, profile("plugin")["cpu_ms"], spent[0])

    def test_exceptions_and_results_pass(self):
        def plugin():
            bound = tidemark.bind(lambda a, *, b: a + b)
            self.assertEqual(bound(1, b=2), 3)
            self.assertRegex(repr(bound), r"^<for plugin 'plugin': <function .*>>$")
            self.assertEqual(bound.__name__, "<lambda>")
            with self.assertRaises(LookupError):
                tidemark.bind({}.__getitem__)("missing")
            return weakref.ref(bound)

        self.assertIsNone(tidemark.wrap("plugin", plugin)()())
        self.assertEqual(counts("plugin"), (1, 0, 0, 0))

    def test_coroutines(self):
        async def child():
            spent.append(burn(0.02))
            await asyncio.sleep(0.005)
            spent.append(burn(0.02))
            return "child"

        async def plugin():
            tasks = [asyncio.ensure_future(tidemark.bind(child)()), asyncio.ensure_future(tidemark.bind(child())), asyncio.ensure_future(child())]
            return await asyncio.gather(*tasks)

        spent = []
        self.assertEqual(asyncio.run(tidemark.wrap("plugin", plugin)()), ["child"] * 3)
        near(self, profile("plugin")["cpu_ms"], sum(spent))
        self.assertEqual(counts("plugin"), (1, 0, 0, 0))


class Tasks(unittest.TestCase):
    def setUp(self):
        tidemark.start(on=True, spike_interval=0)
        self.addCleanup(tidemark.stop)

    def test_tasks_work_for_the_plugin_that_starts_them(self):
        async def grandchild():
            spent.append(burn(0.02))

        async def child(fails=False):
            spent.append(burn(0.02))
            await asyncio.create_task(grandchild())
            if fails:
                raise LookupError

        async def plugin():
            await asyncio.gather(child(), child(True), return_exceptions=True)

        async def main():
            tidemark.follow_tasks()
            tidemark.follow_tasks(asyncio.get_running_loop())
            await asyncio.gather(tidemark.wrap("plugin", plugin)(), child())

        spent = []
        asyncio.run(main())
        self.assertEqual(len(spent), 6)
        near(self, profile("plugin")["cpu_ms"], sum(spent) * 4 / 6)
        self.assertEqual(counts("plugin"), (1, 0, 0, 0))

    def test_factories_that_were_there_are_kept(self):
        made = []

        def factory(loop, coroutine, **options):
            made.append(coroutine)
            return asyncio.Task(coroutine, loop=loop, **options)

        async def main():
            loop = asyncio.get_running_loop()
            loop.set_task_factory(factory)
            tidemark.follow_tasks()
            task = loop.create_task(asyncio.sleep(0, "done"), name="named")
            self.assertEqual(task.get_name(), "named")
            self.assertEqual(await task, "done")

        asyncio.run(main())
        self.assertTrue(any(c.__name__ == "sleep" for c in made))

    @unittest.skipUnless(hasattr(asyncio, "eager_task_factory"), "no eager tasks")
    def test_eager_tasks(self):
        async def child():
            spent.append(burn(0.02))
            await asyncio.sleep(0)
            spent.append(burn(0.02))
            return "done"

        async def plugin():
            return await asyncio.create_task(child())

        async def main():
            asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
            tidemark.follow_tasks()
            self.assertEqual(await tidemark.wrap("plugin", plugin)(), "done")

        spent = []
        asyncio.run(main())
        near(self, profile("plugin")["cpu_ms"], sum(spent))

    def test_names_and_contexts(self):
        variable = contextvars.ContextVar("variable", default=0)

        async def child():
            return variable.get()

        async def plugin():
            task = asyncio.create_task(child(), name="named")
            self.assertEqual(task.get_name(), "named")
            self.assertEqual(await task, 0)
            if "context" in inspect.signature(asyncio.create_task).parameters:
                context = contextvars.copy_context()
                context.run(variable.set, 1)
                self.assertEqual(await asyncio.create_task(child(), context=context), 1)

        async def main():
            tidemark.follow_tasks()
            await tidemark.wrap("plugin", plugin)()
        asyncio.run(main())
        asyncio.run(main(), debug=True)

    def test_no_loop(self):
        with self.assertRaisesRegex(RuntimeError, "no running event loop"):
            tidemark.follow_tasks()


if __name__ == "__main__":
    unittest.main()
