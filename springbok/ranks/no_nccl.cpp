// A build without CUDA, or a LibTorch without NCCL.
#include "springbok/ranks/join.h"
#include "springbok/ranks/nccl.h"

namespace springbok::ranks {

bool has_nccl() {
  return false;
}

std::unique_ptr<engine::Group> with_nccl(std::unique_ptr<engine::Group> host, const c10::intrusive_ptr<c10d::Store>&,
                                         const Place&, std::chrono::milliseconds) {
  check(false, "nobody asks for NCCL where there is none");
  return host;
}

}  // namespace springbok::ranks
