"""Tasks that plugins start belong to them, by themselves, however the event loop was started; with their spans and longest steps."""
import asyncio
import json
import os
import tempfile
import threading
import time
import unittest

import tidemark
from support import burn, near, profile, recording, run_python

SECONDS = 0.02


async def child():
    await asyncio.sleep(0)
    burn(SECONDS / 2)
    await asyncio.sleep(0)
    burn(SECONDS / 2)


async def gathers():
    await asyncio.gather(child(), child())


async def groups():
    if not hasattr(asyncio, "TaskGroup"):
        return await gathers()
    async with asyncio.TaskGroup() as group:
        group.create_task(child())
        group.create_task(child())


class Starts(unittest.TestCase):
    """Every way in which a loop may be started: two children of 20 ms belong to the plugin."""

    def check(self, start, plugin=gathers):
        plugin = tidemark.wrap("plugin", plugin)
        with recording():
            start(plugin)
            near(self, profile("plugin")["cpu_ms"], 2000 * SECONDS)
            self.assertEqual(profile("plugin")["calls"], 1)

    def test_run(self):
        self.check(lambda plugin: asyncio.run(plugin()))

    def test_task_group(self):
        self.check(lambda plugin: asyncio.run(plugin()), groups)

    def test_run_within_a_block(self):
        with tempfile.TemporaryDirectory() as folder, tidemark.profile_run(os.path.join(folder, "n.csv"), on=True, spike_interval=0):
            asyncio.run(tidemark.wrap("plugin", gathers)())
            near(self, profile("plugin")["cpu_ms"], 2000 * SECONDS)

    def test_a_second_run(self):
        self.check(lambda plugin: (asyncio.run(asyncio.sleep(0)), asyncio.run(plugin())))

    def test_a_loop_of_ones_own(self):
        def start(plugin):
            loop = asyncio.SelectorEventLoop()
            loop.run_until_complete(plugin())
            loop.close()
        self.check(start)

    @unittest.skipUnless(hasattr(asyncio, "Runner"), "no runners")
    def test_loop_factory(self):
        def start(plugin):
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(plugin())
        self.check(start)

    def test_a_loop_that_runs_already(self):
        async def main():
            with recording():
                await tidemark.wrap("plugin", gathers)()
                near(self, profile("plugin")["cpu_ms"], 2000 * SECONDS)
        asyncio.run(main())

    def test_a_loop_that_runs_already_elsewhere(self):
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        self.check(lambda plugin: asyncio.run_coroutine_threadsafe(plugin(), loop).result())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

    def test_a_factory_that_comes_later(self):
        def factory(loop, coroutine, **options):
            return asyncio.Task(coroutine, loop=loop, **options)

        async def main(plugin):
            asyncio.get_running_loop().set_task_factory(factory)
            await plugin()
        self.check(lambda plugin: asyncio.run(main(plugin)))

    def test_asyncio_that_comes_later(self):
        code = ("import tidemark; tidemark.start(on=True); import asyncio, time\n"
                "async def child():\n    end = time.thread_time() + .02\n    while time.thread_time() < end: pass\n"
                "async def plugin(): await asyncio.gather(child(), child())\n"
                "asyncio.run(tidemark.wrap('p', plugin)())\n"
                "print(tidemark.snapshot()[0]['cpu_ms'] > 38)")
        self.assertEqual(run_python(code), (0, "True\n", ""))

    def test_all_is_as_it_was(self):
        before = asyncio.events._set_running_loop
        loop = asyncio.new_event_loop()
        with recording():
            loop.run_until_complete(tidemark.wrap("plugin", child)())
        self.assertIs(asyncio.events._set_running_loop, before)
        self.assertIsNone(loop.get_task_factory())
        self.assertNotIn("set_task_factory", vars(loop))
        loop.close()


class Work(unittest.TestCase):
    def test_longest_step_of_a_child(self):
        async def holds():
            time.sleep(0.03)

        async def plugin():
            await asyncio.gather(holds(), holds())

        with recording():
            asyncio.run(tidemark.wrap("plugin", plugin)())
            self.assertGreater(profile("plugin")["longest_step_ms"], 29)
            self.assertLess(profile("plugin")["longest_step_ms"], 55)

    def test_spans(self):
        inner = tidemark.wrap("inner", child)

        async def deep():
            await inner()

        async def plugin():
            await asyncio.gather(inner(), deep())

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "spans.jsonl")
            with recording(trace=path):
                asyncio.run(self.both(tidemark.wrap("a", plugin), tidemark.wrap("b", plugin)))
            with open(path) as file:
                spans = [json.loads(line)["resourceSpans"][0]["scopeSpans"][0]["spans"][0] for line in file]
        parents = {span["spanId"]: span for span in spans if not span["parentSpanId"]}
        self.assertEqual(sorted(span["name"] for span in parents.values()), ["plugin.a", "plugin.b"])
        for root in parents.values():
            inside = [span for span in spans if span["parentSpanId"] == root["spanId"]]
            self.assertEqual([span["name"] for span in inside], ["plugin.inner", "plugin.inner"])
            self.assertEqual({span["traceId"] for span in inside}, {root["traceId"]})

    @staticmethod
    async def both(a, b):
        await asyncio.gather(a(), b())


if __name__ == "__main__":
    unittest.main()
