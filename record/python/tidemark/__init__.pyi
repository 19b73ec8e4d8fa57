"""What the module offers, for type checkers; help(tidemark) explains it."""
from datetime import datetime
from os import PathLike
from types import ModuleType, TracebackType
from typing import Any, Awaitable, Callable, Iterable, TypedDict, TypeVar, overload

_F = TypeVar("_F", bound=Callable[..., Any])
_T = TypeVar("_T")
_Path = str | bytes | PathLike[str] | PathLike[bytes]
_Time = int | float | str | datetime | None

__version__: str

class Error(RuntimeError): ...
class UnknownPlugin(KeyError): ...

class _ErrorKind(TypedDict):
    type: str
    message: str
    count: int

class _Grower(TypedDict):
    where: str
    size_kb: float
    size_diff_kb: float
    count: int
    count_diff: int

class _Entry(TypedDict):
    plugin: str
    version: str | None
    calls: int
    errors: int
    cancelled: int
    timeouts: int
    wall_ms: float
    cpu_ms: float
    occupied_ms: float
    self_wall_ms: float
    self_cpu_ms: float
    wall_p50_ms: float | None
    wall_p95_ms: float | None
    wall_p99_ms: float | None
    wall_max_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    longest_step_ms: float | None
    held_ms: float
    held_others_ms: float
    preempted_ms: float
    mem_delta_kb: float | None
    peak_mem_kb: float | None
    clock: str
    kinds_of_errors: list[_ErrorKind]
    other_errors: int
    growers: list[_Grower] | None

class _Spike(TypedDict):
    at_ms: float
    duration_ms: float | None
    cpu_percent: float
    plugin: str | None

class _Info(TypedDict):
    version: str
    on: bool
    clock: str
    why_not_rseq: str
    drift_ppm: float

_Errors = type[BaseException] | tuple[type[BaseException], ...] | Callable[[BaseException], bool | None] | None
_OnSpike = Callable[[_Spike], object] | bool | None

def start(on: bool | None = None, clock: str = "best", memory: str = "off", spike_interval: float = 1.0, spike_percent: float = 80,
          on_spike: _OnSpike = None, trace: _Path | None = None, trace_share: float = 1.0,
          tracemalloc_plugins: Iterable[str] | None = None, errors: _Errors = None) -> bool: ...
def stop() -> None: ...
def enabled() -> bool: ...
def info() -> _Info: ...
def snapshot() -> list[_Entry]: ...
def spikes() -> list[_Spike]: ...
def flush_csv(path: _Path, /) -> None: ...
def flush_store(path: _Path, key: str, started_at: _Time = None, project: str | None = None, branch: str | None = None,
                commit: str | None = None, host: str | None = None, version: str | None = None, part: str | bool | None = None) -> None: ...
@overload
def wrap(name: str, fn: _F, version: str | None = None, tracemalloc: bool = False) -> _F: ...
@overload
def wrap(name: str, *, version: str | None = None, tracemalloc: bool = False) -> Callable[[_F], _F]: ...
def bind(fn: _T, /) -> _T: ...
def follow_tasks(loop: object = None) -> None: ...

class call:
    def __init__(self, name: str) -> None: ...
    def __enter__(self) -> call: ...
    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None: ...
    def __aenter__(self) -> Awaitable[call]: ...
    def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> Awaitable[None]: ...

class profile_run:
    def __init__(self, path: _Path, key: str | None = None, *, started_at: _Time = None, project: str | None = None,
                 branch: str | None = None, commit: str | None = None, host: str | None = None, version: str | None = None,
                 **options: Any) -> None: ...
    def __enter__(self) -> profile_run: ...
    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None: ...
    def __aenter__(self) -> Awaitable[profile_run]: ...
    def __aexit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> Awaitable[None]: ...

class PluginLoader:
    @overload
    def register(self, name: str, fn: _F, version: str | None = None) -> _F: ...
    @overload
    def register(self, name: str, *, version: str | None = None) -> Callable[[_F], _F]: ...
    def invoke(self, name: str, /, *args: Any, **kwargs: Any) -> Any: ...
    def names(self) -> list[str]: ...
    def report(self, all: bool = False) -> str: ...
    def report_dict(self) -> dict[str, _Entry]: ...

def instrument(words: str) -> None: ...
def instrument_object(name: str, obj: _T, methods: Iterable[str] | None = None) -> _T: ...
def instrument_pluggy(manager: _T) -> _T: ...
def instrument_module(module: str | ModuleType, pattern: str = "*") -> list[str]: ...
def instrument_entry_points(group: str) -> None: ...
def follow_threads() -> None: ...
def wsgi(app: Callable[..., Iterable[bytes]], name: str | Callable[[dict[str, Any]], str] = "wsgi") -> Callable[..., Iterable[bytes]]: ...
def asgi(app: Callable[..., Awaitable[None]], name: str | Callable[[Any], str] = "asgi") -> Callable[..., Awaitable[None]]: ...
