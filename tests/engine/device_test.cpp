// Devices by name, and what a machine without them says. Group: one rank agrees with itself.
#include "springbok/engine/device.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "springbok/base/error.h"
#include "springbok/engine/group.h"
#include "tests/support/message_of.h"

namespace springbok::engine {
namespace {

using testing::message_of;

std::string says(const std::string& text) {
  return message_of<Error>([&] { parse_device(text, "--device"); });
}

TEST(Device, TheCpuIsAlwaysThere) {
  EXPECT_EQ(parse_device("cpu", "--device"), at::Device(at::kCPU));
}

TEST(Device, NamesAreCheckedBeforeTheMachine) {
  EXPECT_EQ(says("gpu"), "--device gpu: a device is 'cpu', 'cuda' or 'cuda:N'");
  EXPECT_EQ(says("CPU"), "--device CPU: a device is 'cpu', 'cuda' or 'cuda:N'");
  for (const std::string text : {"cuda:", "cuda:-1", "cuda:0x", "cuda:1.5", "cuda:99999999999"}) {
    EXPECT_EQ(says(text), "--device " + text + ": a CUDA device is 'cuda' or 'cuda:0', 'cuda:1' and so on");
  }
}

TEST(Device, OneThatIsNotThereIsAnErrorOfOneLine) {
  const int count = cuda_devices();
  const std::string beyond = format("cuda:{}", count);
  EXPECT_EQ(says(beyond),
            count == 0 ? "--device cuda:0: " + std::string(why_no_cuda())
                       : format("--device {}: this machine's CUDA devices are cuda:0 to cuda:{}", beyond, count - 1));
  if (count == 0) {
    EXPECT_EQ(says("cuda"), "--device cuda: " + std::string(why_no_cuda()));
  } else {
    EXPECT_EQ(parse_device("cuda", "--device").str(), "cuda:0");
  }
}

TEST(Group, AloneChangesNothing) {
  Group& group = alone();
  EXPECT_EQ(group.rank(), 0);
  EXPECT_EQ(group.size(), 1);
  at::Tensor tensor = at::arange(3);
  const at::Tensor before = tensor.clone();
  group.sum(tensor);
  group.broadcast(tensor, 0);
  group.barrier();
  EXPECT_TRUE(at::equal(tensor, before));
}

}  // namespace
}  // namespace springbok::engine
