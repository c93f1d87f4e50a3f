// Inside the room: whether anybody listens at the address where ranks meet.
#pragma once

#include <chrono>
#include <string>

namespace springbok::ranks {

/// Waits until a connection to the TCP port is accepted. Throws Error with what stood in the way last, by `until`: the
/// host's name that nobody knows, or what the machine answered.
void await_listener(const std::string& host, int port, std::chrono::steady_clock::time_point until);

}  // namespace springbok::ranks
