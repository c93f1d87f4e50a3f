// Progress: plain lines into a file, one redrawn line on a terminal.
#include "springbok/base/progress.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <regex>

namespace springbok {
namespace {

bool matches(const std::string& text, const std::string& pattern) {
  return std::regex_search(text, std::regex(pattern));
}

template <class Action>
std::string captured(Action&& action) {
  ::testing::internal::CaptureStderr();
  action();
  return ::testing::internal::GetCapturedStderr();
}

TEST(Progress, PlainLines) {
  const std::string text = captured([] {
    Progress progress({.title = "epoch 3", .total = 1200, .plain_seconds = 0});
    progress.update(300, "loss 1.25");
    progress.update(1200, "loss 1.00");
    progress.finish("top1 91.2");
  });
  EXPECT_TRUE(matches(text,
                      "^epoch 3  25% 300/1,200 img, [0-9,.]+ img/s, .+ left, loss 1.25\n"
                      "epoch 3 100% 1,200/1,200 img, [0-9,.]+ img/s, loss 1.00\n"
                      "epoch 3 100% 1,200/1,200 img, [0-9,.]+ img/s, [0-9.]+s, top1 91.2\n$"))
      << text;
}

TEST(Progress, FewPlainLines) {
  const std::string text = captured([] {
    Progress progress({.title = "eval", .total = 100, .plain_seconds = 1000});
    for (int i = 1; i <= 100; ++i) progress.update(i);
  });
  EXPECT_TRUE(matches(text, "^eval 100% 100/100 img, [^\n]*\n$")) << text;
}

TEST(Progress, UnknownTotal) {
  const std::string text = captured([] {
    Progress progress({.title = "scan", .unit = "files"});
    progress.update(12345);
  });
  EXPECT_TRUE(matches(text, "^scan 12,345 files, [^\n]*\n$")) << text;
}

TEST(Progress, QuietSaysNothing) {
  EXPECT_EQ(captured([] {
              Progress progress({.title = "x", .total = 10, .plain_seconds = 0, .quiet = true});
              progress.update(5);
              progress.finish();
            }),
            "");
}

TEST(Progress, WorkDoneBeforeDoesNotCountInTheRate) {
  const std::string text = captured([] {
    Progress progress({.title = "x", .total = 10, .first = 10});
    progress.finish();
  });
  EXPECT_TRUE(matches(text, "^x 100% 10/10 img, 0.00 img/s")) << text;
}

/// What `action` writes to standard error while that is a terminal of 60 columns.
template <class Action>
std::string on_terminal(Action&& action) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) throw std::runtime_error("no terminal");
  const int other_side = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
  winsize size{};
  size.ws_col = 60;
  ::ioctl(other_side, TIOCSWINSZ, &size);
  const int before = ::dup(STDERR_FILENO);
  ::dup2(other_side, STDERR_FILENO);
  action();
  ::dup2(before, STDERR_FILENO);
  for (const int fd : {before, other_side}) ::close(fd);
  std::string text, piece(4096, '\0');
  for (ssize_t got = 0; (got = ::read(terminal, piece.data(), piece.size())) > 0;) {
    text.append(piece, 0, static_cast<std::size_t>(got));
  }
  ::close(terminal);
  return text;
}

TEST(Progress, OneLineOnATerminal) {
  const auto began = std::chrono::steady_clock::now();
  const std::string text = on_terminal([] {
    Progress progress({.title = "epoch 1", .total = 200});
    for (int i = 0; i <= 100; ++i) progress.update(i, "a note that is much too long for the line of this terminal");
    progress.update(200, "short");
    progress.finish();
  });
  EXPECT_TRUE(matches(text, "^\repoch 1 \\[ {20}\\]   0% 0/200 img")) << text;
  EXPECT_TRUE(matches(text, "\repoch 1 \\[={20}\\] 100% 200/200 img, [^\r\n]*, short\x1b\\[K\r\n$")) << text;
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
  EXPECT_LE(static_cast<double>(std::count(text.begin(), text.end(), '\r')), 10 * spent.count() + 4)
      << "redrawn too often: " << text;
  for (std::size_t begin = 0, end = 0; (end = text.find("\x1b[K\r", begin)) != std::string::npos; begin = end + 4) {
    if (text[end + 4] != '\n') {
      EXPECT_LE(end - begin, 60U) << text;
    }
  }
}

}  // namespace
}  // namespace springbok
