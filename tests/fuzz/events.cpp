// SPDX-License-Identifier: MIT
// Event streams: auralis-render, auralis-stats score.
#include <string>

#include "base/error.h"
#include "fuzz/harness/target.h"
#include "model/event_stream.h"

namespace auralis {
namespace {

struct Outcome {
  std::string lines;    // the events that were read, written again
  std::string refusal;  // empty where there was none

  bool operator==(const Outcome&) const = default;
};

Outcome read_in_pieces(std::string_view bytes, size_t size) {
  Outcome outcome;
  const auto sink = [&](Event&& event) { outcome.lines += to_line(event); };
  try {
    EventReader reader("piece.jsonl");
    for (const std::string_view piece : fuzz::in_pieces(bytes, size)) reader.feed(piece, sink);
    reader.finish(sink);
  } catch (const Error& error) {
    outcome.refusal = error.what();
    AURALIS_CLAIM(error.exit == Exit::bad_input);
    AURALIS_CLAIM(outcome.refusal.starts_with("piece.jsonl:"));
  }
  return outcome;
}

}  // namespace

AURALIS_FUZZ_TARGET(events) {
  const Outcome whole = read_in_pieces(bytes, bytes.size() + 1);
  const Outcome pieced = read_in_pieces(bytes, 1 + bytes.size() % 61);
  AURALIS_CLAIM(whole == pieced);
  if (whole.lines.empty()) return;
  const Outcome again = read_in_pieces(whole.lines, whole.lines.size());
  AURALIS_CLAIM(again.refusal.empty());
  AURALIS_CLAIM(again.lines == whole.lines);
}

}  // namespace auralis
