"""The Python module for `pip install .`: the Makefile builds it, and needs a C compiler and SQLite's header as always, but no network."""
import os
import re
import shutil
import subprocess
import sys
import sysconfig

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("TIDEMARK_BUILD", "build/pip")  # an object tree that is there already saves the time


def version():
    with open(os.path.join(HERE, "schema", "tidemark.h")) as header:
        return re.search(r'^#define TM_VERSION "(.*)"', header.read(), re.M).group(1)


class by_make(build_ext):
    def build_extension(self, extension):
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        subprocess.run(["make", "-C", HERE, "-j%d" % (os.cpu_count() or 1), "B=" + BUILD, "PYTHON=" + sys.executable, "PY_SUFFIX=" + suffix,
                        "PY_INCLUDE=" + sysconfig.get_path("include"), "python-module"], check=True)
        target = self.get_ext_fullpath(extension.name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(os.path.join(HERE, BUILD, "python", "tidemark", "__init__" + suffix), target)


setup(
    version=version(),
    package_dir={"": "record/python"},
    packages=["tidemark"],
    package_data={"tidemark": ["*.pyi", "py.typed"]},
    py_modules=["tidemark_pstats"],
    ext_modules=[Extension("tidemark.__init__", sources=[])],
    cmdclass={"build_ext": by_make},
)
