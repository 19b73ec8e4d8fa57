"""Plugins of hosts that were not written for Tidemark: what is wrapped where, so that nobody changes a line."""
import atexit
import fnmatch
import functools
import importlib
import inspect
import os

import tidemark


def instrument_object(name, obj, methods=None):
    """Wraps methods of the object (default: all public ones that are its class's own) as the plugins 'NAME.METHOD'; returns the object."""
    if methods is None:
        methods = [key for key in dir(obj) if not key.startswith("_") and inspect.isroutine(getattr(obj, key, None))]
    for method in methods:
        setattr(obj, method, tidemark.wrap("%s.%s" % (name, method), getattr(obj, method)))
    return obj


def instrument_pluggy(manager):
    """Every hook implementation that is registered with a pluggy.PluginManager, now or later, is a call of its plugin."""
    def wrap_all(plugin):
        for caller in manager.get_hookcallers(plugin) or ():
            for implementation in caller.get_hookimpls():
                implementation.function = tidemark.wrap(str(implementation.plugin_name), implementation.function)

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


def wsgi(app, name="wsgi"):
    """A WSGI application whose requests are calls of the plugin `name`, or of what name(environ) returns, to the last byte of the body."""
    def measured(environ, start_response):
        return plugins(name(environ) if callable(name) else name)(environ, start_response)

    def steps(environ, start_response):
        body = app(environ, start_response)
        try:
            yield from body
        finally:
            if hasattr(body, "close"):
                body.close()

    plugins = functools.lru_cache(maxsize=1024)(lambda plugin: tidemark.wrap(plugin, steps))
    return measured


def asgi(app, name="asgi"):
    """An ASGI application whose requests are calls of the plugin `name`, or of what name(scope) returns, with all that they send."""
    async def measured(scope, receive, send):
        if scope["type"] == "lifespan":
            return await app(scope, receive, send)
        return await plugins(name(scope) if callable(name) else name)(scope, receive, send)

    async def steps(scope, receive, send):
        return await app(scope, receive, send)

    plugins = functools.lru_cache(maxsize=1024)(lambda plugin: tidemark.wrap(plugin, steps))
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
            instrument_module(module, pattern)
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


def from_environment():
    """TIDEMARK_OUT=night.csv (or a store) records the whole process; TIDEMARK_INSTRUMENT says what is wrapped."""
    out, words = os.environ.get("TIDEMARK_OUT"), os.environ.get("TIDEMARK_INSTRUMENT", "")
    if out and not tidemark.enabled():
        record_to(out)
    instrument(words)
