// Threads: how many this process may use, a pool, and the floating-point manners of each thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>

namespace springbok {

/// Cores this process may use: the smaller of its affinity mask and its cgroup's CPU quota (v1 or v2). A part of a core
/// counts as one, and the least is 1.
int usable_cores();

/// The CPU quota in cores (1.5) of this process's cgroup and its parents, infinity when there is none. `root` holds
/// `proc` and `sys`: "/", except in tests.
double cgroup_quota(const std::filesystem::path& root);

/// Treats denormals as zero in the calling thread (x86 FTZ+DAZ, AArch64 FZ). Call first in every thread.
void flush_denormals();

/// Runs `work(i)` for i in [0, count) on up to `threads` threads and returns when all are done. The first exception
/// thrown by any of them is rethrown here; the rest of the work is then skipped.
void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& work);

/// How the cores are split between compute and loading.
struct ThreadSplit {
  int compute = 1;
  int loaders = 1;
};

/// The split for `cores` usable cores. compute_asked < 1 and loaders_asked < 0 mean "not given" (0 loaders: load in the
/// caller's thread). When neither is given all cores compute, and as many loaders are added beside them (they sleep
/// unless the queue runs dry). When fewer compute threads are asked for, the cores left over load.
ThreadSplit split_threads(int cores, int compute_asked, int loaders_asked);

}  // namespace springbok
