"""Generators and asynchronous generators are recorded step by step."""
import asyncio
import collections.abc
import contextlib
import gc
import inspect
import itertools
import types
import unittest
import weakref

import tidemark
from support import burn, counts, frames, near, profile, recording


class Recorded(unittest.TestCase):
    def setUp(self):
        tidemark.start(on=True, spike_interval=0)
        self.addCleanup(tidemark.stop)


def count_to(n):
    """Counts."""
    for i in range(n):
        yield i
    return "end"


def echo():
    value = None
    while True:
        try:
            value = yield value
        except KeyError as error:
            value = error


class Generators(Recorded):
    def test_is_a_generator(self):
        generator = tidemark.wrap("count", count_to)(3)
        self.assertIsInstance(generator, types.GeneratorType)
        self.assertIsInstance(generator, collections.abc.Generator)
        self.assertTrue(inspect.isgenerator(generator))
        self.assertFalse(inspect.isawaitable(generator))
        self.assertIs(iter(generator), generator)
        self.assertEqual(generator.__name__, "count_to")
        self.assertRegex(repr(generator), "^<generator object count_to at 0x[0-9a-f]+>$")
        self.assertEqual(inspect.getgeneratorstate(generator), inspect.GEN_CREATED)
        self.assertEqual(list(generator), [0, 1, 2])
        self.assertEqual(inspect.getgeneratorstate(generator), inspect.GEN_CLOSED)
        self.assertIsNone(weakref.ref(tidemark.wrap("count", count_to)(3))())

    def test_every_way_to_step(self):
        w = tidemark.wrap("count", count_to)
        self.assertEqual(sum(w(4)), 6)
        self.assertEqual([*w(2)], [0, 1])
        self.assertEqual(list(zip(w(2), "ab")), [(0, "a"), (1, "b")])
        self.assertEqual(next(w(0), "default"), "default")

        def outer():
            return (yield from w(2))

        generator = outer()
        self.assertEqual([next(generator), next(generator)], [0, 1])
        with self.assertRaises(StopIteration) as stop:
            next(generator)
        self.assertEqual(stop.exception.value, "end")
        gc.collect()
        self.assertEqual(counts("count"), (5, 0, 0, 0))

    def test_send_and_throw(self):
        generator = tidemark.wrap("echo", echo)()
        with self.assertRaisesRegex(TypeError, "just-started generator"):
            generator.send(1)
        next(generator)
        self.assertEqual(generator.send("a"), "a")
        self.assertIsInstance(generator.throw(KeyError("k")), KeyError)
        self.assertIsInstance(generator.throw(KeyError), KeyError)
        try:
            generator.throw(ValueError("v"))
            self.fail("nothing raised")
        except ValueError as error:
            self.assertEqual(frames(error), ["test_send_and_throw", "echo"])
        self.assertEqual(counts("echo"), (1, 1, 0, 0))
        self.assertEqual(list(generator), [])

    def test_broken_off(self):
        for i in tidemark.wrap("count", count_to)(10):
            if i == 3:
                break
        gc.collect()
        self.assertEqual(counts("count"), (1, 0, 1, 0))
        unused = tidemark.wrap("count", count_to)(10)
        del unused
        self.assertEqual(counts("count"), (1, 0, 1, 0))

    def test_closed(self):
        cleaned = []

        def careful():
            try:
                yield 1
            finally:
                cleaned.append(1)

        generator = tidemark.wrap("careful", careful)()
        next(generator)
        generator.close()
        self.assertEqual(cleaned, [1])
        self.assertEqual(counts("careful"), (1, 0, 1, 0))

    def test_within_itself(self):
        def eat():
            yield next(generator)

        generator = tidemark.wrap("eat", eat)()
        with self.assertRaisesRegex(ValueError, "generator already executing"):
            next(generator)
        self.assertEqual(counts("eat"), (1, 1, 0, 0))

    def test_stop_iteration_inside_is_an_error(self):
        def wrong():
            raise StopIteration
            yield

        with self.assertRaises(RuntimeError):
            list(tidemark.wrap("wrong", wrong)())
        self.assertEqual(counts("wrong"), (1, 1, 0, 0))

    def test_context_managers(self):
        @contextlib.contextmanager
        def plain():
            yield "in"

        def manage():
            try:
                yield "in"
            except KeyError:
                caught.append(1)

        caught = []
        managed = contextlib.contextmanager(tidemark.wrap("manage", manage))
        with managed() as value:
            self.assertEqual(value, "in")
        with managed():
            raise KeyError
        with self.assertRaises(LookupError), managed():
            raise LookupError
        self.assertEqual(caught, [1])
        self.assertEqual(counts("manage"), (3, 1, 0, 0))

    def test_only_its_steps_are_its_own(self):
        def work():
            for _ in range(3):
                spent.append(burn(0.01))
                yield

        spent = []
        for _ in tidemark.wrap("work", work)():
            burn(0.02)
        entry = profile("work")
        near(self, entry["cpu_ms"], sum(spent))
        self.assertGreater(entry["wall_ms"] - entry["occupied_ms"], 59)


async def ticks(n):
    """Ticks."""
    for i in range(n):
        await asyncio.sleep(0)
        yield i


class AsyncGenerators(Recorded):
    def test_is_an_async_generator(self):
        generator = tidemark.wrap("ticks", ticks)(3)
        self.assertIsInstance(generator, types.AsyncGeneratorType)
        self.assertIsInstance(generator, collections.abc.AsyncGenerator)
        self.assertTrue(inspect.isasyncgen(generator))
        self.assertIs(generator.__aiter__(), generator)
        self.assertEqual(generator.__name__, "ticks")
        self.assertRegex(repr(generator), "^<async_generator object ticks at 0x[0-9a-f]+>$")
        self.assertIs(generator.ag_code, ticks.__code__)
        step = generator.__anext__()
        self.assertTrue(inspect.isawaitable(step))
        step.close()

    def test_async_for(self):
        async def main():
            return [i async for i in tidemark.wrap("ticks", ticks)(4)]
        self.assertEqual(asyncio.run(main()), [0, 1, 2, 3])
        self.assertEqual(asyncio.run(main(), debug=True), [0, 1, 2, 3])
        self.assertEqual(counts("ticks"), (2, 0, 0, 0))

    def test_asend_athrow_aclose(self):
        async def echo():
            value = None
            while True:
                try:
                    await asyncio.sleep(0)
                    value = yield value
                except KeyError as error:
                    value = error

        async def main():
            generator = tidemark.wrap("echo", echo)()
            self.assertIsNone(await generator.asend(None))
            self.assertEqual(await generator.asend("a"), "a")
            self.assertIsInstance(await generator.athrow(KeyError("k")), KeyError)
            self.assertEqual(counts("echo")[0], 0)
            await generator.aclose()
            self.assertEqual(counts("echo"), (1, 0, 1, 0))
            await generator.aclose()
            with self.assertRaises(StopAsyncIteration):
                await generator.asend(1)
            other = tidemark.wrap("echo", echo)()
            await other.asend(None)
            with self.assertRaises(ValueError):
                await other.athrow(ValueError("v"))
            self.assertEqual(counts("echo"), (2, 1, 1, 0))
            await tidemark.wrap("echo", echo)().aclose()
            self.assertEqual(counts("echo"), (2, 1, 1, 0))
        asyncio.run(main())

    def test_running_twice_at_once(self):
        async def main():
            generator = tidemark.wrap("ticks", ticks)(3)
            first = asyncio.ensure_future(self.step(generator))
            await asyncio.sleep(0)
            with self.assertRaisesRegex(RuntimeError, "already running"):
                await generator.__anext__()
            self.assertEqual(await first, 0)
            self.assertEqual([i async for i in generator], [1, 2])
        asyncio.run(main())
        self.assertEqual(counts("ticks"), (1, 0, 0, 0))

    async def step(self, generator):
        return await generator.__anext__()

    def test_cancelled_within_a_step(self):
        async def slow():
            await asyncio.Event().wait()
            yield

        async def main():
            task = asyncio.ensure_future(self.step(tidemark.wrap("slow", slow)()))
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
        asyncio.run(main())
        self.assertEqual(counts("slow"), (1, 0, 1, 0))

    def test_finalizer_hooks(self):
        """The loop closes what nobody has closed."""
        closed = []

        async def careful():
            try:
                yield 1
            finally:
                await asyncio.sleep(0)
                closed.append(1)

        async def main():
            async for _ in tidemark.wrap("careful", careful)():
                break
            gc.collect()
            await asyncio.sleep(0.01)
        asyncio.run(main())
        self.assertEqual(closed, [1])
        self.assertEqual(counts("careful"), (1, 0, 1, 0))

        async def left():
            generator = tidemark.wrap("careful", careful)()
            await generator.__anext__()
            kept.append(generator)
        kept = []
        asyncio.run(left())
        self.assertEqual(closed, [1, 1])

    def test_context_managers(self):
        async def manage():
            await asyncio.sleep(0)
            yield "in"

        async def main():
            managed = contextlib.asynccontextmanager(tidemark.wrap("manage", manage))
            async with managed() as value:
                self.assertEqual(value, "in")
            with self.assertRaises(LookupError):
                async with managed():
                    raise LookupError
        asyncio.run(main())
        self.assertEqual(counts("manage"), (2, 1, 0, 0))

    def test_only_its_steps_are_its_own(self):
        async def work():
            for _ in range(3):
                spent.append(burn(0.01))
                await asyncio.sleep(0.005)
                yield

        async def main():
            async for _ in tidemark.wrap("work", work)():
                burn(0.02)
        spent = []
        asyncio.run(main())
        entry = profile("work")
        near(self, entry["cpu_ms"], sum(spent))
        self.assertGreater(entry["wall_ms"] - entry["occupied_ms"], 55)


class Iterators(Recorded):
    """What a plain function returns and does its work when it is iterated."""

    def test_work_is_the_call_s(self):
        made = [lambda: map(burn, [0.01, 0.01]), lambda: filter(burn, [0.01, 0.01]), lambda: itertools.starmap(burn, [(0.01,), (0.01,)]),
                lambda: itertools.chain(map(burn, [0.01]), map(burn, [0.01])), lambda: zip(map(burn, [0.01, 0.01]), "ab"),
                lambda: enumerate(map(burn, [0.01, 0.01]))]
        for i, plugin in enumerate(made):
            result, plain = tidemark.wrap("p%d" % i, plugin)(), plugin()
            self.assertIsInstance(result, type(plain))
            self.assertIs(iter(result), result)
            self.assertRegex(repr(result), "^<.*%s object at 0x[0-9a-f]+>$" % type(plain).__name__)
            self.assertFalse(hasattr(result, "send"))
            burn(0.02)
            self.assertEqual(len(list(result)), 2)
            near(self, profile("p%d" % i)["cpu_ms"], 20)
            self.assertEqual(counts("p%d" % i), (1, 0, 0, 0))
            self.assertEqual(list(result), [])

    def test_its_ends(self):
        failing = tidemark.wrap("failing", lambda: map(int, ["1", "x", "2"]))()
        self.assertEqual(next(failing), 1)
        with self.assertRaises(ValueError):
            next(failing)
        self.assertEqual((counts("failing"), list(failing)), ((1, 1, 0, 0), [2]))
        self.assertEqual((next(tidemark.wrap("left", lambda: map(int, "12"))()), counts("left")), (1, (1, 0, 1, 0)))

    def test_others_are_as_they_were(self):
        for value in (iter([1]), iter({}), open(__file__), reversed([1]), range(3)):
            self.assertIs(tidemark.wrap("other", lambda: value)(), value)
            getattr(value, "close", int)()


if __name__ == "__main__":
    unittest.main()
