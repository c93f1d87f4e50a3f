// The stand-in's memory, copies, views, ops and graphs.
#include "tests/device/standin.h"

#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/GraphImplInterface.h>
#include <ATen/core/grad_mode.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/native/Resize.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <sys/mman.h>
#include <torch/library.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "tests/device/tape.h"

namespace springbok::standin {
namespace {

constexpr auto kType = at::DeviceType::PrivateUse1;

std::atomic<std::int64_t> went_in{0}, came_out{0};

std::atomic<std::int64_t> captured{0}, played{0};

/// All blocks, each of whole pages.
class Memory {
 public:
  void* allocate(std::size_t bytes) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t size = (std::max<std::size_t>(bytes, 1) + page - 1) / page * page;
    void* block = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TORCH_CHECK(block != MAP_FAILED, "the stand-in has no memory left");
    const std::lock_guard lock(mutex_);
    blocks_[static_cast<std::byte*>(block)] = {size, 0};
    held_ += static_cast<std::int64_t>(size);
    return block;
  }
  void release(void* block) {
    const std::lock_guard lock(mutex_);
    const auto at = blocks_.find(static_cast<std::byte*>(block));
    held_ -= static_cast<std::int64_t>(at->second.size);
    munmap(block, at->second.size);
    blocks_.erase(at);
  }
  void open(const void* inside, bool open) {
    const std::lock_guard lock(mutex_);
    auto at = blocks_.upper_bound(static_cast<std::byte*>(const_cast<void*>(inside)));
    TORCH_CHECK(at != blocks_.begin(), "no memory of the stand-in");
    --at;
    at->second.readers += open ? 1 : -1;
    mprotect(at->first, at->second.size, at->second.readers > 0 ? PROT_READ | PROT_WRITE : PROT_NONE);
  }
  std::int64_t held() {
    const std::lock_guard lock(mutex_);
    return held_;
  }

 private:
  struct Block {
    std::size_t size = 0;
    int readers = 0;
  };
  std::mutex mutex_;
  std::map<std::byte*, Block> blocks_;
  std::int64_t held_ = 0;
};

Memory& memory() {
  static auto& all = *new Memory;
  return all;
}

void release(void* block) {
  memory().release(block);
}

class Allocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t bytes) override {
    void* block = memory().allocate(bytes);
    return {block, block, &release, at::Device(kType, 0)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return &release; }
  void copy_data(void*, const void*, std::size_t) const override { TORCH_CHECK(false, "not by the host"); }
};

Allocator& allocator() {
  static auto& one = *new Allocator;
  return one;
}

/// A tensor's values where the host may reach them, as long as it lives.
class Opened {
 public:
  explicit Opened(const at::Tensor& tensor) : here_(tensor.device().is_cpu()), data_(tensor.const_data_ptr()) {
    if (here_ || tensor.numel() == 0) {
      here_ = true;
      view = here_ && tensor.device().is_cpu() ? tensor : at::empty(tensor.sizes(), tensor.options().device(at::kCPU));
      return;
    }
    memory().open(data_, true);
    view = at::from_blob(const_cast<void*>(data_), tensor.sizes(), tensor.strides(),
                         at::TensorOptions().dtype(tensor.dtype()));
  }
  ~Opened() {
    if (!here_) memory().open(data_, false);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  at::Tensor view;

 private:
  bool here_;
  const void* data_;
};

at::Tensor empty(at::IntArrayRef size, std::optional<at::ScalarType> dtype, std::optional<at::Layout>,
                 std::optional<at::Device>, std::optional<bool>, std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &allocator(), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                   c10::dtype_or_default(dtype), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, std::optional<at::ScalarType> dtype,
                         std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(
      size, stride, &allocator(), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), c10::dtype_or_default(dtype));
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool later) {
  const at::NoGradGuard no_grad;
  if (Tape* tape = listening; tape != nullptr) {
    TORCH_CHECK(from.device() == to.device(), "the host's memory is copied while a graph listens");
    tape->push_back([=] { copy_from(from, to, later); });
  }
  const Opened source(from), target(to);
  if (from.device().is_cpu()) went_in += static_cast<std::int64_t>(from.nbytes());
  if (to.device().is_cpu()) came_out += static_cast<std::int64_t>(to.nbytes());
  at::Tensor view = target.view;
  view.copy_(source.view.expand(view.sizes()));
  return to;
}

const at::Tensor& resize_there(const at::Tensor& self, at::IntArrayRef size, std::optional<at::MemoryFormat> format) {
  at::TensorImpl* impl = self.unsafeGetTensorImpl();
  impl->set_sizes_contiguous(size);
  const auto bytes = static_cast<std::size_t>(self.numel()) * self.itemsize();
  if (bytes > self.storage().nbytes()) {
    self.storage().set_data_ptr_noswap(allocator().allocate(bytes));
    self.storage().set_nbytes(bytes);
  }
  if (format) impl->empty_tensor_restride(*format);
  return self;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
  if (from.sizes() != to.sizes()) resize_there(to, from.sizes(), std::nullopt);
  return copy_from(from, to, false);
}

void record_stream(at::Tensor&, at::Stream) {}

at::Scalar local_scalar(const at::Tensor& self) {
  return self.cpu().item();
}

at::Tensor convolution(const at::Tensor& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                       at::IntArrayRef stride, at::IntArrayRef padding, at::IntArrayRef dilation, bool transposed,
                       at::IntArrayRef output_padding, std::int64_t groups) {
  const at::Tensor offset = bias && bias->defined() ? *bias : at::Tensor();
  return noted([=, stride = stride.vec(), padding = padding.vec(), dilation = dilation.vec(),
                output_padding = output_padding.vec()] {
    return at::convolution(x.cpu(), weight.cpu(), offset.defined() ? std::optional(offset.cpu()) : std::nullopt, stride,
                           padding, dilation, transposed, output_padding, groups)
        .to(x.device());
  });
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> convolution_backward(const at::Tensor& gradient, const at::Tensor& x,
                                                                    const at::Tensor& weight, at::IntArrayRef stride,
                                                                    at::IntArrayRef padding, at::IntArrayRef dilation,
                                                                    bool transposed, at::IntArrayRef output_padding,
                                                                    std::int64_t groups, std::array<bool, 3> mask) {
  return noted([=, stride = stride.vec(), padding = padding.vec(), dilation = dilation.vec(),
                output_padding = output_padding.vec()]() -> std::tuple<at::Tensor, at::Tensor, at::Tensor> {
    const std::vector<std::int64_t> bias{gradient.size(1)};
    const auto [input, kernel, offset] =
        at::convolution_backward(gradient.cpu(), x.cpu(), weight.cpu(), at::OptionalIntArrayRef(bias), stride, padding,
                                 dilation, transposed, output_padding, groups, mask);
    const auto there = [&](const at::Tensor& t) { return t.defined() ? t.to(x.device()) : t; };
    return {there(input), there(kernel), there(offset)};
  });
}

/// The running statistics move in place, which the op's schema does not say, so that a fallback would lose it.
std::tuple<at::Tensor, at::Tensor, at::Tensor> batch_norm(const at::Tensor& x, const std::optional<at::Tensor>& weight,
                                                          const std::optional<at::Tensor>& bias,
                                                          const std::optional<at::Tensor>& mean,
                                                          const std::optional<at::Tensor>& var, bool training,
                                                          double momentum, double eps) {
  return noted([=]() -> std::tuple<at::Tensor, at::Tensor, at::Tensor> {
    const auto near = [](const std::optional<at::Tensor>& t) {
      return t && t->defined() ? std::optional(t->cpu()) : std::nullopt;
    };
    const auto moved_mean = near(mean), moved_var = near(var);
    const auto [y, saved_mean, saved_std] =
        at::native_batch_norm(x.cpu(), near(weight), near(bias), moved_mean, moved_var, training, momentum, eps);
    if (training && moved_mean) mean->copy_(*moved_mean);
    if (training && moved_var) var->copy_(*moved_var);
    return {y.to(x.device()), saved_mean.to(x.device()), saved_std.to(x.device())};
  });
}

/// What an op gave, for what it gave before.
void put_again(const c10::IValue& old, const c10::IValue& fresh) {
  if (old.isTensor() && old.toTensor().defined() && !old.toTensor().is_same(fresh.toTensor())) {
    old.toTensor().copy_(fresh.toTensor());
  }
  if (!old.isTensorList()) return;
  const auto there = old.toTensorVector(), here = fresh.toTensorVector();
  for (std::size_t i = 0; i < there.size(); ++i) put_again(there[i], here[i]);
}

void fallback(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const Inside inside;
  const std::size_t takes = op.schema().arguments().size(), gives = op.schema().returns().size();
  const torch::jit::Stack given(stack->end() - static_cast<std::ptrdiff_t>(takes), stack->end());
  at::native::cpu_fallback(op, stack);
  if (inside.outer() == nullptr) return;
  const torch::jit::Stack made(stack->end() - static_cast<std::ptrdiff_t>(gives), stack->end());
  inside.outer()->push_back([=] {
    torch::jit::Stack again = given;
    at::native::cpu_fallback(op, &again);
    for (std::size_t i = 0; i < gives; ++i) put_again(made[i], again[again.size() - gives + i]);
  });
}

class Graph final : public at::GraphImplInterface {
 public:
  explicit Graph(const at::GraphImplArgs&) {}
  void capture_begin(at::MempoolId_t, at::GraphCaptureMode) override { listening = &tape_; }
  void capture_end() override {
    listening = nullptr;
    ++captured;
  }
  void instantiate() override {}
  void replay() override {
    const at::NoGradGuard no_grad;
    for (const std::function<void()>& each : tape_) each();
    ++played;
  }
  void reset() override { tape_.clear(); }
  at::MempoolId_t pool() const override { return {0, 1}; }
  void enable_debug_mode() override {}
  void debug_dump(const std::string&) override {}

 private:
  Tape tape_;
};

/// One device, one stream, nothing to wait for.
struct Guard final : c10::impl::NoOpDeviceGuardImpl<kType> {
  static constexpr at::DeviceType static_type = kType;
  Guard() = default;
  explicit Guard(at::DeviceType) {}
  static at::Device own() { return {kType, 0}; }
  static c10::Stream stream() { return c10::Stream(c10::Stream::DEFAULT, own()); }
  at::Device exchangeDevice(at::Device) const override { return own(); }
  at::Device getDevice() const override { return own(); }
  c10::Stream getStream(at::Device) const noexcept override { return stream(); }
  c10::Stream getNewStream(at::Device, int) const override { return stream(); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return stream(); }
  void record(void**, const c10::Stream&, const c10::DeviceIndex, const c10::EventFlag) const override {}
  void block(void*, const c10::Stream&) const override {}
  bool queryEvent(void*) const override { return true; }
  void synchronizeDevice(const c10::DeviceIndex) const override {}
};

struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::DeviceIndex deviceCount() const override { return 1; }
  c10::DeviceIndex getCurrentDevice() const override { return 0; }
  void setCurrentDevice(c10::DeviceIndex) const override {}
  c10::DeviceIndex exchangeDevice(c10::DeviceIndex) const override { return 0; }
  c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex) const override { return 0; }
  at::Device getDeviceFromPtr(void*) const override { return {kType, 0}; }
  c10::Allocator* getPinnedMemoryAllocator() const override { return c10::GetDefaultCPUAllocator(); }
};

}  // namespace

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", &empty);
  m.impl("empty_strided", &empty_strided);
  m.impl("as_strided", &at::native::as_strided_tensorimpl);
  m.impl("view", &at::native::view);
  m.impl("_reshape_alias", &at::native::_reshape_alias);
  m.impl("resize_", &resize_there);
  m.impl("_copy_from", &copy_from);
  m.impl("_copy_from_and_resize", &copy_from_and_resize);
  m.impl("_local_scalar_dense", &local_scalar);
  m.impl("record_stream", &record_stream);
  m.impl("native_batch_norm", &batch_norm);
  m.impl("convolution_overrideable", &convolution);
  m.impl("convolution_backward_overrideable", &convolution_backward);
}

/// What of PyTorch's lists the tests' networks have.
TORCH_LIBRARY_IMPL(aten, AutocastPrivateUse1,
                   m){KERNEL_PRIVATEUSEONE(conv2d, lower_precision_fp) KERNEL_PRIVATEUSEONE(linear, lower_precision_fp)}

TORCH_LIBRARY_IMPL(_, AutocastPrivateUse1, m) {
  m.fallback(torch::CppFunction::makeFallthrough());
}

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) {
  m.fallback(torch::CppFunction::makeFromBoxedFunction<&fallback>());
}

C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard)

}  // namespace springbok::standin

namespace at {
C10_REGISTER_CLASS(GraphImplRegistry, STANDIN, springbok::standin::Graph)
}

namespace springbok::standin {

void plug_in() {
  static const bool once = [] {
    c10::register_privateuse1_backend(kName);
    c10::SetAllocator(kType, &allocator());
    at::RegisterPrivateUse1HooksInterface(new Hooks);
    return true;
  }();
  (void)once;
}

std::int64_t bytes_in() {
  return went_in;
}
std::int64_t bytes_out() {
  return came_out;
}
std::int64_t graphs_captured() {
  return captured;
}
std::int64_t graphs_played() {
  return played;
}
std::int64_t bytes_held() {
  return memory().held();
}

}  // namespace springbok::standin
