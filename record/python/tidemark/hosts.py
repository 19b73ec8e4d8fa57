"""Plugins of hosts that were not written for Tidemark: what is wrapped where, so that nobody changes a line."""
import atexit
import fnmatch
import functools
import importlib
import inspect
import os
import sys

import tidemark


def _is_method(obj, key):
    """By what is there, without asking the object: properties and other attributes may do something, or raise."""
    static = inspect.getattr_static(obj, key, None)
    return inspect.isroutine(static) or isinstance(static, (classmethod, staticmethod))


def instrument_object(name, obj, methods=None):
    """Wraps methods of the object (default: all public ones) as the plugins 'NAME.METHOD'; returns the object."""
    if not hasattr(obj, "__dict__"):
        raise TypeError("cannot instrument '%s': a %s takes no attributes (__slots__); its class does" % (name, type(obj).__qualname__))
    if methods is None:
        methods = [key for key in dir(obj) if not key.startswith("_") and _is_method(obj, key)]
    for method in methods:
        setattr(obj, method, tidemark.wrap("%s.%s" % (name, method), getattr(obj, method)))
    return obj


def instrument_pluggy(manager):
    """Every hook implementation that is registered with a pluggy.PluginManager, now or later, is a call of its plugin."""
    def name_of(plugin):
        """pluggy names a plugin that has no name by its address, which is another one every night."""
        name = manager.get_name(plugin)
        return type(plugin).__module__ + "." + type(plugin).__qualname__ if name == str(id(plugin)) else name

    def wrap_all(plugin):
        for caller in manager.get_hookcallers(plugin) or ():
            for implementation in caller.get_hookimpls():
                if implementation.plugin is plugin:
                    implementation.function = tidemark.wrap(name_of(plugin), implementation.function)

    register = manager.register

    @functools.wraps(register)
    def registers(plugin, name=None):
        registered = register(plugin, name)
        if registered is not None:
            wrap_all(plugin)
        return registered

    for plugin in list(manager.get_plugins()):
        wrap_all(plugin)
    manager.register = registers
    return manager


def instrument_module(module, pattern="*"):
    """Wraps the functions and coroutine functions that a module defines, whose names fit, as the plugins 'MODULE.NAME'; returns their names."""
    module = importlib.import_module(module) if isinstance(module, str) else module
    found = []
    for name, value in sorted(vars(module).items()):
        own = inspect.isroutine(value) and getattr(value, "__module__", None) == module.__name__
        if own and not name.startswith("_") and fnmatch.fnmatchcase(name, pattern):
            setattr(module, name, tidemark.wrap("%s.%s" % (module.__name__, name), value))
            found.append("%s.%s" % (module.__name__, name))
    return found


def instrument_entry_points(group):
    """What entry points of that group load, from now on, is the plugin of the entry point's name, if it can be called."""
    from importlib import metadata
    load = metadata.EntryPoint.load

    @functools.wraps(load)
    def loads(self):
        plugin = load(self)
        return tidemark.wrap(self.name, plugin) if self.group == group and callable(plugin) else plugin
    metadata.EntryPoint.load = loads


MOST_NAMES = 1000  # of requests: a client chooses the paths that it asks for
OTHER_REQUESTS = "other requests"


def _measured(steps, name):
    """A function that gives the measured `steps` for what name() is to be asked of. What cannot be a plugin's name is OTHER_REQUESTS,
    as what comes after MOST_NAMES names: whatever a client sends, a request is answered."""
    others, known = tidemark.wrap(OTHER_REQUESTS if callable(name) else name, steps), {}

    def measured_for(request):
        try:
            plugin = name(request)
            if plugin not in known and len(known) < MOST_NAMES:
                known[plugin] = tidemark.wrap(plugin, steps)
            return known.get(plugin, others)
        except Exception:
            return others
    return measured_for if callable(name) else lambda request: others


def wsgi(app, name="wsgi"):
    """A WSGI application whose requests are calls of the plugin `name`, or of what name(environ) returns, to the last byte of the body."""
    def steps(environ, start_response):
        body = app(environ, start_response)
        try:
            yield from body
        finally:
            if hasattr(body, "close"):
                body.close()

    measured_for = _measured(steps, name)
    return lambda environ, start_response: measured_for(environ)(environ, start_response)


def asgi(app, name="asgi"):
    """An ASGI application whose requests are calls of the plugin `name`, or of what name(scope) returns, with all that they send."""
    async def steps(scope, receive, send):
        return await app(scope, receive, send)

    async def measured(scope, receive, send):
        return await (app if scope["type"] == "lifespan" else measured_for(scope))(scope, receive, send)

    measured_for = _measured(steps, name)
    return measured


_submit = None


def follow_threads():
    """Work that a plugin hands to concurrent.futures, and so to asyncio.to_thread and run_in_executor, is the plugin's: no bind() needed."""
    global _submit
    from concurrent.futures import ThreadPoolExecutor
    if _submit:
        return
    _submit = ThreadPoolExecutor.submit

    @functools.wraps(_submit)
    def submit(self, fn, /, *arguments, **keywords):
        return _submit(self, tidemark.bind(fn), *arguments, **keywords)
    ThreadPoolExecutor.submit = submit


def instrument(words):
    """A list as in 'pluggy,entry-points:GROUP,module:NAME.PATTERN': what is not there yet is wrapped when it comes."""
    for word in filter(None, (word.strip() for word in words.split(","))):
        kind, _, rest = word.partition(":")
        if kind == "pluggy" and not rest:
            pluggy = importlib.import_module("pluggy")
            begin = pluggy.PluginManager.__init__

            @functools.wraps(begin)
            def begins(self, *arguments, _begin=begin, **keywords):
                _begin(self, *arguments, **keywords)
                instrument_pluggy(self)
            pluggy.PluginManager.__init__ = begins
        elif kind == "entry-points" and rest:
            instrument_entry_points(rest)
        elif kind == "module" and rest:
            module, _, pattern = rest.rpartition(":") if ":" in rest else (rest, "", "*")
            if not instrument_module(module, pattern):
                raise ValueError("instrument '%s': no public function that '%s' defines fits '%s'" % (word, module, pattern))
        elif kind == "threads" and not rest:
            follow_threads()
        else:
            raise ValueError("instrument '%s': expected pluggy, threads, entry-points:GROUP or module:NAME[:PATTERN]" % word)


def record_to(path, key=None, **options):
    """Records from here to the end of the process, and writes it then. Returns whether it records."""
    run = tidemark.profile_run(path, *([key] if key else []), **{"on": True, **options})
    run.__enter__()
    owner = os.getpid()
    atexit.register(lambda: os.getpid() == owner and run.__exit__(None, None, None))
    return tidemark.enabled()


def _is_command():
    """Is this `python -m tidemark`, whose options come before the environment?"""
    told, given = getattr(sys, "argv", []), getattr(sys, "orig_argv", None)
    if told[:1] != ["-m"]:
        return False
    return given[len(given) - len(told)] in ("tidemark", "-mtidemark") if given else told[1:2] == ["run"]  # Python 3.9 tells no name


def from_environment():
    """TIDEMARK_OUT=night.csv (or a store) records the whole process; TIDEMARK_INSTRUMENT says what is wrapped."""
    if _is_command():
        return
    out, words = os.environ.get("TIDEMARK_OUT"), os.environ.get("TIDEMARK_INSTRUMENT", "")
    if out and not tidemark.enabled():
        record_to(out)
    instrument(words)
