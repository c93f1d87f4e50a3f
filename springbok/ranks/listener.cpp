// Trying a TCP port until somebody listens there.
#include "springbok/ranks/listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

#include "springbok/base/error.h"

namespace springbok::ranks {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Why a connection to the address fails; 0 where it stands.
int refusal(const addrinfo& address, milliseconds patience) {
  const int socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return errno;
  int error = ::connect(socket, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd waits{.fd = socket, .events = POLLOUT, .revents = 0};
    error = ETIMEDOUT;
    socklen_t length = sizeof error;
    if (::poll(&waits, 1, static_cast<int>(patience.count())) > 0) {
      ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length);
    }
  }
  ::close(socket);
  return error;
}

/// Why nobody answers at any address of the host; "" where somebody does.
std::string refusal(const std::string& host, int port, milliseconds patience) {
  addrinfo wanted = {}, *first = nullptr;
  wanted.ai_socktype = SOCK_STREAM;
  const int unknown = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &first);
  if (unknown != 0) return ::gai_strerror(unknown);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(first, &::freeaddrinfo);
  int error = 0;
  for (const addrinfo* each = all.get(); each != nullptr; each = each->ai_next) {
    error = refusal(*each, patience);
    if (error == 0) return "";
  }
  return std::strerror(error);
}

}  // namespace

void await_listener(const std::string& host, int port, Clock::time_point until) {
  constexpr milliseconds kLongest{2000}, kShortest{50}, kPause{100};
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    const std::string reason = refusal(host, port, std::clamp(left, kShortest, kLongest));
    if (reason.empty()) return;
    if (Clock::now() + kPause >= until) fail("nobody answers there ({})", reason);
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace springbok::ranks
