// SPDX-License-Identifier: MIT
// Token buckets: `burst` at once, `per_s` in the long run; one bucket for each name.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>

namespace auralis {

struct RateLimit {
  double burst = 20;
  double per_s = 10;
};

class Bucket {
 public:
  bool take(const RateLimit& limit, int64_t now_us) {
    used_ = std::max(0.0, used_ - static_cast<double>(now_us - last_us_) * 1e-6 * limit.per_s);
    last_us_ = now_us;
    if (used_ + 1 > limit.burst) return false;
    used_ += 1;
    return true;
  }
  bool empty(const RateLimit& limit, int64_t now_us) const {
    return static_cast<double>(now_us - last_us_) * 1e-6 * limit.per_s >= used_;
  }

 private:
  double used_ = 0;
  int64_t last_us_ = 0;
};

class RateLimiter {
 public:
  explicit RateLimiter(RateLimit limit) : limit_(limit) {}

  bool take(const std::string& name, int64_t now_us) {
    // Names that have been quiet for long are forgotten: the table stays as small as the present traffic.
    if (buckets_.size() >= forget_at_) {
      std::erase_if(buckets_, [&](const auto& entry) { return entry.second.empty(limit_, now_us); });
      forget_at_ = std::max<size_t>(1024, 2 * buckets_.size());
    }
    return buckets_[name].take(limit_, now_us);
  }
  size_t names() const { return buckets_.size(); }

 private:
  RateLimit limit_;
  size_t forget_at_ = 1024;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace auralis
