"""Without memory there is a MemoryError, or the right answer; never a part of it."""
import unittest

try:
    from _testcapi import remove_mem_hooks, set_nomemory
except ImportError:  # not every Python has its own tests
    set_nomemory = None

import tidemark
from support import SANITIZED, recording

MOST = 400  # allocations of what is tried here, and some to spare


async def coroutine_function():
    pass


class Callable:
    async def __call__(self):
        pass


@unittest.skipUnless(set_nomemory, "no _testcapi")
@unittest.skipIf(SANITIZED, "the allocator is the sanitizer's")
class Shortage(unittest.TestCase):
    def each(self, work):
        """What work() gives as its first, second, ... allocation fails; MemoryErrors are left out."""
        results, failures = [], 0
        for n in range(MOST):
            result = None
            set_nomemory(n, n + 1)
            try:
                result = work()
            except MemoryError:
                failures += 1
            finally:
                remove_mem_hooks()
            if result is not None:
                results.append(result)
        self.assertGreater(failures, 0)
        self.assertGreater(len(results), 0)
        return results

    def test_reports(self):
        loader = tidemark.PluginLoader()
        names = [f"plugin {i}" for i in range(5)]
        for name in names:
            loader.register(name, lambda: None)
        with recording():
            for name in names:
                loader.invoke(name)
            expected, report = loader.report_dict(), loader.report(all=True)
            for found in self.each(loader.report_dict):
                self.assertEqual(found, expected)
            for found in self.each(lambda: loader.report(all=True)):
                self.assertEqual(found, report)

    def test_kinds(self):
        for plugin in (coroutine_function, Callable()):
            with recording():
                for wrapper in self.each(lambda: tidemark.wrap("kind", plugin)):
                    wrapper().close()
                self.assertEqual(tidemark.snapshot(), [])  # closed before its first step it was no call

    def test_names(self):
        for wrapper in self.each(lambda: tidemark.wrap("n\u00e4me", coroutine_function)):
            self.assertIn("n\u00e4me", repr(wrapper))

    def test_fields_of_a_run(self):
        """A field that is not found would be one of start(), which knows none of that name."""
        for run in self.each(lambda: tidemark.profile_run("tm.db", key="k", branch="main", version="1")):
            self.assertIsInstance(run, tidemark.profile_run)


if __name__ == "__main__":
    unittest.main()
