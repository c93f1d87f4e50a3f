// Tar shards, and a server of them that may misbehave (shard_server.py).
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "springbok/base/file.h"
#include "springbok/data/source/source.h"
#include "tests/data/support.h"

namespace springbok::data {

/// shard_server.py on a folder, until the end of the scope.
class ShardServer {
 public:
  ShardServer(const std::filesystem::path& folder, const std::string& mode) {
    const std::filesystem::path port = folder / ("port-" + mode);
    const std::string script = std::string(SPRINGBOK_SOURCE_DIR) + "/tests/data/shard_server.py";
    pipe_.reset(::popen(
        ("python3 '" + script + "' '" + folder.string() + "' " + mode + " '" + port.string() + "'").c_str(), "w"));
    for (int tries = 0; tries < 300 && !std::filesystem::exists(port); ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    url_ = "http://127.0.0.1:" + read_text(port);
    std::filesystem::remove(port);
  }
  const std::string& url() const { return url_; }

 private:
  struct Closer {
    void operator()(std::FILE* pipe) const { ::pclose(pipe); }
  };
  std::unique_ptr<std::FILE, Closer> pipe_;
  std::string url_;
};

/// Five shards of four pictures each under train/, and their list.
inline void make_shards(const std::filesystem::path& folder) {
  const std::filesystem::path files = folder / "files";
  std::filesystem::create_directories(folder / "train");
  for (int shard = 0; shard < 5; ++shard) {
    std::filesystem::remove_all(files);
    std::filesystem::create_directories(files);
    for (int i = 0; i < 4; ++i) {
      const int number = shard * 4 + i;
      write_png(files / (std::to_string(100 + number) + ".png"), picture(20 + number, 30, 3));
      write_file(files / (std::to_string(100 + number) + ".cls"), std::to_string(number % 3));
    }
    const std::string tar = "tar --sort=name -C '" + files.string() + "' -cf '" + (folder / "train/0").string() +
                            std::to_string(shard) + ".tar' .";
    ASSERT_EQ(std::system(tar.c_str()), 0);
  }
  std::filesystem::remove_all(files);
  write_file(folder / "classes.txt", "cat\ndog\nfox\n");
}

/// Names, classes and pixels.
inline void expect_same(const Source& left, const Source& right) {
  ASSERT_EQ(left.size(), right.size());
  EXPECT_EQ(left.classes(), right.classes());
  EXPECT_EQ(left.digest(), right.digest());
  for (std::int64_t i = 0; i < left.size(); ++i) {
    EXPECT_EQ(left.name(i), right.name(i));
    EXPECT_EQ(left.image(i, 3), right.image(i, 3)) << left.name(i);
  }
}

}  // namespace springbok::data
