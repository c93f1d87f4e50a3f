// Threads: core counts from made-up cgroup trees, denormals, the parallel loop.
#include "springbok/base/threads.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "springbok/base/file.h"
#include "tests/support/message_of.h"
#include "tests/support/temporary_folder.h"

namespace springbok {
namespace {

using testing::TemporaryFolder;

void put(const TemporaryFolder& root, const std::string& name, const std::string& text) {
  const auto path = root / name;
  make_folder(path.parent_path());
  write_file(path, text);
}

TEST(CgroupQuota, NoneWithoutCgroups) {
  const TemporaryFolder root;
  EXPECT_TRUE(std::isinf(cgroup_quota(root.path())));
}

TEST(CgroupQuota, V2TakesTheSmallestOfTheParents) {
  const TemporaryFolder root;
  put(root, "proc/self/cgroup", "0::/user.slice/job.scope\n");
  put(root, "sys/fs/cgroup/user.slice/job.scope/cpu.max", "400000 100000\n");
  EXPECT_EQ(cgroup_quota(root.path()), 4);
  put(root, "sys/fs/cgroup/user.slice/cpu.max", "150000 100000\n");
  EXPECT_EQ(cgroup_quota(root.path()), 1.5);
  put(root, "sys/fs/cgroup/user.slice/cpu.max", "max 100000\n");
  EXPECT_EQ(cgroup_quota(root.path()), 4);
}

TEST(CgroupQuota, V2InAContainerThatSeesTheHostsPath) {
  const TemporaryFolder root;
  put(root, "proc/self/cgroup", "0::/docker/0123abc\n");
  put(root, "sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(cgroup_quota(root.path()), 2);
}

TEST(CgroupQuota, V1) {
  const TemporaryFolder root;
  put(root, "proc/self/cgroup", "5:memory:/job\n4:cpu,cpuacct:/job\n3:cpuset:/\n1:name=systemd:/a:b\n");
  const std::string folder = "sys/fs/cgroup/cpu,cpuacct/job/";
  put(root, folder + "cpu.cfs_period_us", "100000\n");
  put(root, folder + "cpu.cfs_quota_us", "-1\n");
  EXPECT_TRUE(std::isinf(cgroup_quota(root.path())));
  put(root, folder + "cpu.cfs_quota_us", "50000\n");
  EXPECT_EQ(cgroup_quota(root.path()), 0.5);
}

TEST(UsableCores, FollowTheAffinityMask) {
  EXPECT_GE(usable_cores(), 1);
  std::thread pinned([] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
    EXPECT_EQ(usable_cores(), 1);
  });
  pinned.join();
}

TEST(FlushDenormals, WorksInTheCallingThreadOnly) {
  const auto halved_smallest = [] {
    volatile double smallest = std::numeric_limits<double>::min();
    return smallest / 2;
  };
  std::thread flushing([&] {
    EXPECT_GT(halved_smallest(), 0);
    flush_denormals();
    EXPECT_EQ(halved_smallest(), 0);
  });
  flushing.join();
  EXPECT_GT(halved_smallest(), 0);
}

TEST(ParallelFor, DoesEverythingOnce) {
  for (const int threads : {-1, 0, 1, 2, 7}) {
    std::vector<std::atomic<int>> done(100);
    parallel_for(done.size(), threads, [&](std::size_t i) { ++done[i]; });
    for (const auto& count : done) EXPECT_EQ(count, 1);
  }
  parallel_for(0, 4, [](std::size_t) { FAIL(); });
}

TEST(ParallelFor, UsesSeveralThreads) {
  std::atomic<int> waiting{0};
  parallel_for(3, 3, [&](std::size_t) {
    ++waiting;
    while (waiting < 3) std::this_thread::yield();  // ends only when three run at once
  });
}

TEST(ParallelFor, RethrowsAndSkipsTheRest) {
  for (const int threads : {1, 3}) {
    std::atomic<int> done{0};
    const auto work = [&](std::size_t i) {
      if (i == 5) throw std::runtime_error("five");
      ++done;
    };
    EXPECT_EQ(testing::message_of<std::runtime_error>([&] { parallel_for(1'000'000, threads, work); }), "five");
    EXPECT_LT(done, 1'000'000);
  }
}

TEST(SplitThreads, Splits) {
  const auto split = [](int cores, int compute, int loaders) {
    const ThreadSplit s = split_threads(cores, compute, loaders);
    return std::pair(s.compute, s.loaders);
  };
  EXPECT_EQ(split(2, 0, -1), std::pair(2, 2));
  EXPECT_EQ(split(1, 0, -1), std::pair(1, 1));
  EXPECT_EQ(split(8, 6, -1), std::pair(6, 2));
  EXPECT_EQ(split(8, 8, -1), std::pair(8, 8));
  EXPECT_EQ(split(8, 0, 3), std::pair(8, 3));
  EXPECT_EQ(split(8, 4, 0), std::pair(4, 0));
}

}  // namespace
}  // namespace springbok
