// Which parameters an op holds.
#pragma once

#include "springbok/graph/op.h"

namespace springbok::graph {

/// Calls `visit` with each of the op's parameter ids (`ParamId&` of an op that may change); some may be kNoParam.
template <class O, class F>
void for_each_param(O& op, F visit) {
  std::visit(
      [&]<class T>(T& o) {
        if constexpr (requires { o.weight; }) visit(o.weight);
        if constexpr (requires { o.bias; }) visit(o.bias);
        if constexpr (requires { o.v; }) visit(o.v);
        if constexpr (requires { o.mean_weight; }) visit(o.mean_weight), visit(o.var_weight);
        if constexpr (requires { o.mean; }) visit(o.mean);
        if constexpr (requires { o.var; }) visit(o.var);
        if constexpr (requires { o.tracked; }) visit(o.tracked);
      },
      op);
}

}  // namespace springbok::graph
