// SPDX-License-Identifier: MIT
#include "figures/latency.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/clock.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr double window_s = 60.0;

}  // namespace

// A histogram whose buckets are a 64th of an octave wide, so that a quantile is right to 1 %, in six slices of the
// window. Counting is an increment: a server observes as many latencies as it sends chunks.
struct Latency::Impl {
  static constexpr double unit_ms = 1e-4;
  static constexpr int linear_bits = 7;  // below 2^7 units a bucket is one unit
  static constexpr int most_bits = 40;   // 30 hours
  static constexpr size_t buckets = static_cast<size_t>(most_bits - linear_bits + 2) << (linear_bits - 1);
  static constexpr int64_t slices = 6;

  struct Slice {
    int64_t number = -1;
    uint64_t total = 0;
    double max_ms = 0.0;
    std::array<uint32_t, buckets> counts{};
  };

  static size_t bucket_of(double ms) {
    constexpr double most = static_cast<double>((uint64_t{1} << most_bits) - 1);
    const auto units = static_cast<uint64_t>(std::clamp(ms / unit_ms, 0.0, most));
    const int octave = std::max(0, static_cast<int>(std::bit_width(units)) - linear_bits);
    return (static_cast<size_t>(octave) << (linear_bits - 1)) + static_cast<size_t>(units >> octave);
  }
  // The middle of a bucket.
  static double ms_of(size_t bucket) {
    constexpr size_t half = size_t{1} << (linear_bits - 1);
    const size_t octave = bucket < 2 * half ? 0 : bucket / half - 1;
    const size_t step = bucket - octave * half;
    return (static_cast<double>(step) + (octave == 0 ? 0.0 : 0.5)) * std::exp2(static_cast<double>(octave)) *
           unit_ms;
  }
  static int64_t slice_now() { return static_cast<int64_t>(monotonic_s() * slices / window_s); }

  std::mutex mutex;
  std::array<Slice, slices> ring;
  std::array<uint64_t, latency_bounds_ms.size() + 1> classes{};
  double sum_ms = 0.0;
};

Latency::Latency() : impl_(std::make_unique<Impl>()) {}
Latency::~Latency() = default;

void Latency::observe(double ms) {
  const int64_t number = Impl::slice_now();
  const std::lock_guard lock(impl_->mutex);
  Impl::Slice& slice = impl_->ring[static_cast<size_t>(number % Impl::slices)];
  if (slice.number != number) {
    slice = Impl::Slice();
    slice.number = number;
  }
  ++slice.counts[Impl::bucket_of(ms)];
  ++slice.total;
  slice.max_ms = std::max(slice.max_ms, ms);
  const auto* bound = std::ranges::lower_bound(latency_bounds_ms, ms);
  ++impl_->classes[static_cast<size_t>(bound - latency_bounds_ms.begin())];
  impl_->sum_ms += ms;
}

void Latency::add_to(json& all, const char* name) const {
  all[name] = figures();
  const std::lock_guard lock(impl_->mutex);
  all[histograms_name][name] = {{"counts", impl_->classes},
                                {"sum_ms", std::round(impl_->sum_ms * 1e4) / 1e4}};
}

json Latency::figures() const {
  json out{{"p50", nullptr}, {"p95", nullptr}, {"p99", nullptr}, {"max", nullptr}};
  const int64_t oldest = Impl::slice_now() - Impl::slices + 1;
  std::vector<uint64_t> counts(Impl::buckets);
  uint64_t total = 0;
  double max_ms = 0.0;
  const std::lock_guard lock(impl_->mutex);
  for (const Impl::Slice& slice : impl_->ring) {
    if (slice.number < oldest) continue;
    for (size_t i = 0; i < counts.size(); ++i) counts[i] += slice.counts[i];
    total += slice.total;
    max_ms = std::max(max_ms, slice.max_ms);
  }
  if (total == 0) return out;
  const auto shown = [](double ms) { return std::round(ms * 1e4) / 1e4; };
  for (const int percent : {50, 95, 99}) {
    const uint64_t rank = (total * static_cast<uint64_t>(percent) + 99) / 100;
    uint64_t seen = 0;
    size_t bucket = 0;
    while ((seen += counts[bucket]) < rank) ++bucket;
    out["p" + std::to_string(percent)] = shown(std::min(Impl::ms_of(bucket), max_ms));
  }
  out["max"] = shown(max_ms);
  return out;
}

}  // namespace auralis
