// What a script of the tests prints, run by the Python of `.venv`.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

namespace springbok::testing {

/// The output of `tests/SCRIPT ARGUMENT...`. The test fails, with the command to repeat, where the script does.
inline std::string run_python(const std::string& script, const std::vector<std::string>& arguments) {
  const std::string root = SPRINGBOK_SOURCE_DIR;
  std::string command = root + "/.venv/bin/python " + root + "/tests/" + script;
  for (const std::string& argument : arguments) command += " '" + argument + "'";
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) {
    ADD_FAILURE() << "cannot start " << command;
    return {};
  }
  std::string output;
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), got);
  const int status = pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "to repeat: " << command;
  return output;
}

}  // namespace springbok::testing
