// SPDX-License-Identifier: MIT
#include "torch/transformer/optimiser.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace auralis::transformer {
namespace {

constexpr double beta_first = 0.9;
constexpr double beta_second = 0.99;

}  // namespace

AdamW::AdamW(std::vector<at::Tensor> weights, double decay) : weights_(std::move(weights)), decay_(decay) {
  for (const at::Tensor& weight : weights_) {
    first_.push_back(at::zeros_like(weight));
    second_.push_back(at::zeros_like(weight));
  }
}

void AdamW::step(double rate) {
  const c10::NoGradGuard no_grad;
  ++steps_;
  const double mend_first = 1.0 - std::pow(beta_first, steps_);
  const double mend_second = 1.0 - std::pow(beta_second, steps_);
  double norm = 0.0;
  for (const at::Tensor& weight : weights_) norm += weight.grad().square().sum().item<double>();
  const double clip = std::min(1.0, 1.0 / (std::sqrt(norm) + 1e-6));
  for (size_t i = 0; i < weights_.size(); ++i) {
    const at::Tensor grad = weights_[i].grad().mul_(clip);
    first_[i].mul_(beta_first).add_(grad, 1.0 - beta_first);
    second_[i].mul_(beta_second).addcmul_(grad, grad, 1.0 - beta_second);
    if (weights_[i].dim() > 1) weights_[i].mul_(1.0 - rate * decay_);  // gains are left alone
    weights_[i].addcdiv_(first_[i], (second_[i] / mend_second).sqrt_().add_(1e-8), -rate / mend_first);
    grad.zero_();
  }
}

}  // namespace auralis::transformer
