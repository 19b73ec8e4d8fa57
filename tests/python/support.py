"""What the tests of the extension share."""
import contextlib
import os
import subprocess
import sys
import time

import tidemark

SANITIZED = "TM_SANITIZED" in os.environ


@contextlib.contextmanager
def recording(**options):
    tidemark.start(**{"on": True, "spike_interval": 0, **options})
    try:
        yield
    finally:
        tidemark.stop()


def profile(name):
    """What the snapshot says of a plugin; None: it was not called."""
    return next((entry for entry in tidemark.snapshot() if entry["plugin"] == name), None)


def counts(name):
    """calls, errors, cancelled, timeouts"""
    entry = profile(name)
    return tuple(entry[key] for key in ("calls", "errors", "cancelled", "timeouts")) if entry else (0, 0, 0, 0)


def burn(seconds):
    """Uses so much CPU of this thread; returns how much it was, in milliseconds."""
    start = time.thread_time_ns()
    while time.thread_time_ns() - start < seconds * 1e9:
        sum(range(100))
    return (time.thread_time_ns() - start) / 1e6


def near(test, measured, expected):
    """CPU milliseconds agree, as far as the work around the measured code allows."""
    test.assertAlmostEqual(measured, expected, delta=(3 + 0.03 * expected) * (3 if SANITIZED else 1))


def frames(exception):
    """The functions in an exception's traceback, the outermost first."""
    names, traceback = [], exception.__traceback__
    while traceback:
        names.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    return names


def resident_kb():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def run_python(code, *arguments, **environment):
    """Another interpreter with the module: exit code, standard output, standard error."""
    environment = {**{k: v for k, v in os.environ.items() if k != "PLUGIN_PROFILING"}, **environment}
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr
