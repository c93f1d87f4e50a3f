// Launchers' variables and the flags of both originals.
#include "springbok/ranks/place.h"

#include <gtest/gtest.h>

#include <map>

#include "springbok/base/error.h"
#include "tests/support/message_of.h"

namespace springbok::ranks {
namespace {

using Set = std::map<std::string, std::string>;

Variables of(Set set) {
  return [set = std::move(set)](const char* name) -> std::optional<std::string> {
    const auto found = set.find(name);
    return found == set.end() ? std::nullopt : std::optional(found->second);
  };
}

std::string message(const Set& set, const Asked& asked = {}) {
  return testing::message_of<UsageError>([&] { place_of(asked, of(set)); });
}

const Set kTorchrun{{"RANK", "5"},
                    {"WORLD_SIZE", "8"},
                    {"LOCAL_RANK", "1"},
                    {"LOCAL_WORLD_SIZE", "4"},
                    {"MASTER_ADDR", "node0"},
                    {"MASTER_PORT", "29400"}};

TEST(Place, NobodySaysAnything) {
  EXPECT_FALSE(place_of({}, of({})));
  EXPECT_FALSE(place_of({.url = "env://"}, of({{"RANK", ""}, {"WORLD_SIZE", ""}})));
}

TEST(Place, Torchrun) {
  Set set = kTorchrun;
  set["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  set["TORCHELASTIC_RESTART_COUNT"] = "3";
  const Place place = place_of({}, of(set)).value();
  EXPECT_EQ(to_text(place), "rank 5 of 8");
  EXPECT_EQ(place.local_rank, 1);
  EXPECT_EQ(place.local_size, 4);
  EXPECT_EQ(place.url, "tcp://node0:29400");
  EXPECT_FALSE(place.serves);
  EXPECT_EQ(place.restart, 3);
}

/// Kubernetes' jobs set the same variables, without an agent that serves.
TEST(Place, WithoutAnAgentRankZeroServes) {
  EXPECT_TRUE(place_of({}, of(kTorchrun))->serves);
}

TEST(Place, AnAddressOfColonsIsBracketed) {
  Set set = kTorchrun;
  set["MASTER_ADDR"] = "fe80::1";
  EXPECT_EQ(place_of({}, of(set))->url, "tcp://[fe80::1]:29400");
}

TEST(Place, OpenMpi) {
  Set set{{"OMPI_COMM_WORLD_RANK", "1"},
          {"OMPI_COMM_WORLD_SIZE", "2"},
          {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
          {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}};
  EXPECT_EQ(place_of({}, of(set))->url, "tcp://127.0.0.1:29500");
  set["OMPI_COMM_WORLD_LOCAL_SIZE"] = "1";
  EXPECT_EQ(message(set),
            "Open MPI does not say where rank 0 is: add 'mpirun -x MASTER_ADDR=HOST' with its machine's name");
  set["MASTER_ADDR"] = "a";
  EXPECT_EQ(place_of({}, of(set))->url, "tcp://a:29500");
}

TEST(Place, Slurm) {
  const Set set{{"SLURM_PROCID", "9"},
                {"SLURM_STEP_NUM_TASKS", "16"},
                {"SLURM_LOCALID", "1"},
                {"SLURM_STEP_NODELIST", "gpu[07-08]"},
                {"SLURM_JOB_ID", "1234567"},
                {"SLURM_STEP_ID", "0"},
                {"SLURM_STEP_TASKS_PER_NODE", "8(x2)"}};
  const Place place = place_of({}, of(set)).value();
  EXPECT_EQ(to_text(place), "rank 9 of 16");
  EXPECT_EQ(place.url, "tcp://gpu07:54567");
  EXPECT_EQ(place.local_size, 8);
}

/// sbatch sets SLURM_PROCID and SLURM_NTASKS for its script too, which is one process.
TEST(Place, ABatchScriptIsNoRank) {
  EXPECT_FALSE(place_of({}, of({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}, {"SLURM_JOB_ID", "3"}})));
}

TEST(Place, SlurmsFirstMachine) {
  EXPECT_EQ(first_host("n1"), "n1");
  EXPECT_EQ(first_host("n1,n2"), "n1");
  EXPECT_EQ(first_host("gpu[03-05,9],login1"), "gpu03");
  EXPECT_EQ(first_host("rack[2,4]-ib"), "rack2-ib");
  EXPECT_EQ(first_host("login1,gpu[03-05]"), "login1");
}

TEST(Place, AsTheOriginalsTakeIt) {
  const Place place = place_of({.url = "tcp://10.0.0.1:23456", .size = 4, .rank = 2}, of({})).value();
  EXPECT_EQ(to_text(place), "rank 2 of 4");
  EXPECT_EQ(place.url, "tcp://10.0.0.1:23456");
  EXPECT_EQ(place_of({.url = "file:///shared/meet", .size = 2, .rank = 0}, of({}))->url, "file:///shared/meet");
  EXPECT_EQ(place_of({.url = "file:///shared/meet"}, of(kTorchrun))->rank, 5);
}

TEST(Place, WhatIsMissingOrWrongIsSaid) {
  EXPECT_EQ(message({{"RANK", "0"}, {"WORLD_SIZE", "2"}}),
            "RANK is set, but not MASTER_ADDR: ranks meet at MASTER_ADDR:MASTER_PORT, an address of rank 0's machine");
  EXPECT_EQ(message({{"WORLD_SIZE", "2"}}), "WORLD_SIZE is set, but not RANK: torchrun sets both");
  EXPECT_EQ(message({{"RANK", "2"}, {"WORLD_SIZE", "2"}}), "RANK: rank 2 is none of WORLD_SIZE=2; ranks count from 0");
  EXPECT_EQ(message({{"RANK", "x"}, {"WORLD_SIZE", "2"}}), "RANK: 'x' is no whole number of 0 or more");
  EXPECT_EQ(message({}, {.url = "", .rank = 0}), "--world-size: needed, with --rank and --dist-url");
  EXPECT_EQ(message({}, {.url = "", .size = 2}), "--rank: needed, with --world-size and --dist-url");
  EXPECT_EQ(message({}, {.url = "", .size = 2, .rank = 2}), "--rank: 2 is none of --world-size 2; ranks count from 0");
  EXPECT_EQ(message({}, {.url = "10.0.0.1:5", .size = 2, .rank = 0}),
            "--dist-url: '10.0.0.1:5' is neither tcp://HOST:PORT nor file:///PATH");
  EXPECT_EQ(message({}, {.url = "", .size = 2, .rank = 0}),
            "--dist-url: needed, with --rank and --world-size: tcp://HOST:PORT or file:///PATH");
}

}  // namespace
}  // namespace springbok::ranks
