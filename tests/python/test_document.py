"""The sessions of docs/python.md, as they are written there."""
import doctest
import os
import tempfile
import unittest

import tidemark

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "python.md")


class Document(unittest.TestCase):
    def test_sessions(self):
        before = os.getcwd()
        with open(DOCUMENT, encoding="utf-8") as file:
            text = file.read().replace("\n```\n", "\n\n")  # a fence ends an example's output
        examples = doctest.DocTestParser().get_doctest(text, {}, "python.md", DOCUMENT, 0)
        self.assertGreater(len(examples.examples), 15)
        said = []
        with tempfile.TemporaryDirectory() as directory:
            os.chdir(directory)
            try:
                doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(examples, out=said.append)
                written = sorted(os.listdir())
            finally:
                os.chdir(before)
                tidemark.stop()
        self.assertEqual("".join(said), "")
        self.assertEqual(written, ["night.csv", "plugins.db"])

    def test_everything_is_described(self):
        with open(DOCUMENT, encoding="utf-8") as file:
            text = file.read()
        for name in dir(tidemark):
            if not name.startswith("_"):
                self.assertIn(name, text)
        for key in ("wall_ms", "cpu_ms", "occupied_ms", "longest_step_ms", "cancelled", "timeouts", "growers"):
            self.assertIn(key, text)


if __name__ == "__main__":
    unittest.main()
