// SPDX-License-Identifier: MIT
#include "base/left_threads.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace auralis {

// What is registered last is called first.
void leave_threads_behind() {
  static const int registered = ::on_exit(
      [](int status, void*) {
        std::fflush(nullptr);
        ::_exit(status);
      },
      nullptr);
  static_cast<void>(registered);
}

}  // namespace auralis
