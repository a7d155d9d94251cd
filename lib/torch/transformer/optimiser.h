// SPDX-License-Identifier: MIT
// What trainings share: the loss, the rate, the steps and the mean of the weights.
//   steps   Adam with decoupled weight decay (Loshchilov & Hutter 2019); gradients are clipped to a norm of 1
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

namespace auralis::transformer {

// −ln of the probabilities that logits [rows, positions, outcomes] give to what is there [rows, positions], summed; where
// that is −1 nothing is counted.
at::Tensor summed_loss(const at::Tensor& logits, const at::Tensor& target);

// The rate of a step, counted from 0: it rises to `rate` over the first steps and falls along a cosine to a small part of
// it at the last of `steps`.
double rate_at(double step, double steps, double rate);

// Brings the running means of the weights up to date after so many steps. They come to reach back some 1 / (1 − averaging)
// steps, fewer at first.
void average_into(std::span<at::Tensor> means, std::span<const at::Tensor> weights, double steps,
                  double averaging);

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
