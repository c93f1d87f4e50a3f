// A LibTorch without c10d.
#include "springbok/ranks/join.h"

namespace springbok::ranks {

std::unique_ptr<engine::Group> join(const Place& place, std::chrono::milliseconds, bool) {
  fail("{}: this LibTorch was built without torch.distributed's Gloo; take a package that has it", to_text(place));
}

bool has_nccl() {
  return false;
}

}  // namespace springbok::ranks
