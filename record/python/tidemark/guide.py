"""The classes and functions of the usual profiling guide, under their names, measured by the recorder.

A host that has followed the guide changes one import:

    from tidemark.guide import PluginProfiler, PluginLoader, detect_bottlenecks, cpu_spike_monitor, capture_memory_diff

What the guide takes from the process (CPU, memory) is each plugin's own here, also where several take turns on one event loop.
"""
import asyncio
import dataclasses
import inspect
import statistics
import time
import tracemalloc

import tidemark


@dataclasses.dataclass
class PluginProfile:
    """What all calls of a plugin cost: times and memory are sums, the peak is that of one call."""
    name: str
    wall_time_ms: float = 0.0
    cpu_time_ms: float = 0.0
    memory_delta_kb: float = 0.0
    peak_memory_kb: float = 0.0
    call_count: int = 0
    errors: int = 0

    @property
    def avg_wall_ms(self):
        return self.wall_time_ms / self.call_count if self.call_count else 0.0


def _profile(entry):
    return PluginProfile(entry["plugin"], entry["wall_ms"], entry["cpu_ms"], entry["mem_delta_kb"] or 0.0, entry["peak_mem_kb"] or 0.0,
                         entry["calls"], entry["errors"])


class PluginProfiler:
    """Records what it has wrapped, while recording is on; making one starts it where PLUGIN_PROFILING=1, or `enabled` says so."""

    def __init__(self, enabled=None):
        self._names = set()
        if not tidemark.enabled():
            tidemark.start(on=enabled, memory="count")

    @property
    def enabled(self):
        return tidemark.enabled()

    def wrap(self, name, fn):
        self._names.add(name)
        return tidemark.wrap(name, fn)

    @property
    def profiles(self):
        """A PluginProfile of each plugin, by name, also of those that were not called."""
        found = {entry["plugin"]: _profile(entry) for entry in tidemark.snapshot() if entry["plugin"] in self._names}
        return {name: found.get(name, PluginProfile(name)) for name in sorted(self._names)}

    def report(self):
        """A line a plugin, the slowest first; returns the profiles."""
        profiles = sorted(self.profiles.values(), key=lambda profile: -profile.wall_time_ms)
        for profile in profiles:
            print("[PROFILE] %s | calls=%d | wall=%.1fms | cpu=%.1fms | mem=%+.1fKB | peak=%.1fKB | errors=%d" % (
                profile.name, profile.call_count, profile.wall_time_ms, profile.cpu_time_ms, profile.memory_delta_kb,
                profile.peak_memory_kb, profile.errors))
        return profiles


class PluginLoader:
    """Plugins by name, each wrapped as it is registered."""

    def __init__(self, profiler=None):
        self.profiler = profiler or PluginProfiler()
        self._plugins = {}

    def register(self, name, fn):
        self._plugins[name] = self.profiler.wrap(name, fn)
        return self._plugins[name]

    async def invoke(self, name, *args, **kwargs):
        if name not in self._plugins:
            raise KeyError("no plugin %r" % (name,))
        result = self._plugins[name](*args, **kwargs)
        return await result if inspect.isawaitable(result) else result

    def report(self):
        return self.profiler.report()


def detect_bottlenecks(profiles, z_threshold=2.0):
    """Prints the plugins whose wall time per call lies more than z_threshold standard deviations above the mean of all plugins. Returns
    them with their z."""
    called = [profile for profile in (profiles.values() if isinstance(profiles, dict) else profiles) if profile.call_count]
    averages = [profile.avg_wall_ms for profile in called]
    spread = statistics.stdev(averages) if len(averages) > 1 else 0.0
    found = []
    for profile in sorted(called, key=lambda profile: -profile.avg_wall_ms):
        z = (profile.avg_wall_ms - statistics.fmean(averages)) / spread if spread > 0 else 0.0
        if z > z_threshold:
            print("[BOTTLENECK] %s | avg %.1fms | z=%.2f | cpu %.1fms | errors %d" % (
                profile.name, profile.avg_wall_ms, z, profile.cpu_time_ms, profile.errors))
            found.append((profile, z))
    return found


def _culprit(before, spikes_before):
    """The plugin whose CPU time has grown most since then; one that is still under way is known to the spike monitor alone."""
    grown = {entry["plugin"]: entry["cpu_ms"] - before.get(entry["plugin"], 0.0) for entry in tidemark.snapshot()}
    fresh = tidemark.spikes()[-1:]
    if fresh and fresh != spikes_before[-1:] and fresh[0]["plugin"]:  # a spike that goes on becomes longer
        return fresh[0]["plugin"]
    return max(grown, key=grown.get) if grown and max(grown.values()) > 0 else "none"


async def cpu_spike_monitor(interval=1.0, spike_pct=80.0):
    """Prints a line when the process has used more than that share of one CPU for an interval. Runs until it is cancelled."""
    while True:
        before, spikes = {entry["plugin"]: entry["cpu_ms"] for entry in tidemark.snapshot()}, tidemark.spikes()
        wall, cpu = time.monotonic(), time.process_time()
        await asyncio.sleep(interval)
        percent = 100 * (time.process_time() - cpu) / (time.monotonic() - wall)
        if percent > spike_pct:
            print("[CPU SPIKE] %.1f%% | active plugin: %s" % (percent, _culprit(before, spikes)), flush=True)


def capture_memory_diff(before, after=None, top_n=5):
    """The files that hold most more memory than at an earlier tracemalloc snapshot: a list of {file, size_diff_kb, count_diff}."""
    after = after or tracemalloc.take_snapshot()
    grown = [line for line in after.compare_to(before, "filename") if line.size_diff > 0]
    return [{"file": line.traceback[0].filename, "size_diff_kb": line.size_diff / 1024, "count_diff": line.count_diff}
            for line in sorted(grown, key=lambda line: -line.size_diff)[:top_n]]
