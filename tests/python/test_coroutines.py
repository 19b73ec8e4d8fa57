"""Coroutines that are recorded behave as those that are not."""
import asyncio
import collections.abc
import contextvars
import gc
import inspect
import sys
import types
import unittest
import warnings
import weakref

import tidemark
from support import burn, counts, frames, near, profile, recording


async def add(a, b):
    await asyncio.sleep(0)
    return a + b


async def fail(message="no"):
    await asyncio.sleep(0)
    raise LookupError(message)


async def forever():
    await asyncio.Event().wait()


@types.coroutine
def suspend(value):
    return (yield value)


def wrap(fn):
    return tidemark.wrap(fn.__name__, fn)


class Recorded(unittest.TestCase):
    def setUp(self):
        tidemark.start(on=True, spike_interval=0)
        self.addCleanup(tidemark.stop)


class Objects(Recorded):
    def test_is_a_coroutine_to_everybody(self):
        coroutine = wrap(add)(1, 2)
        self.assertIsInstance(coroutine, collections.abc.Coroutine)
        self.assertIsInstance(coroutine, collections.abc.Awaitable)
        self.assertIsInstance(coroutine, types.CoroutineType)
        self.assertNotIsInstance(coroutine, (collections.abc.Iterator, collections.abc.Iterable, types.GeneratorType))
        self.assertTrue(inspect.isawaitable(coroutine) and inspect.iscoroutine(coroutine) and asyncio.iscoroutine(coroutine))
        self.assertFalse(inspect.isgenerator(coroutine) or inspect.isasyncgen(coroutine))
        with self.assertRaises(TypeError):
            iter(coroutine)
        coroutine.close()

    def test_attributes(self):
        coroutine = wrap(add)(1, 2)
        self.assertEqual(coroutine.__name__, "add")
        self.assertEqual(coroutine.__qualname__, "add")
        self.assertRegex(repr(coroutine), "^<coroutine object add at 0x[0-9a-f]+>$")
        self.assertIs(coroutine.cr_code, add.__code__)
        self.assertEqual(coroutine.cr_frame.f_locals, {"a": 1, "b": 2})
        self.assertEqual(inspect.getcoroutinestate(coroutine), inspect.CORO_CREATED)
        coroutine.send(None)
        self.assertEqual(inspect.getcoroutinestate(coroutine), inspect.CORO_SUSPENDED)
        self.assertIsNotNone(coroutine.cr_await)
        coroutine.close()
        self.assertEqual(inspect.getcoroutinestate(coroutine), inspect.CORO_CLOSED)
        coroutine.__name__ = "renamed"
        self.assertEqual(coroutine.__name__, "renamed")
        with self.assertRaises(AttributeError):
            coroutine.nothing
        reference = weakref.ref(coroutine)
        del coroutine
        self.assertIsNone(reference())

    def test_stepped_by_hand(self):
        @wrap
        async def conversation():
            first = await suspend("one")
            try:
                await suspend(first * 2)
            except KeyError:
                return await suspend("thrown")

        coroutine = conversation()
        self.assertEqual(coroutine.send(None), "one")
        self.assertEqual(coroutine.send(21), 42)
        self.assertEqual(coroutine.throw(KeyError("x")), "thrown")
        with self.assertRaises(StopIteration) as stop:
            coroutine.send("end")
        self.assertEqual(stop.exception.value, "end")
        with self.assertRaisesRegex(RuntimeError, "cannot reuse already awaited coroutine"):
            coroutine.send(None)
        self.assertEqual(counts("conversation"), (1, 0, 0, 0))

    def test_wrong_first_value_leaves_it_as_it_is(self):
        coroutine = wrap(add)(1, 2)
        with self.assertRaises(TypeError):
            coroutine.send("too early")
        self.assertEqual(asyncio.run(self.wait(coroutine)), 3)
        self.assertEqual(counts("add"), (1, 0, 0, 0))

    def test_wrong_use(self):
        coroutine = wrap(add)(1, 2)
        for method in (coroutine.send, coroutine.throw):
            with self.assertRaises(TypeError):
                method()
        with self.assertRaises(TypeError):
            coroutine.throw(1, 2, 3, 4)
        coroutine.close()

    def test_results_that_look_like_arguments(self):
        for value in ((1, 2), (), ValueError("a value"), StopIteration(3), None, [None]):
            async def give():
                return value

            async def through():
                return await tidemark.wrap("give", give)()

            coroutine = tidemark.wrap("give", give)()
            with self.assertRaises(StopIteration) as stop:
                coroutine.send(None)
            self.assertEqual(stop.exception.value, value)
            self.assertEqual(asyncio.run(through()), value)
            self.assertEqual(asyncio.run(tidemark.wrap("give", give)()), value)

    def test_awaited_twice(self):
        async def main():
            coroutine = wrap(add)(1, 2)
            await coroutine
            with self.assertRaisesRegex(RuntimeError, "cannot reuse already awaited coroutine"):
                await coroutine
            waiting = wrap(forever)()
            task = asyncio.ensure_future(self.wait(waiting))
            await asyncio.sleep(0)
            with self.assertRaisesRegex(RuntimeError, "coroutine is being awaited already"):
                await waiting
            task.cancel()
        asyncio.run(main())

    def test_within_itself(self):
        async def eat():
            coroutine.send(None)

        coroutine = wrap(eat)()
        with self.assertRaisesRegex(ValueError, "coroutine already executing"):
            coroutine.send(None)
        self.assertEqual(counts("eat"), (1, 1, 0, 0))

    def test_never_awaited(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            wrap(add)(1, 2)
            gc.collect()
        self.assertEqual([str(w.message) for w in caught], ["coroutine 'add' was never awaited"])
        self.assertEqual(counts("add"), (0, 0, 0, 0))

    def test_closed_before_its_first_step_is_no_call(self):
        wrap(add)(1, 2).close()
        self.assertEqual(counts("add"), (0, 0, 0, 0))

    def test_followed_when_a_plain_function_returns_it(self):
        def plain():
            burn(0.01)
            return add(1, 2)

        self.assertEqual(asyncio.run(self.wait(tidemark.wrap("plain", plain)())), 3)
        self.assertEqual(counts("plain"), (1, 0, 0, 0))
        self.assertGreater(profile("plain")["cpu_ms"], 9)

    def test_types_coroutine(self):
        @types.coroutine
        def old(value):
            return (yield from asyncio.sleep(0, value).__await__())

        self.assertEqual(asyncio.run(self.wait(tidemark.wrap("old", old)(5))), 5)
        self.assertTrue(inspect.isawaitable(tidemark.wrap("old", old)(5)))
        self.assertEqual(list(tidemark.wrap("gen", types.coroutine(lambda: (yield 1)))()), [1])
        self.assertEqual(counts("old")[0], 1)

    def test_awaitables_of_other_makes(self):
        class Make(collections.abc.Coroutine):
            """Delegates, as Cython's coroutines do."""

            def __init__(self, coroutine):
                self.coroutine = coroutine

            def __await__(self):
                return (yield from self.coroutine.__await__())

            def send(self, value):
                return self.coroutine.send(value)

            def throw(self, *exception):
                return self.coroutine.throw(*exception)

            def close(self):
                self.coroutine.close()

        self.assertEqual(asyncio.run(self.wait(tidemark.wrap("make", lambda: Make(add(1, 2)))())), 3)
        self.assertEqual(counts("make"), (1, 0, 0, 0))

    def test_futures_stay_futures(self):
        async def main():
            wrapped = tidemark.wrap("future", lambda: asyncio.ensure_future(add(1, 2)))
            task = wrapped()
            self.assertIsInstance(task, asyncio.Task)
            return await task
        self.assertEqual(asyncio.run(main()), 3)

    async def wait(self, awaitable):
        return await awaitable


class Asyncio(Recorded):
    def run_both(self, main):
        """main(wrap) with plugins that are wrapped, and with the plain ones."""
        asyncio.run(main(lambda fn: fn))
        asyncio.run(main(wrap))
        asyncio.run(main(wrap), debug=True)

    def test_gather_and_shield_and_wait(self):
        async def main(w):
            self.assertEqual(await asyncio.gather(w(add)(1, 2), w(add)(3, 4)), [3, 7])
            self.assertEqual(await asyncio.shield(w(add)(1, 2)), 3)
            results = await asyncio.gather(w(add)(1, 2), w(fail)(), return_exceptions=True)
            self.assertEqual(results[0], 3)
            self.assertIsInstance(results[1], LookupError)
            done, _ = await asyncio.wait([asyncio.create_task(w(add)(1, 2))])
            self.assertEqual(done.pop().result(), 3)
            self.assertEqual([await f for f in asyncio.as_completed([w(add)(1, 2)])], [3])
        self.run_both(main)
        self.assertEqual(counts("add"), (12, 0, 0, 0))
        self.assertEqual(counts("fail"), (2, 2, 0, 0))

    @unittest.skipIf(sys.version_info < (3, 11), "no task groups")
    def test_task_groups(self):
        async def main(w):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(w(add)(1, i)) for i in range(3)]
            self.assertEqual([t.result() for t in tasks], [1, 2, 3])
            with self.assertRaises(BaseExceptionGroup) as raised:
                async with asyncio.TaskGroup() as group:
                    group.create_task(w(fail)())
                    group.create_task(w(forever)())
            self.assertEqual([type(e) for e in raised.exception.exceptions], [LookupError])
        self.run_both(main)
        self.assertEqual(counts("forever"), (2, 0, 2, 0))
        self.assertEqual(counts("fail"), (2, 2, 0, 0))

    def test_cancellation(self):
        async def main(w):
            task = asyncio.create_task(w(forever)())
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertTrue(task.cancelled())
        self.run_both(main)
        self.assertEqual(counts("forever"), (2, 0, 2, 0))

    def test_cancelled_before_it_began(self):
        async def main(w):
            task = asyncio.create_task(w(forever)())
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
        self.run_both(main)
        self.assertEqual(counts("forever"), (2, 0, 2, 0))

    def test_cancellation_refused(self):
        async def stubborn():
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                await asyncio.sleep(0)
                return "done"

        async def main(w):
            task = asyncio.create_task(w(stubborn)())
            await asyncio.sleep(0)
            task.cancel()
            self.assertEqual(await task, "done")
        self.run_both(main)
        self.assertEqual(counts("stubborn"), (2, 0, 0, 0))

    def test_cancelled_by_wait_for(self):
        async def main(w):
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(w(forever)(), 0.01)
            self.assertEqual(await asyncio.wait_for(w(add)(1, 2), 60), 3)
        self.run_both(main)
        self.assertEqual(counts("forever"), (2, 0, 2, 0))

    def test_timeouts(self):
        async def late():
            await asyncio.wait_for(forever(), 0.01)

        async def plain_timeout():
            raise TimeoutError("upstream")

        async def main(w):
            for fn in (late, plain_timeout):
                with self.assertRaises((asyncio.TimeoutError, TimeoutError)):
                    await w(fn)()
        self.run_both(main)
        self.assertEqual(counts("late")[2:], (0, 2))
        self.assertEqual(counts("plain_timeout")[2:], (0, 2))

    def test_tracebacks(self):
        async def deep():
            await fail()

        seen = []

        async def main(w):
            try:
                await w(deep)()
            except LookupError as error:
                seen.append(frames(error))
                self.assertIsNone(error.__cause__ or error.__context__)
        self.run_both(main)
        self.assertEqual(seen, [["main", "deep", "fail"]] * 3)

    def test_context_variables(self):
        variable = contextvars.ContextVar("variable", default="outside")

        async def change():
            variable.set("changed")
            await asyncio.sleep(0)
            return variable.get()

        async def main(w):
            self.assertEqual(await w(change)(), "changed")
            self.assertEqual(variable.get(), "changed")
            variable.set("again")
            self.assertEqual(await asyncio.create_task(w(change)()), "changed")
            self.assertEqual(variable.get(), "again")
        self.run_both(main)

    def test_stacks_of_tasks(self):
        async def main(w):
            task = asyncio.create_task(w(forever)(), name="waiting")
            await asyncio.sleep(0)
            self.assertEqual([f.f_code.co_name for f in task.get_stack()], ["forever"])
            self.assertIn("forever", repr(task))
            task.cancel()
        self.run_both(main)

    def test_origin_tracking(self):
        sys.set_coroutine_origin_tracking_depth(1)
        try:
            coroutine = wrap(add)(1, 2)
            self.assertEqual(coroutine.cr_origin[0][2], "test_origin_tracking")
            coroutine.close()
        finally:
            sys.set_coroutine_origin_tracking_depth(0)

    def test_run_takes_it(self):
        self.assertEqual(asyncio.run(wrap(add)(1, 2)), 3)
        loop = asyncio.new_event_loop()
        self.assertEqual(loop.run_until_complete(wrap(add)(1, 2)), 3)
        future = asyncio.run_coroutine_threadsafe(wrap(add)(1, 2), loop)
        loop.run_until_complete(asyncio.sleep(0.05))
        self.assertEqual(future.result(0), 3)
        loop.close()


class Calls(Recorded):
    def test_nested_plugins(self):
        async def inner():
            spent["inner"] = burn(0.02)
            await asyncio.sleep(0.02)

        async def outer():
            spent["outer"] = burn(0.02)
            await wrap(inner)()

        spent = {}
        asyncio.run(wrap(outer)())
        whole, part = profile("outer"), profile("inner")
        self.assertGreaterEqual(whole["wall_ms"], part["wall_ms"] + 19)
        near(self, whole["cpu_ms"], spent["inner"] + spent["outer"])
        near(self, whole["self_cpu_ms"], spent["outer"])
        near(self, part["cpu_ms"], spent["inner"])
        near(self, part["self_cpu_ms"], part["cpu_ms"])
        self.assertGreaterEqual(part["wall_ms"] - part["occupied_ms"], 19)

    def test_recursive_plugin(self):
        async def down(n):
            burn(0.001)
            return 0 if n == 0 else 1 + await wrapped(n - 1)

        wrapped = wrap(down)
        with_self = asyncio.run(wrapped(50))
        self.assertEqual(with_self, 50)
        self.assertEqual(counts("down"), (51, 0, 0, 0))
        self.assertLess(profile("down")["cpu_ms"], 51 * 1.5 + 30)

    def test_wrapped_twice(self):
        twice = tidemark.wrap("outside", tidemark.wrap("inside", add))
        self.assertEqual(asyncio.run(twice(1, 2)), 3)
        self.assertEqual(counts("outside"), (1, 0, 0, 0))
        self.assertEqual(counts("inside"), (1, 0, 0, 0))

    def test_abandoned(self):
        async def waiting():
            try:
                await suspend(1)
            finally:
                cleaned.append(burn(0.005))

        cleaned = []
        coroutine = wrap(waiting)()
        coroutine.send(None)
        self.assertEqual(counts("waiting"), (0, 0, 0, 0))
        del coroutine
        gc.collect()
        self.assertEqual(len(cleaned), 1)
        self.assertEqual(counts("waiting"), (1, 0, 1, 0))
        self.assertGreater(profile("waiting")["cpu_ms"], 4.5)

    def test_abandoned_in_a_cycle(self):
        async def waiting(cycle):
            await suspend(1)

        cycle = []
        coroutine = wrap(waiting)(cycle)
        cycle.append(coroutine)
        coroutine.send(None)
        del coroutine, cycle
        gc.collect()
        self.assertEqual(counts("waiting"), (1, 0, 1, 0))

    def test_closed(self):
        async def waiting():
            await suspend(1)

        coroutine = wrap(waiting)()
        coroutine.send(None)
        coroutine.close()
        coroutine.close()
        self.assertEqual(counts("waiting"), (1, 0, 1, 0))

    def test_close_refused(self):
        async def stubborn():
            while True:
                try:
                    await suspend(1)
                except GeneratorExit:
                    pass
                else:
                    return

        coroutine = wrap(stubborn)()
        coroutine.send(None)
        with self.assertRaisesRegex(RuntimeError, "coroutine ignored GeneratorExit"):
            coroutine.close()
        self.assertEqual(counts("stubborn"), (0, 0, 0, 0))
        with self.assertRaises(StopIteration):
            coroutine.send(None)
        self.assertEqual(counts("stubborn"), (1, 0, 0, 0))

    def test_stopped_while_under_way(self):
        async def main():
            task = asyncio.create_task(wrap(add)(1, 2))
            await asyncio.sleep(0)
            tidemark.stop()
            tidemark.start(on=True, spike_interval=0)
            self.assertEqual(await task, 3)
            self.assertEqual(counts("add"), (0, 0, 0, 0))
            await wrap(add)(1, 2)
            self.assertEqual(counts("add"), (1, 0, 0, 0))
        asyncio.run(main())

    def test_stopped_by_the_plugin_itself(self):
        async def stopping():
            await asyncio.sleep(0)
            tidemark.stop()
            await asyncio.sleep(0)
            return "done"

        self.assertEqual(asyncio.run(wrap(stopping)()), "done")
        self.assertFalse(tidemark.enabled())

    def test_goes_on_in_another_thread(self):
        async def main():
            return await asyncio.get_running_loop().run_in_executor(None, second.send, None)

        async def halves():
            burn(0.01)
            await suspend(1)
            burn(0.01)
            await suspend(2)

        second = wrap(halves)()
        second.send(None)
        self.assertEqual(asyncio.run(main()), 2)
        second.close()
        self.assertGreater(profile("halves")["cpu_ms"], 18)


if __name__ == "__main__":
    unittest.main()
