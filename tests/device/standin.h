// A stand-in for a GPU: a LibTorch device whose memory the host may not touch.
#pragma once

#include <cstdint>

namespace springbok::standin {

/// The name under which programs ask for it: `standin`, `standin:0`.
inline constexpr const char* kName = "standin";

/// Makes it known to LibTorch, once a process and before the first gradient. Its memory lies in pages of no access, but
/// while LibTorch copies: a pointer to it that the host reads or writes ends the process. Each op is LibTorch's own on
/// the CPU, over copies.
void plug_in();

/// Bytes that have gone to it from the host's memory, and back.
std::int64_t bytes_in();
std::int64_t bytes_out();
/// Bytes of its memory in use.
std::int64_t bytes_held();
/// How often a graph was captured, and played. While one listens, copies between the host's memory and its own are
/// errors, as on a GPU.
std::int64_t graphs_captured();
std::int64_t graphs_played();

}  // namespace springbok::standin
