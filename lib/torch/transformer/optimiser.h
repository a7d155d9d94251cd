// SPDX-License-Identifier: MIT
// Adam with decoupled weight decay (Loshchilov & Hutter 2019); gradients are clipped to a norm of 1.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace auralis::transformer {

class AdamW {
 public:
  // Tensors of one dimension, the gains, do not decay.
  AdamW(std::vector<at::Tensor> weights, double decay);
  // Takes the gradients and clears them.
  void step(double rate);

 private:
  std::vector<at::Tensor> weights_, first_, second_;
  double decay_;
  int steps_ = 0;
};

}  // namespace auralis::transformer
