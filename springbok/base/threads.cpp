// Threads: usable cores, a parallel loop and the floating-point manners of each thread.
#include "springbok/base/threads.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <exception>
#include <fstream>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "springbok/base/text.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace springbok {
namespace {

namespace fs = std::filesystem;

int affinity_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));  // more than 1,024 cores
}

std::optional<double> number_in(const fs::path& file) {
  std::ifstream stream(file);
  double value = 0;
  if (stream >> value) return value;
  return std::nullopt;
}

/// Cores allowed by one cgroup folder, v2 (`cpu.max`: "QUOTA PERIOD" or "max PERIOD") or v1 (two files, -1 for none).
std::optional<double> quota_of(const fs::path& folder) {
  double quota = 0, period = 0;
  if (std::ifstream stream(folder / "cpu.max"); stream >> quota >> period && quota > 0 && period > 0)
    return quota / period;
  const auto v1_quota = number_in(folder / "cpu.cfs_quota_us");
  const auto v1_period = number_in(folder / "cpu.cfs_period_us");
  if (v1_quota && v1_period && *v1_quota > 0 && *v1_period > 0) return *v1_quota / *v1_period;
  return std::nullopt;
}

/// The smallest quota of `mount`/`group` and its parents. In a container the group's path may be the host's and not
/// exist below the mount; then only the existing parents count.
double smallest_quota(const fs::path& mount, const fs::path& group, double smallest) {
  for (fs::path below = group.relative_path();; below = below.parent_path()) {
    if (const auto quota = quota_of(mount / below)) smallest = std::min(smallest, *quota);
    if (below.empty()) return smallest;
  }
}

}  // namespace

double cgroup_quota(const fs::path& root) {
  double smallest = std::numeric_limits<double>::infinity();
  const fs::path mounts = root / "sys/fs/cgroup";
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // ID:CONTROLLERS:PATH; v2 is 0::PATH
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const fs::path group = line.substr(second + 1);
    if (controllers.empty()) {
      smallest = smallest_quota(mounts, group, smallest);
      smallest = smallest_quota(mounts / "unified", group, smallest);
    } else if (("," + controllers + ",").find(",cpu,") != std::string::npos) {
      smallest = smallest_quota(mounts / controllers, group, smallest);
      smallest = smallest_quota(mounts / "cpu", group, smallest);
    }
  }
  return smallest;
}

int usable_cores() {
  const double quota = std::ceil(cgroup_quota("/"));
  const int cores = affinity_cores();
  return quota < cores ? std::max(1, static_cast<int>(quota)) : cores;
}

void flush_denormals() {
#if defined(__x86_64__)
  constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  _mm_setcsr(_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
#elif defined(__aarch64__)
  std::uint64_t control = 0;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  asm volatile("msr fpcr, %0" ::"r"(control | std::uint64_t{1} << 24));
#endif
}

void parallel_for(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr first_error;
  const auto run = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) work(i);
    } catch (...) {
      next = count;
      const std::lock_guard lock(mutex);
      if (!first_error) first_error = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> helpers;
    const std::size_t wanted = std::min(count, static_cast<std::size_t>(std::max(1, threads)));
    try {
      while (helpers.size() + 1 < wanted) {
        helpers.emplace_back([&run] {
          flush_denormals();
          run();
        });
      }
    } catch (const std::system_error&) {
      // The system grants no more threads: those there are do the work.
    }
    run();
  }
  if (first_error) std::rethrow_exception(first_error);
}

ThreadSplit split_threads(int cores, int compute_asked, int loaders_asked) {
  ThreadSplit split;
  split.compute = compute_asked > 0 ? compute_asked : std::max(1, cores);
  const int left = cores - split.compute;
  split.loaders = loaders_asked >= 0 ? loaders_asked : std::max(1, left > 0 ? left : cores);
  return split;
}

}  // namespace springbok
