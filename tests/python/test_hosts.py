"""Hosts that nobody changes: what is wrapped for them, and programs that run as they are."""
import asyncio
import csv
import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest
from concurrent.futures import ThreadPoolExecutor

import tidemark
from support import SANITIZED, burn, counts, near, profile, recording, run_python

PACKAGE = importlib.util.find_spec("tidemark.hosts") is not None


class Blocks(unittest.TestCase):
    def test_a_block_is_a_call(self):
        with recording():
            for _ in range(2):
                with tidemark.call("block"):
                    spent = burn(0.02)
            near(self, profile("block")["cpu_ms"], 2 * spent)
            self.assertEqual(counts("block"), (2, 0, 0, 0))
            self.assertLess(profile("block")["wall_ms"] - profile("block")["occupied_ms"] - profile("block")["preempted_ms"], 1)

    def test_what_leaves_it(self):
        with recording():
            with self.assertRaises(LookupError):
                with tidemark.call("block"):
                    raise LookupError("no")
            with self.assertRaises(SystemExit):
                with tidemark.call("block"):
                    sys.exit(0)
            self.assertEqual(counts("block"), (2, 1, 0, 0))
            self.assertEqual(profile("block")["kinds_of_errors"], [{"type": "LookupError", "message": "no", "count": 1}])

    def test_async(self):
        async def main():
            async with tidemark.call("block"):
                await asyncio.sleep(0.03)
        with recording():
            asyncio.run(main())
            self.assertGreater(profile("block")["wall_ms"], 29)
            self.assertLess(profile("block")["cpu_ms"], 1)

    def test_blocks_around_awaits_end_in_any_order(self):
        async def block(name, seconds):
            with tidemark.call(name):
                await asyncio.sleep(seconds)

        async def main():
            await asyncio.gather(block("first", 0.02), block("second", 0.04), tidemark.wrap("plugin", block)("third", 0.03))

        with recording():
            asyncio.run(main())
            for name in ("first", "second", "third", "plugin"):
                self.assertEqual(counts(name), (1, 0, 0, 0), name)
            self.assertGreater(profile("second")["wall_ms"], 39)
            with tidemark.call("outer"), tidemark.call("inner"):
                time.sleep(0.01)
            self.assertLess(profile("outer")["self_wall_ms"], 5)

    def test_wrong_use(self):
        with self.assertRaises(ValueError):
            tidemark.call("")
        with self.assertRaises(TypeError):
            tidemark.call()
        with recording():
            block = tidemark.call("block")
            with block, self.assertRaisesRegex(RuntimeError, "under way already"):
                block.__enter__()
            with block:
                pass
            self.assertEqual(counts("block"), (2, 0, 0, 0))

    def test_left_alone(self):
        with recording():
            tidemark.call("block").__enter__()
            self.assertEqual(counts("block"), (1, 0, 1, 0))
        with tidemark.call("off"):
            pass

    def test_wrap_is_a_decorator(self):
        @tidemark.wrap("decorated", version="2")
        def plugin(a, b=1):
            return a + b

        with recording():
            self.assertEqual(plugin(1, b=2), 3)
            self.assertEqual((counts("decorated"), profile("decorated")["version"]), ((1, 0, 0, 0), "2"))
        with self.assertRaises(ValueError):
            tidemark.wrap("")


class Threads(unittest.TestCase):
    def test_what_a_plugin_hands_to_a_thread(self):
        async def plugin(pool):
            loop = asyncio.get_running_loop()
            spent.append(await loop.run_in_executor(pool, burn, 0.02))
            spent.append(await loop.run_in_executor(None, burn, 0.02))
            if hasattr(asyncio, "to_thread"):
                spent.append(await asyncio.to_thread(burn, 0.02))

        spent = []
        with recording(), ThreadPoolExecutor(1) as pool:
            asyncio.run(tidemark.wrap("plugin", plugin)(pool))
            near(self, profile("plugin")["cpu_ms"], sum(spent))

    def test_by_keywords(self):
        async def child():
            spent.append(burn(0.02))

        async def plugin(pool):
            loop = asyncio.get_running_loop()
            spent.append(await loop.run_in_executor(executor=pool, func=lambda: burn(0.02)))
            spent.append(await loop.run_in_executor(None, func=lambda: burn(0.02)))
            loop.set_task_factory(factory=lambda loop, coroutine, **keywords: asyncio.Task(coroutine, loop=loop, **keywords))
            await loop.create_task(child())
            with self.assertRaises(TypeError):
                loop.set_task_factory()
            with self.assertRaises(TypeError):
                await loop.run_in_executor(None)

        spent = []
        with recording(), ThreadPoolExecutor(1) as pool:
            asyncio.run(tidemark.wrap("plugin", plugin)(pool))
            near(self, profile("plugin")["cpu_ms"], sum(spent))

    def test_a_loop_whose_tasks_were_followed_before(self):
        async def plugin():
            spent.append(await asyncio.get_running_loop().run_in_executor(None, burn, 0.02))

        spent, loop = [], asyncio.new_event_loop()
        self.addCleanup(loop.close)
        tidemark.follow_tasks(loop)
        with recording():
            loop.run_until_complete(tidemark.wrap("plugin", plugin)())
            near(self, profile("plugin")["cpu_ms"], sum(spent))
        self.assertNotIn("run_in_executor", vars(loop))

    def test_processes_are_left_alone(self):
        class Processes:
            def submit(self, fn, *arguments):
                handed.append(fn)
                future = __import__("concurrent.futures").futures.Future()
                future.set_result(fn(*arguments))
                return future

        async def plugin():
            return await asyncio.get_running_loop().run_in_executor(Processes(), len, "abc")

        handed = []
        with recording():
            self.assertEqual(asyncio.run(tidemark.wrap("plugin", plugin)()), 3)
        self.assertEqual(handed, [len])


@unittest.skipUnless(PACKAGE, "the module was copied alone")
class Instruments(unittest.TestCase):
    def test_object(self):
        class Parser:
            def parse(self, text):
                return text.upper()

            def _hidden(self):
                return 1

        parser = tidemark.instrument_object("pdf", Parser())
        chosen = tidemark.instrument_object("one", Parser(), ["_hidden"])
        with recording():
            self.assertEqual((parser.parse("a"), parser._hidden(), chosen._hidden()), ("A", 1, 1))
            self.assertEqual([entry["plugin"] for entry in tidemark.snapshot()], ["one._hidden", "pdf.parse"])

    def test_an_object_is_not_asked_for_anything_else(self):
        class Parser:
            made = staticmethod(len)

            @property
            def broken(self):
                raise OSError("asked")

            @property
            def lazy(self):
                return asked.append(1) or str.upper

            @classmethod
            def kind(cls):
                return cls.__name__

        class Slotted:
            __slots__ = ("a",)

            def parse(self):
                return 1

        asked = []
        parser = tidemark.instrument_object("pdf", Parser())
        self.assertEqual((asked, sorted(vars(parser))), ([], ["kind", "made"]))
        with recording():
            self.assertEqual((parser.made("abc"), parser.kind()), (3, "Parser"))
            self.assertEqual([entry["plugin"] for entry in tidemark.snapshot()], ["pdf.kind", "pdf.made"])
        with self.assertRaisesRegex(TypeError, "cannot instrument 'pdf': a .*Slotted takes no attributes"):
            tidemark.instrument_object("pdf", Slotted())

    def test_module(self):
        module = types.ModuleType("plugins_of_a_test")
        exec("def search(): return 1\nasync def fetch(): return 2\ndef _no(): return 3\nfrom os import getcwd", vars(module))
        self.assertEqual(tidemark.instrument_module(module, "*e*"), ["plugins_of_a_test.fetch", "plugins_of_a_test.search"])
        with recording():
            self.assertEqual((module.search(), asyncio.run(module.fetch()), module._no()), (1, 2, 3))
            self.assertEqual(counts("plugins_of_a_test.fetch")[0] + counts("plugins_of_a_test.search")[0], 2)

    def test_wsgi(self):
        closed = []

        class Body:
            def __iter__(self):
                burn(0.02)
                yield b"one"
                burn(0.02)
                yield b"two"

            def close(self):
                closed.append(True)

        def app(environ, start_response):
            start_response("200 OK", [])
            return Body()

        app = tidemark.wsgi(app, lambda environ: "wsgi " + environ["PATH_INFO"])
        with recording():
            self.assertEqual(b"".join(app({"PATH_INFO": "/x"}, lambda status, headers: None)), b"onetwo")
            near(self, profile("wsgi /x")["cpu_ms"], 40)
            self.assertEqual((counts("wsgi /x"), closed), ((1, 0, 0, 0), [True]))

    def test_asgi(self):
        async def app(scope, receive, send):
            for _ in range(2):
                burn(0.02)
                await asyncio.sleep(0)
                await send({})

        async def main():
            await measured({"type": "lifespan"}, None, send)
            await measured({"type": "http", "path": "/x"}, None, send)

        async def send(message):
            sent.append(message)

        sent, measured = [], tidemark.asgi(app)
        with recording():
            asyncio.run(main())
            near(self, profile("asgi")["cpu_ms"], 40)
            self.assertEqual((counts("asgi"), len(sent)), ((1, 0, 0, 0), 4))

    def test_whatever_clients_ask_for(self):
        paths = ["/a", "/\x00\x1b[31m", "/" + "x" * 100_000, "/\udcff", "", None, ["/"], 3]
        app = tidemark.wsgi(lambda environ, start_response: [b"body"], lambda environ: environ["path"])
        with recording():
            for path in paths:
                self.assertEqual(b"".join(app({"path": path}, None)), b"body")
            self.assertEqual(b"".join(app({}, None)), b"body")  # a name() that fails
            self.assertEqual((counts("/a")[0], counts("other requests")[0]), (1, len(paths)))
            for i in range(3000):
                b"".join(app({"path": "/%d" % i}, None))
            names = [entry["plugin"] for entry in tidemark.snapshot()]
            self.assertEqual((len(names), counts("other requests")), (1001, (len(paths) + 2001, 0, 0, 0)))

        async def answer(scope, receive, send):
            return scope["path"]

        measured = tidemark.asgi(answer, lambda scope: scope["path"])
        with recording():
            for path in paths:
                self.assertEqual(asyncio.run(measured({"type": "http", "path": path}, None, None)), path)
            self.assertEqual((counts("/a")[0], counts("other requests")[0]), (1, len(paths) - 1))
        with self.assertRaises(ValueError):
            tidemark.wsgi(answer, "")

    def test_pluggy_by_its_interface(self):
        """What pluggy offers of what is asked of it, for where there is none."""
        class Implementation:
            def __init__(self, plugin, name):
                self.plugin, self.plugin_name, self.function = plugin, name, plugin.work

        class Manager:
            def __init__(self):
                self.plugins, self.implementations = {}, []

            def register(self, plugin, name=None):
                self.plugins[name or str(id(plugin))] = plugin
                self.implementations.append(Implementation(plugin, self.get_name(plugin)))
                return self.get_name(plugin)

            def get_name(self, plugin):
                return next(name for name, value in self.plugins.items() if value is plugin)

            def get_plugins(self):
                return set(self.plugins.values())

            def get_hookcallers(self, plugin):
                return [self]

            def get_hookimpls(self):
                return self.implementations

        class Plugin:
            def work(self):
                return 1

        manager = Manager()
        manager.register(Plugin(), "early")
        early = manager.implementations[0].function
        tidemark.instrument_pluggy(manager)
        wrapped = manager.implementations[0].function
        self.assertIs(wrapped.__wrapped__.__func__, early.__func__)
        manager.register(Plugin(), "late")
        manager.register(Plugin())
        self.assertIs(manager.implementations[0].function, wrapped)
        with recording():
            for implementation in manager.implementations:
                implementation.function()
            names = sorted(entry["plugin"] for entry in tidemark.snapshot())
            self.assertEqual(names, ["early", "late", Plugin.__module__ + "." + Plugin.__qualname__])

    def test_pluggy(self):
        try:
            import pluggy
        except ImportError:
            self.skipTest("there is no pluggy")
        spec, impl = pluggy.HookspecMarker("test"), pluggy.HookimplMarker("test")

        class Specs:
            @spec
            def work(self, seconds): """Works."""

        class Early:
            @impl
            def work(self, seconds):
                return burn(seconds)

        class Late(Early):
            @impl
            def work(self, seconds):
                raise LookupError("no")

        class Around:
            @impl(hookwrapper=True)
            def work(self, seconds):
                burn(0.01)
                yield

        manager = pluggy.PluginManager("test")
        manager.add_hookspecs(Specs)
        manager.register(Early(), "early")
        tidemark.instrument_pluggy(manager)
        manager.register(Around(), "around")
        with recording():
            manager.hook.work(seconds=0.02)
            near(self, profile("early")["cpu_ms"], 20)
            near(self, profile("around")["cpu_ms"], 10)
            manager.register(Late(), "late")
            with self.assertRaises(LookupError):
                manager.hook.work(seconds=0.02)
            self.assertEqual(counts("late"), (1, 1, 0, 0))

    def test_what_keeps_the_package_from_being_found_is_told(self):
        class Finder:
            def find_spec(self, name, path=None, target=None):
                if name == "tidemark.hosts":
                    raise OSError("the disk")

        hosts, finder = sys.modules.pop("tidemark.hosts", None), Finder()
        sys.meta_path.insert(0, finder)
        self.addCleanup(sys.meta_path.remove, finder)
        self.addCleanup(lambda: hosts and sys.modules.__setitem__("tidemark.hosts", hosts))
        with self.assertRaisesRegex(OSError, "the disk"):
            tidemark.instrument
        sys.modules["tidemark.hosts"] = None
        self.addCleanup(sys.modules.pop, "tidemark.hosts", None)
        with self.assertRaises(AttributeError):
            tidemark.instrument

    def test_unknown_instrument(self):
        for words in ("celery-ish", "module:", "pluggy:x", "entry-points"):
            with self.assertRaisesRegex(ValueError, "expected pluggy, threads"):
                tidemark.instrument(words)
        with self.assertRaises(AttributeError):
            tidemark.no_such_name


PROGRAM = """
import sys, time
import plugins
def main():
    for _ in range(3): plugins.search()
    sys.exit(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
if __name__ == "__main__": main()
"""


@unittest.skipUnless(PACKAGE, "the module was copied alone")
class Programs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for name, text in (("app.py", PROGRAM), ("plugins.py", "def search():\n    return sum(range(100000))\n")):
            with open(os.path.join(self.folder, name), "w") as file:
                file.write(text)

    def run_it(self, *arguments, **environment):
        environment = {**{k: v for k, v in os.environ.items() if not k.startswith("TIDEMARK_")}, **environment}
        folders = [os.environ.get("PYTHONPATH", ""), self.folder, environment.pop("PYTHONPATH_TOO", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, folders))
        done = subprocess.run([sys.executable, *arguments], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stderr

    def rows(self, name="night.csv"):
        with open(os.path.join(self.folder, name), newline="") as file:
            return [(row["plugin"], row["calls"]) for row in csv.DictReader(file)]

    def test_a_program_as_it_is(self):
        self.assertEqual(self.run_it("-m", "tidemark", "run", "--instrument", "module:plugins", "app.py"), (0, ""))
        self.assertEqual(self.rows(), [("plugins.search", "3")])

    def test_its_exit_code_and_arguments(self):
        self.assertEqual(self.run_it("-m", "tidemark", "run", "--out", "x.csv", "--instrument", "module:plugins:s*", "app.py", "7"), (7, ""))
        self.assertEqual(self.rows("x.csv"), [("plugins.search", "3")])

    def test_a_module(self):
        self.assertEqual(self.run_it("-m", "tidemark", "run", "--instrument", "module:plugins", "-m", "app"), (0, ""))
        self.assertEqual(self.rows(), [("plugins.search", "3")])

    def test_a_store(self):
        import sqlite3
        self.assertEqual(self.run_it("-m", "tidemark", "run", "--db", "x.db", "--run", "n1", "--instrument", "module:plugins", "app.py"), (0, ""))
        with sqlite3.connect(os.path.join(self.folder, "x.db")) as store:
            self.assertEqual(store.execute("SELECT plugin, calls, run FROM profiles").fetchall(), [("plugins.search", 3, "n1")])

    def test_the_environment(self):
        self.assertEqual(self.run_it("-m", "tidemark", "run", "app.py", TIDEMARK_OUT="e.csv", TIDEMARK_INSTRUMENT="module:plugins"), (0, ""))
        self.assertEqual(self.rows("e.csv"), [("plugins.search", "3")])

    def test_options_come_before_the_environment(self):
        environment = {"TIDEMARK_OUT": "e.csv", "TIDEMARK_INSTRUMENT": "module:plugins"}
        self.assertEqual(self.run_it("-m", "tidemark", "run", "--out", "X.CSV", "--instrument", "module:app", "-m", "app", **environment), (0, ""))
        self.assertEqual(self.rows("X.CSV"), [])
        self.assertEqual(self.run_it("-m", "tidemark", "run", "--db", "x.db", "app.py", **environment), (0, ""))
        self.assertNotIn("e.csv", os.listdir(self.folder))
        with open(os.path.join(self.folder, "__init__.py"), "w") as file:
            file.write("import tidemark\nfrom . import plugins\n")
        with open(os.path.join(self.folder, "__main__.py"), "w") as file:
            file.write("import plugins\nplugins.search()\n")
        parent, name = os.path.split(self.folder)
        self.assertEqual(self.run_it("-m", name, PYTHONPATH_TOO=parent, **environment), (0, ""))
        self.assertEqual(self.rows("e.csv"), [("plugins.search", "1")])

    def test_a_pattern_that_nothing_fits(self):
        code, told = self.run_it("-m", "tidemark", "run", "--instrument", "module:plugins:x*", "app.py")
        self.assertEqual(code, 2)
        self.assertIn("error: instrument 'module:plugins:x*': no public function that 'plugins' defines fits 'x*'", told)

    def test_an_import_reads_the_environment(self):
        code = "import tidemark, plugins; plugins.search()"
        self.assertEqual(self.run_it("-c", code, TIDEMARK_OUT="e.csv", TIDEMARK_INSTRUMENT="module:plugins"), (0, ""))
        self.assertEqual(self.rows("e.csv"), [("plugins.search", "1")])

    def test_a_forked_child_writes_nothing(self):
        code = "import tidemark, plugins, os; plugins.search(); child = os.fork() or exit(); os.waitpid(child, 0)"
        self.assertEqual(self.run_it("-c", code, TIDEMARK_OUT="e.csv", TIDEMARK_INSTRUMENT="module:plugins"), (0, ""))
        self.assertEqual(self.rows("e.csv"), [("plugins.search", "1")])

    def test_what_cannot_be_run(self):
        for arguments, words in ((["no.py"], "cannot run 'no.py': no such file"), (["--run", "x", "app.py"], "it needs --db"),
                                 (["--db", "x.csv", "app.py"], "--out writes one"), (["--out", "x.db", "app.py"], "--db names a store"),
                                 (["--instrument", "x", "app.py"], "instrument 'x': expected pluggy"),
                                 (["--instrument", "module:nowhere", "app.py"], "No module named 'nowhere'")):
            code, error = self.run_it("-m", "tidemark", "run", *arguments)
            self.assertEqual(code, 2, error)
            self.assertIn(words, error)


if __name__ == "__main__":
    unittest.main()
