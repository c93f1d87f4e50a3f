// A TCP port of this machine that nobody else has.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace springbok::testing {

/// It is taken as long as this lives; who connects is refused until `listen`.
class LoopbackPort {
 public:
  LoopbackPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, generic, length) + ::getsockname(socket_, generic, &length), 0);
    port_ = ntohs(address.sin_port);
  }
  ~LoopbackPort() { ::close(socket_); }
  LoopbackPort(const LoopbackPort&) = delete;
  LoopbackPort& operator=(const LoopbackPort&) = delete;

  int port() const { return port_; }
  /// Connections are taken, and nobody answers them.
  void listen() const { EXPECT_EQ(::listen(socket_, 8), 0); }

 private:
  int socket_, port_ = 0;
};

}  // namespace springbok::testing
