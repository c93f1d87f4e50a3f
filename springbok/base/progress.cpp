// Progress of long work: one redrawn line on a terminal, plain lines otherwise.
#include "springbok/base/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "springbok/base/text.h"

namespace springbok {
namespace {

constexpr double kRedrawSeconds = 0.1;

double seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

std::size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string bar(double share, std::size_t cells) {
  const auto full = static_cast<std::size_t>(share * static_cast<double>(cells));
  return format("[{}{}]", std::string(full, '='), std::string(cells - full, ' '));
}

void put(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

Progress::Progress(Settings settings)
    : settings_(std::move(settings)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      done_(settings_.first),
      start_(Clock::now()) {
  drawn_ = terminal_ ? start_ - std::chrono::seconds(1) : start_;
}

Progress::~Progress() {
  if (!finished_) finish();
}

void Progress::update(std::int64_t done, const std::string& note) {
  const std::lock_guard lock(mutex_);
  done_ = std::max(done_, done);
  note_ = note;
  const double wait = terminal_ ? kRedrawSeconds : settings_.plain_seconds;
  if (!settings_.quiet && !finished_ && seconds(Clock::now() - drawn_) >= wait) draw(false);
}

void Progress::finish(const std::string& note) {
  const std::lock_guard lock(mutex_);
  if (!note.empty()) note_ = note;
  if (!settings_.quiet && !finished_) draw(true);
  finished_ = true;
}

void Progress::draw(bool last) {
  drawn_ = Clock::now();
  const double spent = seconds(drawn_ - start_);
  const auto work = static_cast<double>(done_ - settings_.first);
  const double rate = spent > 0 ? work / spent : 0;
  const std::int64_t total = settings_.total;

  std::string line = settings_.title;
  if (total > 0) {
    const double share = std::clamp(static_cast<double>(done_) / static_cast<double>(total), 0.0, 1.0);
    if (terminal_) line += format(" {}", bar(share, 20));
    line += format(" {:3.0f}% {}/{} {}", 100 * share, with_commas(done_), with_commas(total), settings_.unit);
  } else {
    line += format(" {} {}", with_commas(done_), settings_.unit);
  }
  line += rate >= 10 ? format(", {} {}/s", with_commas(static_cast<std::int64_t>(rate)), settings_.unit)
                     : format(", {:.2f} {}/s", rate, settings_.unit);
  if (last) {
    line += ", " + human_seconds(spent);
  } else if (total > done_ && rate > 0) {
    line += ", " + human_seconds(static_cast<double>(total - done_) / rate) + " left";
  }
  if (!note_.empty()) line += ", " + note_;

  if (!terminal_) return put(line + "\n");
  if (!last) line.resize(std::min(line.size(), terminal_columns() - 1));
  put("\r" + line + "\x1b[K" + (last ? "\n" : ""));
}

}  // namespace springbok
