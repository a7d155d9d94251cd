// SPDX-License-Identifier: MIT
// What auralis-stats score measures of an event stream.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "compose/score/score.h"
#include "fuzz/harness/target.h"
#include "model/event_stream.h"

namespace auralis {

AURALIS_FUZZ_TARGET(score) {
  std::vector<Event> events;
  const auto sink = [&](Event&& event) { events.push_back(std::move(event)); };
  EventReader reader("piece.jsonl");
  reader.feed(bytes, sink);
  reader.finish(sink);
  AURALIS_CLAIM(measure_score(events).is_object());
}

}  // namespace auralis
