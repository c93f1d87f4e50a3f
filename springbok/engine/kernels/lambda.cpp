// The lambda layer (Bello 2021, eq. 1): summaries of content and of positions, then one product with the queries.
#include "springbok/engine/kernels/lambda.h"

#include <ATen/Functions.h>

namespace springbok::engine {

at::Tensor lambda(const graph::Lambda& op, const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                  const at::Tensor& weight, const at::Tensor& bias) {
  const std::int64_t samples = value.size(0), width = value.size(1);
  const std::int64_t height = value.size(2), columns = value.size(3), pixels = height * columns;
  const at::Tensor keys = at::softmax(key.reshape({samples, op.depth, pixels}), 2);
  // The content's summary (N,V,depth): the same for every pixel.
  const at::Tensor content = at::matmul(value.reshape({samples, width, pixels}), keys.transpose(1, 2));
  // The positions' (N,V,depth,H*W): each value's map alone through `depth` kernels.
  const at::Tensor kernels = weight.reshape({op.depth, 1, op.reach, op.reach});
  const std::int64_t around = op.reach / 2;
  const at::Tensor positions = at::conv2d(value.reshape({samples * width, 1, height, columns}), kernels, bias,
                                          at::IntArrayRef{1, 1}, at::IntArrayRef{around, around});
  const at::Tensor both = positions.reshape({samples, width, op.depth, pixels}).add(content.unsqueeze(3));
  const at::Tensor queries = query.reshape({samples, op.heads, op.depth, pixels});
  return at::einsum("nhdp,nvdp->nhvp", {queries, both}).reshape({samples, op.heads * width, height, columns});
}

}  // namespace springbok::engine
