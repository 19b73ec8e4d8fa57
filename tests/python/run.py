"""Runs one file of tests and prints 'ok python NAME' or 'not ok python NAME' for each case."""
import os
import sys
import unittest


class Lines(unittest.TestResult):
    def name(self, test):
        return "python " + test.id()

    def bad(self, test, error):
        print("not ok", self.name(test))
        print("  " + self._exc_info_to_string(error, test).replace("\n", "\n  "), flush=True)

    def addSuccess(self, test):
        print("ok", self.name(test), flush=True)

    def addSkip(self, test, reason):
        print("ok", self.name(test), "# skipped:", reason, flush=True)

    def addError(self, test, error):
        super().addError(test, error)
        self.bad(test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.bad(test, error)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error:
            self.bad(subtest, error)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    suite = unittest.defaultTestLoader.loadTestsFromNames(sys.argv[1:])
    result = Lines()
    suite.run(result)
    sys.exit(not result.wasSuccessful())
