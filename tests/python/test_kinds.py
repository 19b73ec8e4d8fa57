"""What is wrapped stays what it was."""
import abc
import asyncio
import collections.abc
import copy
import functools
import gc
import inspect
import math
import operator
import pickle
import sys
import types
import typing
import unittest
import weakref

import tidemark
from support import counts, profile, recording, run_python


async def coroutine_function(a: int, b: str = "x", *rest, key=3) -> list:
    """Does nothing."""
    return [a, b, rest, key]


def function(a: int, b: str = "x", *rest, key=3) -> list:
    """Does nothing either."""
    return [a, b, rest, key]


def generator_function(a):
    yield a


async def async_generator_function(a):
    yield a


class Thing:
    def method(self, a):
        return [self, a]

    async def async_method(self, a):
        return [self, a]

    def __call__(self, a):
        return a


class AsyncThing:
    async def __call__(self, a):
        return a


@functools.lru_cache(maxsize=None)
def cached(a):
    return a


KINDS = {
    "coroutine function": coroutine_function,
    "function": function,
    "generator function": generator_function,
    "async generator function": async_generator_function,
    "lambda": lambda a: a,
    "bound method": Thing().method,
    "bound async method": Thing().async_method,
    "partial": functools.partial(function, 1),
    "partial of a coroutine function": functools.partial(coroutine_function, 1),
    "partial of a partial of a method": functools.partial(functools.partial(Thing().async_method), 1),
    "builtin": len,
    "builtin method": [].append,
    "unbound builtin method": str.upper,
    "class": Thing,
    "builtin class": int,
    "callable object": Thing(),
    "async callable object": AsyncThing(),
    "cached function": cached,
    "operator": operator.itemgetter(0),
    "coroutine of types": types.coroutine(generator_function),
    "already wrapped": tidemark.wrap("inner", coroutine_function),
}

PREDICATES = [
    inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction, asyncio.iscoroutinefunction, inspect.isfunction,
    inspect.ismethod, inspect.isbuiltin, inspect.isclass, inspect.isroutine, inspect.isabstract, callable,
    lambda f: isinstance(f, functools.partial), lambda f: isinstance(f, collections.abc.Callable),
]


@functools.partial(tidemark.wrap, "decorated")
def decorated(a):
    return a + 1


def plain(a):
    return a + 2


class Holder:
    @functools.partial(tidemark.wrap, "Holder.method")
    def method(self, a):
        return (self, a)

    @functools.partial(tidemark.wrap, "Holder.class_method")
    @classmethod
    def class_method(cls, a):
        return (cls, a)

    @classmethod
    @functools.partial(tidemark.wrap, "Holder.outer_class_method")
    def outer_class_method(cls, a):
        return (cls, a)

    @functools.partial(tidemark.wrap, "Holder.static_method")
    @staticmethod
    def static_method(a):
        return a

    @functools.partial(tidemark.wrap, "Holder.async_method")
    async def async_method(self, a):
        return (self, a)

    size = tidemark.wrap("Holder.size", len)
    other = tidemark.wrap("Holder.other", Thing().method)
    thing = tidemark.wrap("Holder.thing", Thing())

    @property
    @functools.partial(tidemark.wrap, "Holder.value")
    def value(self):
        return 5


class Kinds(unittest.TestCase):
    def each(self, check):
        for name, fn in KINDS.items():
            with self.subTest(name):
                check(fn, tidemark.wrap("p", fn))

    def test_predicates(self):
        def check(fn, wrapped):
            for predicate in PREDICATES:
                self.assertEqual(predicate(wrapped), predicate(fn), predicate)
        self.each(check)

    def test_attributes(self):
        def check(fn, wrapped):
            for name in ("__name__", "__qualname__", "__doc__", "__module__", "__annotations__", "__defaults__", "__kwdefaults__", "__code__",
                         "__self__", "__func__", "func", "args", "keywords", "cache_info", "__closure__", "__globals__", "__text_signature__"):
                self.assertEqual(hasattr(wrapped, name), hasattr(fn, name), name)
                if hasattr(fn, name) and name != "cache_info":
                    self.assertEqual(getattr(wrapped, name), getattr(fn, name), name)
            self.assertIs(wrapped.__wrapped__, fn)
            self.assertIs(wrapped.__class__, fn.__class__)
        self.each(check)

    def test_signature(self):
        def check(fn, wrapped):
            try:
                expected = inspect.signature(fn)
            except ValueError:
                return
            self.assertEqual(inspect.signature(wrapped), expected)
        self.each(check)
        self.assertEqual(typing.get_type_hints(tidemark.wrap("p", function)), typing.get_type_hints(function))
        for fn in (function, coroutine_function, Thing().method):
            self.assertEqual(inspect.getfullargspec(tidemark.wrap("p", fn)), inspect.getfullargspec(fn))
            self.assertEqual(inspect.getsource(tidemark.wrap("p", fn)), inspect.getsource(fn))

    def test_results(self):
        for switched_on in (False, True):
            with recording(on=switched_on):
                w = tidemark.wrap
                self.assertEqual(w("p", function)(1, "y", 2, key=4), [1, "y", (2,), 4])
                self.assertEqual(w("p", functools.partial(function, 1, key=7))("z"), [1, "z", (), 7])
                self.assertEqual(w("p", len)([1, 2]), 2)
                self.assertEqual(w("p", int)("ff", base=16), 255)
                self.assertIsInstance(w("p", Thing)(), Thing)
                self.assertEqual(w("p", Thing())(3), 3)
                self.assertEqual(list(w("p", generator_function)(3)), [3])
                self.assertEqual(asyncio.run(w("p", coroutine_function)(1, key=2)), [1, "x", (), 2])
                self.assertEqual(asyncio.run(w("p", AsyncThing())(1)), 1)
                self.assertEqual(asyncio.run(w("p", KINDS["partial of a partial of a method"])())[1], 1)

    def test_wrong_arguments(self):
        with recording():
            for fn in (function, coroutine_function, generator_function):
                with self.assertRaises(TypeError) as expected:
                    fn()
                with self.assertRaises(TypeError) as found:
                    tidemark.wrap("p", fn)()
                self.assertEqual(str(found.exception), str(expected.exception))

    def test_recorded_whichever_kind(self):
        def check(fn, wrapped):
            before = counts("p")[0]
            try:
                result = wrapped([1])
                if inspect.isawaitable(result):
                    asyncio.run(self.wait_for(result))
                elif isinstance(result, types.AsyncGeneratorType):
                    asyncio.run(self.wait_for(result.__anext__()))
                    asyncio.run(self.wait_for(result.aclose()))
                elif isinstance(result, types.GeneratorType):
                    list(result)
            except (TypeError, RuntimeError):
                pass
            self.assertEqual(counts("p")[0], before + 1)
        with recording():
            self.each(check)

    async def wait_for(self, awaitable):
        return await awaitable

    def test_weakly_referenced_and_collected(self):
        wrapped = tidemark.wrap("p", lambda: None)
        reference = weakref.ref(wrapped)
        self.assertIs(reference(), wrapped)
        cycle = [wrapped]
        wrapped.cycle = cycle
        del wrapped, cycle
        gc.collect()
        self.assertIsNone(reference())

    def test_own_attributes_do_not_reach_the_plugin(self):
        wrapped = tidemark.wrap("p", function)
        wrapped.mark = 1
        self.assertEqual(wrapped.mark, 1)
        self.assertFalse(hasattr(function, "mark"))
        functools.update_wrapper(wrapped, function)
        self.assertEqual(inspect.unwrap(wrapped), function)
        del wrapped.mark
        self.assertFalse(hasattr(wrapped, "mark"))

    def test_repr_names_plugin_and_callable(self):
        self.assertRegex(repr(tidemark.wrap("p", function)), r"^<plugin 'p': <function function at .*>>$")

    def test_cannot_be_made_otherwise(self):
        with self.assertRaises(TypeError):
            type(decorated)()
        with self.assertRaises(TypeError):
            object.__new__(type(decorated))
        with self.assertRaises(TypeError):
            type(tidemark.wrap("p", coroutine_function))("p", function)


class Again(unittest.TestCase):
    def test_under_the_same_name_it_counts_once(self):
        for fn, use in ((function, lambda f: f(1)), (coroutine_function, lambda f: asyncio.run(f(1))), (generator_function, lambda f: list(f(1)))):
            wrapped = tidemark.wrap("p", fn, version="2")
            wrapped.mark = 1
            self.assertIs(tidemark.wrap("p", wrapped), wrapped)
            self.assertIs(tidemark.wrap("p", wrapped, version="2"), wrapped)
            newer = tidemark.wrap("p", wrapped, version="3")
            self.assertIs(newer.__wrapped__, fn)
            self.assertEqual(newer.mark, 1)
            traced = tidemark.wrap("p", newer, tracemalloc=True)
            self.assertIs(tidemark.wrap("p", traced), traced)
            for again, version in ((wrapped, "2"), (newer, "3"), (traced, "3")):
                with recording():
                    use(again)
                    self.assertEqual((profile("p")["calls"], profile("p")["version"]), (1, version))

    def test_static_methods_too(self):
        again = tidemark.wrap("p", tidemark.wrap("p", staticmethod(function)))
        with recording():
            again.__func__(1)
            self.assertEqual(counts("p")[0], 1)

    def test_under_another_name_it_counts_for_both(self):
        inner = tidemark.wrap("inner", generator_function)
        outer = tidemark.wrap("outer", inner)
        self.assertTrue(inspect.isgeneratorfunction(outer))
        with recording():
            list(outer(1))
            self.assertEqual((counts("inner")[0], counts("outer")[0]), (1, 1))

    def test_around_each_other_without_end(self):
        code = """import tidemark
wrapped = len
for i in range(200_000):
    wrapped = tidemark.wrap(f"p{i % 2}", wrapped)
for use in (lambda: wrapped([]), lambda: repr(wrapped), lambda: wrapped.__name__):
    try: use()
    except RecursionError: pass
    print("ended")
del wrapped
print("gone")
"""
        self.assertEqual(run_python(code), (0, "ended\n" * 3 + "gone\n", ""))


class Methods(unittest.TestCase):
    def test_methods(self):
        holder = Holder()
        self.assertEqual(holder.method(1), (holder, 1))
        self.assertEqual(Holder.method(holder, 1), (holder, 1))
        self.assertEqual(holder.class_method(1), (Holder, 1))
        self.assertEqual(Holder.outer_class_method(1), (Holder, 1))
        self.assertEqual(holder.static_method(1), 1)
        self.assertEqual(Holder.static_method(1), 1)
        self.assertEqual(asyncio.run(holder.async_method(1)), (holder, 1))
        self.assertEqual(holder.value, 5)
        self.assertTrue(inspect.ismethod(holder.method))
        self.assertTrue(inspect.iscoroutinefunction(holder.async_method))
        self.assertEqual(str(inspect.signature(holder.method)), "(a)")

    def test_what_does_not_bind_does_not(self):
        holder = Holder()
        self.assertEqual(holder.size([1, 2]), 2)
        self.assertEqual(holder.other(1)[1], 1)
        self.assertEqual(holder.thing(1), 1)

    def test_other_descriptors_bind_their_own_way(self):
        class Binding:
            def __call__(self, *arguments):
                return arguments

            def __get__(self, instance, owner):
                return functools.partial(self, "bound")

        class Host:
            method = tidemark.wrap("binding", Binding())

        with recording():
            self.assertEqual(Host().method(1), ("bound", 1))
            self.assertEqual(counts("binding")[0], 1)

    def test_abstract_methods(self):
        class Base(abc.ABC):
            @functools.partial(tidemark.wrap, "abstract")
            @abc.abstractmethod
            def must(self):
                """Must be there."""

        with self.assertRaises(TypeError):
            Base()

    def test_counted_through_class_and_instance(self):
        with recording():
            holder = Holder()
            holder.method(1), Holder.method(holder, 2), holder.class_method(1), Holder.static_method(3), holder.value
            self.assertEqual([counts("Holder." + n)[0] for n in ("method", "class_method", "static_method", "value")], [2, 1, 1, 1])


class Pickling(unittest.TestCase):
    def test_decorated_global_is_itself(self):
        self.assertIs(pickle.loads(pickle.dumps(decorated)), decorated)
        self.assertIs(copy.deepcopy(decorated), decorated)

    def test_decorated_method_is_itself(self):
        self.assertIs(pickle.loads(pickle.dumps(Holder.method)), Holder.method)

    def test_wrapped_elsewhere_is_wrapped_again(self):
        wrapped = tidemark.wrap("again", plain, version="2")
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            other = pickle.loads(pickle.dumps(wrapped, protocol))
            self.assertIs(other.__wrapped__, plain)
            with recording():
                self.assertEqual(other(1), 3)
                self.assertEqual(tidemark.snapshot()[0]["version"], "2")
        self.assertEqual(copy.copy(wrapped)(1), 3)

    def test_what_could_not_be_cannot_be(self):
        with self.assertRaises((pickle.PicklingError, AttributeError)):
            pickle.dumps(tidemark.wrap("p", lambda: None))
        with recording():
            coroutine = tidemark.wrap("p", coroutine_function)(1)
            with self.assertRaises(TypeError):
                pickle.dumps(coroutine)
            coroutine.close()


class Names(unittest.TestCase):
    BAD = ["", "a\0b", "\ud800", "x" * 2000, "ä" * 513, "tab\there", "line\nbreak", "\x7f", "*"]
    GOOD = ["a", "ä" * 512, "日本語", "a b", "'quoted'", "\u202e", "{}%s"]

    def test_bad_names(self):
        for name in self.BAD:
            with self.subTest(name[:20]), self.assertRaises(ValueError) as raised:
                tidemark.wrap(name, function)
            self.assertTrue(str(raised.exception).startswith("plugin name "), raised.exception)
            self.assertLess(len(str(raised.exception)), 200)
        for name in self.BAD:
            with self.subTest(name[:20]), self.assertRaises(ValueError):
                tidemark.PluginLoader().register(name, function)

    def test_bad_versions(self):
        for version in self.BAD[:-1]:
            with self.subTest(version[:20]), self.assertRaises(ValueError):
                tidemark.wrap("p", function, version=version)

    def test_no_text(self):
        for name in (None, 1, b"p", ["p"]):
            with self.assertRaises(TypeError):
                tidemark.wrap(name, function)
        with self.assertRaises(TypeError):
            tidemark.wrap("p", function, version=2)

    def test_good_names(self):
        with recording():
            for name in self.GOOD:
                tidemark.wrap(name, function)(1)
                self.assertEqual(counts(name)[0], 1)

    def test_not_callable(self):
        for thing in (None, 3, "text", coroutine_function(1)):
            with self.assertRaisesRegex(TypeError, "plugin 'p': cannot call a"):
                tidemark.wrap("p", thing)
            if inspect.iscoroutine(thing):
                thing.close()


class Off(unittest.TestCase):
    def test_results_are_the_plugins_own(self):
        self.assertFalse(tidemark.enabled())
        coroutine = tidemark.wrap("p", coroutine_function)(1)
        self.assertIs(type(coroutine), types.CoroutineType)
        coroutine.close()
        self.assertIs(type(tidemark.wrap("p", generator_function)(1)), types.GeneratorType)

    def test_switched_on_and_off_later(self):
        wrapped = tidemark.wrap("p", math.sqrt)
        wrapped(1)
        for _ in range(3):
            with recording():
                wrapped(1)
                self.assertEqual(counts("p")[0], 1)
            wrapped(1)
            self.assertEqual(tidemark.snapshot(), [])


if __name__ == "__main__":
    unittest.main()
