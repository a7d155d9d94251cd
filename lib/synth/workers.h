// SPDX-License-Identifier: MIT
// A few threads that wait for numbered jobs; the caller works along and returns when all are done.
// Nothing is allocated per run, and which thread does which job changes nothing in the result.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace auralis {

class Workers {
 public:
  explicit Workers(int threads);  // the caller's own included
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  template <typename Job>
  void run(int count, const Job& job) {
    run(
        count, [](const void* context, int i) { (*static_cast<const Job*>(context))(i); }, &job);
  }

 private:
  using Call = void (*)(const void* context, int i);
  void run(int count, Call call, const void* context);
  void work();
  void wait_for_jobs();
  void end();

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable start_;
  std::condition_variable done_;
  Call call_ = nullptr;
  const void* context_ = nullptr;
  int count_ = 0;
  std::atomic<int> next_{0};
  int busy_ = 0;
  uint64_t run_ = 0;
  bool stop_ = false;
};

}  // namespace auralis
