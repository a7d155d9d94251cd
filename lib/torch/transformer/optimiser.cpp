// SPDX-License-Identifier: MIT
#include "torch/transformer/optimiser.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Reduction.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/nll_loss_nd.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace auralis::transformer {
namespace {

constexpr double beta_first = 0.9;
constexpr double beta_second = 0.99;
constexpr double warm_steps = 100.0;
constexpr double last_share = 0.02;        // of the rate
constexpr double first_mean_steps = 10.0;  // the first weights count as so many

}  // namespace

at::Tensor summed_loss(const at::Tensor& logits, const at::Tensor& target) {
  const at::Tensor flat = at::log_softmax(logits, -1).flatten(0, 1);
  return at::nll_loss_nd(flat, target.flatten(), {}, at::Reduction::Sum, /*ignore_index*/ -1);
}

double rate_at(double step, double steps, double rate) {
  const double warm = std::min(1.0, (step + 1.0) / warm_steps);
  const double cosine = 0.5 + 0.5 * std::cos(std::numbers::pi * step / steps);
  return rate * warm * (last_share + (1.0 - last_share) * cosine);
}

void average_into(std::span<at::Tensor> means, std::span<const at::Tensor> weights, double steps,
                  double averaging) {
  const c10::NoGradGuard no_grad;
  const double keep = std::min(averaging, steps / (steps + first_mean_steps));
  for (size_t i = 0; i < weights.size(); ++i) means[i].mul_(keep).add_(weights[i].detach(), 1.0 - keep);
}

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
