"""tidemark_pstats: cProfile's files as CSV."""
import cProfile
import csv
import io
import os
import subprocess
import sys
import tempfile
import unittest

import tidemark_pstats


def leaf():
    return sum(range(100))


def branch(depth):
    leaf()
    return branch(depth - 1) if depth else 0


def profile(times):
    recorder = cProfile.Profile()
    recorder.enable()
    for _ in range(times):
        branch(3)
    recorder.disable()
    return recorder


class Pstats(unittest.TestCase):
    def rows(self, found, **options):
        out = io.StringIO()
        tidemark_pstats.write(found, out, **options)
        return {row["plugin"]: row for row in csv.DictReader(io.StringIO(out.getvalue()))}

    def test_calls_and_times(self):
        rows = self.rows(tidemark_pstats.profiles([profile(5)]))
        mine = os.path.relpath(os.path.abspath(__file__), os.path.dirname(os.path.abspath(__file__)))
        self.assertEqual(rows[mine + ":branch"]["calls"], "5")  # not the 15 that it makes of itself
        self.assertEqual(rows[mine + ":leaf"]["calls"], "20")
        self.assertGreaterEqual(float(rows[mine + ":branch"]["wall_ms"]), float(rows[mine + ":leaf"]["wall_ms"]))
        self.assertIn("<built-in method builtins.sum>", rows)

    def test_no_name_has_an_address(self):
        recorder = cProfile.Profile()
        recorder.runcall(object.__new__, Pstats)
        self.assertEqual([name for name in tidemark_pstats.profiles([recorder]) if " at 0x" in name], [])
        self.assertIn("<built-in method __new__ of type object>", tidemark_pstats.profiles([recorder]))

    def test_picks_a_directory(self):
        rows = self.rows(tidemark_pstats.profiles([profile(1)], os.path.dirname(os.path.abspath(__file__))))
        self.assertEqual(sorted(rows), ["test_pstats.py:branch", "test_pstats.py:leaf"])
        self.assertEqual(self.rows(tidemark_pstats.profiles([profile(1)]), least=1e9), {})

    def run_main(self, *arguments):
        command = [sys.executable, "-m", "tidemark_pstats", *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)

    def test_what_it_prints_is_read(self):
        with tempfile.TemporaryDirectory() as directory:
            file = os.path.join(directory, "night.prof")
            profile(2).dump_stats(file)
            printed = self.run_main(file, file)
            self.assertEqual((printed.returncode, printed.stderr), (0, ""))
            self.assertIn(":leaf,16,", printed.stdout)  # both added up
            stored = subprocess.run([os.environ["TIDEMARK"], "--db", os.path.join(directory, "p.db"), "ingest", "-"],
                                    input=printed.stdout, stdout=subprocess.PIPE, text=True, check=False)
            self.assertEqual(stored.returncode, 0)

    def test_other_files(self):
        with tempfile.TemporaryDirectory() as directory:
            for content in (b"", b"plugin,calls\n", b"{}", bytes(range(256))):
                file = os.path.join(directory, "other")
                with open(file, "wb") as out:
                    out.write(content)
                printed = self.run_main(file)
                self.assertEqual((printed.returncode, printed.stdout), (2, ""))
                self.assertIn("expected what cProfile writes", printed.stderr)
            none = os.path.join(directory, "none")
            printed = self.run_main(none)
            self.assertEqual((printed.returncode, printed.stderr), (2, f"tidemark_pstats: {none}: No such file or directory\n"))


if __name__ == "__main__":
    unittest.main()
