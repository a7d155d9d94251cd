// SPDX-License-Identifier: MIT
// Clicks, measured by what they put above 12 kHz into a millisecond, where a dark sound has next to nothing.
//   step_db   the height, in dBFS, of the step between two samples that would put as much there as the worst
//             millisecond from … to; nothing (-200) where that is no more than four times what the sound has in the
//             50 ms before and after anyhow
//   -66 dBFS  is where auralis-stats begins to count a step as a click
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace auralis::testing {

inline constexpr double audible_step_db = -66.0;

class ClickMeter {
 public:
  ClickMeter(const std::vector<float>& x, double rate) : bursts_(bursts(x, rate)) {
    std::vector<float> step(static_cast<size_t>(0.1 * rate), 0.0F);
    std::fill(step.begin() + static_cast<std::ptrdiff_t>(step.size() / 2), step.end(), 1.0F);
    const std::vector<double> of_step = bursts(step, rate);
    unit_ = *std::max_element(of_step.begin(), of_step.end());
  }

  double step_db(double from_s, double to_s) const {
    const auto cell = [&](double s) {
      return static_cast<size_t>(std::clamp(s / hop_s, 0.0, static_cast<double>(bursts_.size())));
    };
    const double worst = most(cell(from_s), cell(to_s));
    const double usual =
        std::max(most(cell(from_s - 0.05), cell(from_s)), most(cell(to_s), cell(to_s + 0.05)));
    return worst > 4.0 * usual ? 20.0 * std::log10(worst / unit_ + 1e-10) : -200.0;
  }

 private:
  static constexpr double hop_s = 0.0005;  // half of each millisecond overlaps the next

  double most(size_t from, size_t to) const {
    double found = 0.0;
    for (size_t i = from; i < to; ++i) found = std::max(found, bursts_[i]);
    return found;
  }

  static std::vector<double> bursts(const std::vector<float>& x, double rate) {
    // An eighth-order Butterworth high-pass.
    std::vector<double> y(x.begin(), x.end());
    const double w = 2.0 * M_PI * 12000.0 / rate;
    for (const double q : {0.50979558, 0.60134489, 0.89997622, 2.5629154}) {
      const double alpha = std::sin(w) / (2.0 * q);
      const double b0 = (1.0 + std::cos(w)) / 2.0 / (1.0 + alpha);
      const double a1 = -2.0 * std::cos(w) / (1.0 + alpha);
      const double a2 = (1.0 - alpha) / (1.0 + alpha);
      double s1 = 0.0, s2 = 0.0;
      for (double& v : y) {
        const double out = b0 * v + s1;
        s1 = -2.0 * b0 * v - a1 * out + s2;
        s2 = b0 * v - a2 * out;
        v = out;
      }
    }
    const auto hop = static_cast<size_t>(hop_s * rate);
    std::vector<double> found;
    for (size_t at = 0; at + 2 * hop <= y.size(); at += hop) {
      double energy = 0.0;
      for (size_t n = at; n < at + 2 * hop; ++n) energy += y[n] * y[n];
      found.push_back(std::sqrt(energy / static_cast<double>(2 * hop)));
    }
    return found;
  }

  double unit_;
  std::vector<double> bursts_;
};

}  // namespace auralis::testing
