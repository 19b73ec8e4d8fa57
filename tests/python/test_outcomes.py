"""What is an error, and what is only a way to end a call."""
import asyncio
import os
import sys
import types
import unittest

import tidemark
from support import counts, profile, recording, run_python


def module(name, **members):
    """A stand-in for a package that need not be there."""
    made = types.ModuleType(name)
    vars(made).update(members)
    sys.modules[name] = made
    return made


class HTTPException(Exception):
    __module__ = "starlette.exceptions"

    def __init__(self, **fields):
        super().__init__(str(fields))
        vars(self).update(fields)


class HTTPNotFound(HTTPException):
    pass


class Http404(Exception):
    __module__ = "django.http.response"


class OfAClient(Exception):
    """As discord.HTTPException: a request that this program has made has failed."""
    status = 404


OfAClient.__name__ = OfAClient.__qualname__ = "HTTPException"


class HTTPError(Exception):
    code = 404


class Outcomes(unittest.TestCase):
    def ends(self, exception, expected, **options):
        def plugin():
            raise exception

        with recording(**options):
            with self.assertRaises(type(exception)):
                tidemark.wrap("plugin", plugin)()
            self.assertEqual(counts("plugin"), expected, repr(exception))
            self.assertEqual(bool(profile("plugin")["kinds_of_errors"]), expected[1] == 1 and expected[3] == 0)

    def test_control_flow_is_no_error(self):
        class Cancelled(BaseException):
            pass

        class Skipped(BaseException):
            pass

        module("trio", Cancelled=Cancelled)
        module("_pytest.outcomes", Skipped=Skipped)
        self.addCleanup(sys.modules.pop, "trio")
        self.addCleanup(sys.modules.pop, "_pytest.outcomes")
        for exception in (SystemExit(), SystemExit(0), unittest.SkipTest("no"), Skipped(), Http404(),
                          HTTPNotFound(status=404), HTTPException(status_code=302), HTTPException(code=499)):
            self.ends(exception, (1, 0, 0, 0))
        for exception in (KeyboardInterrupt(), asyncio.CancelledError(), Cancelled()):
            self.ends(exception, (1, 0, 1, 0))

    def test_failures_are(self):
        for exception in (SystemExit(1), SystemExit("words"), HTTPException(status=500), HTTPException(status_code=None), HTTPException(),
                          HTTPException(code="404"), HTTPError(), OfAClient(), LookupError("no")):
            self.ends(exception, (1, 1, 0, 0))
        self.ends(TimeoutError(), (1, 1, 0, 1))

    def test_types(self):
        self.ends(LookupError("no"), (1, 0, 0, 0), errors=OSError)
        self.ends(KeyError("no"), (1, 1, 0, 0), errors=(OSError, LookupError))
        self.ends(HTTPNotFound(status=404), (1, 1, 0, 0), errors=HTTPException)
        self.ends(asyncio.CancelledError(), (1, 0, 1, 0), errors=BaseException)

    def test_a_function(self):
        def says(exception):
            return {"yes": True, "no": False}.get(str(exception))

        self.ends(LookupError("yes"), (1, 1, 0, 0), errors=says)
        self.ends(LookupError("no"), (1, 0, 0, 0), errors=says)
        self.ends(LookupError("else"), (1, 1, 0, 0), errors=says)
        self.ends(SystemExit(0), (1, 0, 0, 0), errors=says)

    def test_a_function_that_fails(self):
        told = []
        before, sys.unraisablehook = sys.unraisablehook, told.append
        self.addCleanup(setattr, sys, "unraisablehook", before)
        self.ends(LookupError("no"), (1, 1, 0, 0), errors=lambda exception: 1 / 0)
        self.assertIs(told[0].exc_type, ZeroDivisionError)

    def test_wrong_filters(self):
        for errors in (3, True, int, "LookupError", (3,), (LookupError, "x"), (LookupError, int)):
            with self.assertRaisesRegex(TypeError, "errors must be"):
                tidemark.start(on=True, errors=errors)
            self.assertFalse(tidemark.enabled())


class Hosts(unittest.TestCase):
    def test_info_says_which_clock_and_why(self):
        with recording(clock="syscall"):
            info = tidemark.info()
            self.assertEqual((info["clock"], info["why_not_rseq"], info["on"]), ("thread_cputime", "the system call was asked for", True))
            self.assertLess(abs(info["drift_ppm"]), 1000)
        with recording():
            self.assertEqual(tidemark.info()["clock"] == "rseq", tidemark.info()["why_not_rseq"] == "")

    def test_greenlets_are_refused(self):
        module("gevent.monkey", saved={"socket": {}})
        self.addCleanup(sys.modules.pop, "gevent.monkey")
        with self.assertRaisesRegex(tidemark.Error, "cannot record under gevent: it switches greenlets"):
            tidemark.start(on=True)
        self.assertFalse(tidemark.start())
        module("gevent.monkey", saved={})
        with recording():
            pass

    def test_spikes_are_printed(self):
        code = ("import tidemark, time; tidemark.start(on=True, spike_interval=0.05, spike_percent=20, on_spike=True)\n"
                "def plugin():\n    end = time.monotonic() + 1\n    while time.monotonic() < end: pass\n"
                "tidemark.wrap('busy', plugin)(); tidemark.stop()")
        self.assertRegex(run_python(code)[2], r"(?m)^\[CPU SPIKE\] \d+\.\d% \| active plugin: busy$")

    def test_one_busy_thread_is_a_spike_of_one_cpu(self):
        code = ("import tidemark, time; tidemark.start(on=True, spike_interval=0.05, spike_percent=20)\n"
                "def plugin():\n    end = time.thread_time() + 1\n    while time.thread_time() < end: pass\n"
                "tidemark.wrap('busy', plugin)(); print(max(s['cpu_percent'] for s in tidemark.spikes()) > 100 / %d + 5)")
        cpus = len(os.sched_getaffinity(0))
        if cpus < 2:
            self.skipTest("there is one CPU")
        self.assertEqual(run_python(code % cpus)[1], "True\n")

    def test_a_forked_worker_has_a_monitor(self):
        code = ("import os, sys, tidemark, time; tidemark.start(on=True, spike_interval=0.05, spike_percent=20)\n"
                "def plugin():\n    end = time.monotonic() + 1\n    while time.monotonic() < end: pass\n"
                "busy = tidemark.wrap('busy', plugin)\n"
                "child = os.fork()\n"
                "if child == 0:\n    busy(); print(any(s['plugin'] == 'busy' for s in tidemark.spikes())); sys.stdout.flush()\n"
                "    tidemark.stop(); os._exit(0)\n"
                "os.waitpid(child, 0)")
        self.assertEqual(run_python(code), (0, "True\n", ""))

    def test_more_plugins_than_can_be_recorded(self):
        code = ("import tidemark; tidemark.start(on=True)\n"
                "for i in range(16386): tidemark.wrap('p%d' % i, int)()\n"
                "print(len(tidemark.snapshot()))")
        exit_code, out, err = run_python(code)
        self.assertEqual((exit_code, out), (0, "16384\n"))
        self.assertEqual(err.count("RuntimeWarning: cannot record plugin 'p16384': at most 16384 can be recorded"), 1, err)


if __name__ == "__main__":
    unittest.main()
