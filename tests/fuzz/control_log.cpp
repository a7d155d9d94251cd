// SPDX-License-Identifier: MIT
// Control logs: auralis-compose --control-log replays one.
#include "compose/live/control_log.h"

#include "fuzz/harness/target.h"

namespace auralis {

AURALIS_FUZZ_TARGET(control_log) {
  const fuzz::MemoryFile file(bytes);
  const ControlLog log = read_control_log(file.path());
  double last_t = 0.0;
  for (const ControlLog::Entry& entry : log.controls) {
    AURALIS_CLAIM(entry.t >= last_t);
    AURALIS_CLAIM(entry.line > 0);
    last_t = entry.t;
  }
  PieceOptions options;
  options.complete(log.options);
  AURALIS_CLAIM(options == log.options);
}

}  // namespace auralis
