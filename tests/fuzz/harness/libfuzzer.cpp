// SPDX-License-Identifier: MIT
// What libFuzzer calls, in a program with a single target.
#include <cstddef>
#include <cstdint>
#include <ctime>

#include "base/log.h"
#include "fuzz/harness/target.h"

namespace {

// By the processor's clock: on a busy machine the one on the wall tells of others.
constexpr double longest_s = 5.0;

double processor_s() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  auralis::set_log("fuzz", auralis::LogLevel::error);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auralis::fuzz::Target target = auralis::fuzz::targets().front();
  const double before_s = processor_s();
  auralis::fuzz::run(target, {reinterpret_cast<const char*>(data), size});
  AURALIS_CLAIM(processor_s() - before_s < longest_s);
  return 0;
}
