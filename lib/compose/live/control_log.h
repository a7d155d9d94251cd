// SPDX-License-Identifier: MIT
// What made a live piece what it was: its options, and the controls with their times. The same version replays it to
// the same events.
//   file     JSON Lines: `options` first, then `control` as in the event stream, and `stop` where it was ended by hand.
//            A composer that is started again with the same file goes on behind it: `options` begins another take, and the
//            last is the one that is replayed
//   errors   Error{bad_input, "FILE:LINE: what, expected what"}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/timeline.h"
#include "model/control.h"
#include "model/event.h"

namespace auralis {

// What was asked for; absent is left to the preset.
struct PieceOptions {
  std::optional<std::string> preset;  // a name or a file
  std::optional<uint64_t> seed;
  std::optional<double> duration_s;
  std::optional<double> cut_s;
  Control initial;  // every control that has a value from the start
  std::optional<std::string> melody;
  std::optional<std::string> harmony;   // a file
  std::optional<std::string> tuning;    // a name or a file
  std::optional<std::string> keyboard;  // a file

  // Takes what is absent here from the other.
  void complete(const PieceOptions& other);
  bool operator==(const PieceOptions&) const = default;
};

struct ControlLog {
  struct Entry {
    long line;  // in the file
    double t;
    Control control;
  };
  std::string path;
  PieceOptions options;
  std::vector<Entry> controls;   // in order of time
  std::optional<double> stop_s;  // when the piece was asked to end
  Ending ending = Ending::musical;
  int takes = 0;
};

ControlLog read_control_log(const std::string& path);

// The file grows by whole lines, so that a killed run leaves a log that replays. Error{environment} where it cannot be
// opened; where it cannot be written, a full disk say, the log ends there with a warning, and the music goes on. One that
// was removed meanwhile, or its folder, is made again, whole.
class ControlLogWriter {
 public:
  ControlLogWriter(const std::string& path, const PieceOptions& options);
  ~ControlLogWriter();
  ControlLogWriter(const ControlLogWriter&) = delete;
  ControlLogWriter& operator=(const ControlLogWriter&) = delete;

  void control(const ControlEvent& event);
  void stop(double t, Ending ending);

 private:
  void append(std::string_view line);
  void make_again_if_removed();

  std::string path_;
  int fd_;
  bool ended_ = false;
};

}  // namespace auralis
