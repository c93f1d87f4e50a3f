// Ranks as processes of the program: what happens to one of them ends all, with one line, or saves for all.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "springbok/base/file.h"
#include "springbok/base/rng.h"
#include "springbok/base/text.h"
#include "springbok/run/line.h"
#include "springbok/run/manifest.h"
#include "tests/support/loopback_port.h"
#include "tests/support/temporary_folder.h"

namespace springbok {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryFolder;
using Clock = std::chrono::steady_clock;

/// Grey images of 8 x 8 in the MNIST family's files.
void write_idx(const fs::path& folder, const std::string& part, std::uint32_t count) {
  const auto big_endian = [](std::ostream& file, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) file.put(static_cast<char>(value >> shift & 255));
  };
  std::ofstream images(folder / (part + "-images-idx3-ubyte"), std::ios::binary);
  std::ofstream labels(folder / (part + "-labels-idx1-ubyte"), std::ios::binary);
  for (const std::uint32_t value : {0x803U, count, 8U, 8U}) big_endian(images, value);
  for (const std::uint32_t value : {0x801U, count}) big_endian(labels, value);
  Rng rng(3, {count});
  for (std::uint32_t i = 0; i < count; ++i) {
    for (int pixel = 0; pixel < 64; ++pixel) images.put(static_cast<char>(rng.uniform(0, 60) + i % 4 * 60.0));
    labels.put(static_cast<char>(i % 4));
  }
}

/// The program in a process of its own; what it says goes to a file.
class Program {
 public:
  /// `memory`: bytes that it may map.
  Program(const std::string& arguments, const fs::path& said, rlim_t memory = RLIM_INFINITY) : said_(said) {
    std::vector<std::string> words{std::string(SPRINGBOK_BINARY_DIR) + "/springbok"};
    std::istringstream stream(arguments);
    for (std::string word; stream >> word;) words.push_back(word);
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    process_ = ::fork();
    if (process_ > 0) return;
    const int file = ::open(said.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, 1);
    ::dup2(file, 2);
    ::alarm(120);
    const rlimit limit = {memory, memory};
    if (memory != RLIM_INFINITY && ::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(126);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  Program(Program&& other) noexcept : process_(std::exchange(other.process_, -1)), said_(other.said_) {}
  ~Program() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  int process() const { return process_; }
  void send(int signal) const { ::kill(process_, signal); }
  /// The exit code, or 1000 and the signal that killed it; -1 where it does not end in time.
  int end(std::chrono::seconds limit = std::chrono::seconds(60)) {
    int status = 0;
    for (const auto until = Clock::now() + limit; Clock::now() < until;) {
      if (::waitpid(process_, &status, WNOHANG) == process_) {
        process_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return -1;
  }
  std::string said() const { return fs::exists(said_) ? read_text(said_) : ""; }
  /// Its lines that are errors.
  std::vector<std::string> errors() const {
    std::vector<std::string> found;
    std::istringstream lines(said());
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("springbok: ") || line.find("[W") != std::string::npos) found.push_back(line);
    }
    return found;
  }

 private:
  pid_t process_ = -1;
  fs::path said_;
};

class RanksProcess : public ::testing::Test {
 protected:
  RanksProcess() {
    write_idx(data_.path(), "train", 96);
    write_idx(data_.path(), "t10k", 24);
  }

  std::string command(const std::string& name, int epochs) const {
    return format(
        "train --model resnet20 --data idx:{} --size 8 --batch-size 12 --workers 0 --threads 1 --crop none "
        "--warmup-epochs 0 --lr 0.01 --epochs {} --quiet --out {}",
        data_.path().string(), epochs, (folder_ / name).string());
  }
  /// Ranks that were started one by one.
  std::vector<Program> start(const std::string& name, int ranks, int epochs, const std::string& more = "",
                             const std::vector<rlim_t>& memory = {}) {
    const int port = testing::LoopbackPort().port();
    std::vector<Program> programs;
    for (int rank = 0; rank < ranks; ++rank) {
      programs.emplace_back(format("{} --dist-url tcp://127.0.0.1:{} --world-size {} --rank {} --rank-timeout {} {}",
                                   command(name, epochs), port, ranks, rank, timeout_, more),
                            folder_ / format("{}.said.{}.{}", name, rank, ++started_),
                            memory.empty() ? RLIM_INFINITY : memory[static_cast<std::size_t>(rank)]);
    }
    return programs;
  }
  void await_step(const std::string& name, int step) const {
    const fs::path log = folder_ / name / "log.jsonl";
    const std::string wanted = format("\"step\":{},", step), spaced = format("\"step\": {},", step);
    for (int i = 0; i < 3000; ++i) {
      const std::string text = fs::exists(log) ? read_text(log) : "";
      if (text.find(wanted) != std::string::npos || text.find(spaced) != std::string::npos) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ADD_FAILURE() << name << ": no step " << step;
  }
  /// The last step that the log has; 0 without one.
  int last_step(const std::string& name) const {
    const fs::path log = folder_ / name / "log.jsonl";
    const std::string text = fs::exists(log) ? read_text(log) : "", key = "\"step\":";
    const std::size_t at = text.rfind(key);
    return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + key.size());
  }
  bool is_saving(const std::string& name) const {
    std::error_code none_yet;
    for (const auto& entry : fs::directory_iterator(folder_ / name / "checkpoints", none_yet)) {
      if (entry.path().extension() == ".tmp") return true;
    }
    return false;
  }
  /// By `kind`: while they start, while a checkpoint is written, after an epoch's last step, at any moment.
  void await_moment(const std::string& name, int kind, Rng& rng) const {
    const auto pause = [&](double least, double most) {
      std::this_thread::sleep_for(std::chrono::milliseconds(static_cast<int>(rng.uniform(least, most))));
    };
    const auto until = [&](const std::function<bool()>& comes) {
      for (int i = 0; i < 3000 && !comes(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    const int before = last_step(name);
    if (kind == 0) return pause(20, 400);
    if (kind == 1) return until([&] { return is_saving(name); });
    until([&] { return last_step(name) > before; });
    if (kind == 2) return until([&] { return last_step(name) % kStepsAnEpoch == 0; });
    pause(0, 300);
  }
  static std::vector<std::string> errors(const std::vector<Program>& programs) {
    std::vector<std::string> all;
    for (const Program& each : programs) {
      for (const std::string& line : each.errors()) all.push_back(line);
    }
    return all;
  }
  std::vector<std::byte> weights(const std::string& name) const {
    return read_file(folder_ / name / "weights.safetensors");
  }
  void expect_whole(const std::string& name, const std::string& arguments) {
    Program program(arguments, folder_ / (name + ".said"));
    EXPECT_EQ(program.end(), 0) << program.said();
  }

  static constexpr int kLong = 1000;  // epochs, which no test waits for
  static constexpr int kStepsAnEpoch = 8;
  TemporaryFolder data_, folder_;
  int started_ = 0, timeout_ = 8;  // seconds
};

/// A rank that is killed, or halted, for each place: all others end in time, and one line names it and the last step.
TEST_F(RanksProcess, OneThatIsLostEndsAll) {
  for (const int signal : {SIGKILL, SIGSTOP}) {
    for (const int lost : {0, 1}) {
      const std::string name = format("lost{}.{}", lost, signal);
      std::vector<Program> ranks = start(name, 3, kLong);
      await_step(name, 3);
      ranks[static_cast<std::size_t>(lost)].send(signal);
      for (int rank = 0; rank < 3; ++rank) {
        if (rank == lost) continue;
        const int code = ranks[static_cast<std::size_t>(rank)].end(std::chrono::seconds(15));
        EXPECT_EQ(code, rank == (lost == 0 ? 1 : 0) ? 1 : 3) << name << ", rank " << rank;
      }
      const std::vector<std::string> said = errors(ranks);
      ASSERT_EQ(said.size(), 1U) << name << ": " << join_first(said, 9);
      EXPECT_TRUE(said[0].starts_with("springbok: last step ")) << said[0];
      EXPECT_NE(said[0].find(format(": rank {} is gone, or hangs", lost)), std::string::npos) << said[0];
      EXPECT_NE(said[0].find("; go on from the last checkpoint with --resume auto"), std::string::npos) << said[0];
    }
  }
}

/// One rank alone has no memory for its step: all end, and one line names it and the last step.
TEST_F(RanksProcess, OneWithoutMemoryEndsAll) {
  constexpr rlim_t kTooFew = 1'000'000'000;
  std::vector<Program> ranks = start("full", 2, kLong, "--train-size 384", {RLIM_INFINITY, kTooFew});
  for (Program& each : ranks) EXPECT_NE(each.end(std::chrono::seconds(30)), -1);
  const std::vector<std::string> said = errors(ranks);
  ASSERT_EQ(said.size(), 1U) << join_first(said, 9);
  EXPECT_NE(said[0].find("rank 1 of 2: "), std::string::npos) << said[0];
  EXPECT_NE(said[0].find("memory"), std::string::npos) << said[0];
}

/// SIGTERM and SIGINT to one rank stop all at the same step, with all saved; a run that goes on ends as an undisturbed
/// one, bit for bit.
TEST_F(RanksProcess, ASignalToOneRankStopsAllAndTheyGoOn) {
  std::vector<Program> whole = start("whole", 2, 3);
  for (Program& each : whole) EXPECT_EQ(each.end(), 0) << each.said();
  for (const int signal : {SIGTERM, SIGINT}) {
    const std::string name = format("parts{}", signal);
    std::vector<Program> ranks = start(name, 2, 3);
    await_step(name, 5);
    ranks[1].send(signal);
    for (Program& each : ranks) EXPECT_EQ(each.end(), 128 + signal) << each.said();
    EXPECT_EQ(errors(ranks).size(), 0U) << join_first(errors(ranks), 5);
    EXPECT_NE(ranks[0].said().find("; go on with --resume auto"), std::string::npos) << ranks[0].said();
    std::vector<Program> again = start(name, 2, 3, "--resume auto");
    for (Program& each : again) EXPECT_EQ(each.end(), 0) << each.said();
    EXPECT_EQ(weights(name), weights("whole"));
  }
}

TEST_F(RanksProcess, USR1SavesAndGoesOn) {
  std::vector<Program> ranks = start("run", 2, kLong, "--keep 1000");
  await_step("run", 3);
  ranks[1].send(SIGUSR1);
  for (int i = 0; i < 500 && ranks[0].said().find("as asked") == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_NE(ranks[0].said().find(", as asked"), std::string::npos) << ranks[0].said();
  ranks[0].send(SIGTERM);
  for (Program& each : ranks) EXPECT_EQ(each.end(), 128 + SIGTERM) << each.said();
}

/// A run of two ranks that is killed twenty times ends as an undisturbed one. Killed is one rank, or both: while they
/// start, while a checkpoint is written, while they evaluate, and at any moment.
TEST_F(RanksProcess, KilledAgainAndAgainItEndsInTheSameBits) {
  constexpr int kKills = 20, kEpochs = 20;
  std::vector<Program> whole = start("whole", 2, kEpochs, "--checkpoint-steps 2");
  for (Program& each : whole) ASSERT_EQ(each.end(), 0) << each.said();
  timeout_ = 4;
  Rng rng(11, {1});
  int unfinished = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    std::vector<Program> ranks = start("parts", 2, kEpochs, "--checkpoint-steps 2 --resume auto");
    await_moment("parts", kill % 4, rng);
    const std::size_t first = kill % 3 == 0 ? 1 : 0;
    ranks[first].send(SIGKILL);
    if (kill % 3 == 2) ranks[1].send(SIGKILL);
    unfinished += ranks[first].end() == 1000 + SIGKILL ? 1 : 0;
    EXPECT_NE(ranks[1 - first].end(std::chrono::seconds(20)), -1) << "kill " << kill;
  }
  EXPECT_GT(unfinished, kKills / 2);
  std::vector<Program> last = start("parts", 2, kEpochs, "--checkpoint-steps 2 --resume auto");
  for (Program& each : last) ASSERT_EQ(each.end(), 0) << each.said();
  EXPECT_EQ(weights("parts"), weights("whole"));
}

/// Ranks of one command: as those that were started one by one; none is left when one is killed.
TEST_F(RanksProcess, OfOneCommandAllEndWithIt) {
  expect_whole("one", command("one", 2) + " --ranks 2");
  std::vector<Program> apart = start("apart", 2, 2);
  for (Program& each : apart) EXPECT_EQ(each.end(), 0) << each.said();
  EXPECT_EQ(weights("one"), weights("apart"));

  Program program(command("killed", kLong) + " --ranks 2 --rank-timeout 8", folder_ / "killed.said");
  await_step("killed", 2);
  std::vector<int> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string number = entry.path().filename().string();
    if (number.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "status");
    for (std::string line; std::getline(file, line);) {
      if (line == format("PPid:\t{}", program.process())) children.push_back(std::stoi(number));
    }
  }
  ASSERT_EQ(children.size(), 2U);
  ::kill(children[1], SIGKILL);
  EXPECT_EQ(program.end(std::chrono::seconds(15)), 128 + SIGKILL);
  for (const int child : children) EXPECT_NE(::kill(child, 0), 0);
  const std::vector<std::string> said = program.errors();
  ASSERT_EQ(said.size(), 1U) << join_first(said, 9);
  EXPECT_TRUE(said[0].starts_with("springbok: last step ")) << said[0];
}

/// A mistake is one line, whatever the number of ranks.
TEST_F(RanksProcess, AMistakeIsOneLine) {
  Program program(command("run", 1) + " --ranks 3 --accumulate 1000", folder_ / "said");
  EXPECT_EQ(program.end(), 2);
  EXPECT_EQ(program.errors().size(), 1U) << program.said();
  Program again(command("run", 1) + " --ranks 3 --data idx:/nowhere", folder_ / "said.again");
  EXPECT_EQ(again.end(), 1);
  EXPECT_EQ(again.errors().size(), 1U) << again.said();
}

}  // namespace
}  // namespace springbok
