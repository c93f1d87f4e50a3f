// Ranks on CUDA devices: c10d's process group of NCCL beside that of the CPU.
#include "springbok/ranks/nccl.h"

#include <cstdlib>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#include <utility>
#include <vector>

#include "springbok/ranks/join.h"

namespace springbok::ranks {
namespace {

using Work = c10::intrusive_ptr<c10d::Work>;

c10::intrusive_ptr<c10d::ProcessGroupNCCL> open(const c10::intrusive_ptr<c10d::Store>& store, const Place& place,
                                                std::chrono::milliseconds timeout) {
  // A wait then ends in an exception after the time-out, where NCCL's own way is to end the process.
  ::setenv("TORCH_NCCL_BLOCKING_WAIT", "1", 0);
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(c10::make_intrusive<c10d::PrefixStore>("nccl", store), place.rank,
                                                     place.size, options);
}

class OnDevices final : public engine::Group {
 public:
  OnDevices(std::unique_ptr<engine::Group> host, const c10::intrusive_ptr<c10d::Store>& store, const Place& place,
            std::chrono::milliseconds timeout)
      : host_(std::move(host)), place_(place), devices_(open(store, place, timeout)) {}

  int rank() const override { return place_.rank; }
  int size() const override { return place_.size; }

  void sum(at::Tensor& tensor) override { begin_sum(tensor)(); }

  std::function<void()> begin_sum(at::Tensor& tensor) override {
    if (!tensor.is_cuda()) return host_->begin_sum(tensor);
    std::vector<at::Tensor> one{flat(tensor)};
    const Work work = guarded([&] { return devices_->allreduce(one); });
    return [this, work] { wait(work); };
  }

  void broadcast(at::Tensor& tensor, int from) override {
    if (!tensor.is_cuda()) return host_->broadcast(tensor, from);
    std::vector<at::Tensor> one{flat(tensor)};
    c10d::BroadcastOptions options;
    options.rootRank = from;
    wait(guarded([&] { return devices_->broadcast(one, options); }));
  }

  void barrier() override { host_->barrier(); }
  void hail() override { host_->hail(); }
  bool hailed() override { return host_->hailed(); }
  void leave() override { host_->leave(); }
  double waited() const override { return host_->waited(); }

 private:
  /// The tensor's memory as it lies: ranks have tensors of one layout.
  static at::Tensor flat(const at::Tensor& tensor) {
    check(tensor.is_non_overlapping_and_dense(), "ranks exchange dense tensors");
    return tensor.as_strided({tensor.numel()}, {1});
  }

  void wait(const Work& work) {
    guarded([&] {
      work->wait();
      return Work();
    });
  }

  /// Who is missing the ranks find out together on the CPU, where a call then fails too.
  template <class Call>
  Work guarded(Call call) {
    try {
      return call();
    } catch (const c10::Error& error) {
      devices_->abort();
      host_->barrier();
      throw engine::RankLost(format("{}: NCCL failed: {}", to_text(place_), error.what_without_backtrace()));
    }
  }

  std::unique_ptr<engine::Group> host_;
  Place place_;
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> devices_;
};

}  // namespace

bool has_nccl() {
  return true;
}

std::unique_ptr<engine::Group> with_nccl(std::unique_ptr<engine::Group> host,
                                         const c10::intrusive_ptr<c10d::Store>& store, const Place& place,
                                         std::chrono::milliseconds timeout) {
  return std::make_unique<OnDevices>(std::move(host), store, place, timeout);
}

}  // namespace springbok::ranks
