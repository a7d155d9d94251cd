// SPDX-License-Identifier: MIT
// Where the time of a render goes, as JSON and as a picture of bars that stand on what they are part of (a flame graph).
//   file     FILE has the JSON, FILE with .svg for its extension the picture
//   stages   of the renderer (synth/profile.h), and around it: waiting for events, reading them, writing sound. Threads work
//            at the same time, so that with several the stages take longer together than the whole
//   device   its own time and that of the copies are stages beside the voices, which prepare its work
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "synth/renderer.h"

namespace auralis {

struct ProfiledRun {
  double sound_s = 0.0;
  double wall_s = 0.0;
  double cpu_s = 0.0;
  int threads = 1;
  std::string device;
};

class ProfileFile {
 public:
  // Error{environment} where it cannot be made.
  explicit ProfileFile(const std::string& path);

  void add_reading(double spent_s, double of_it_waited_s);
  void add_writing(double spent_s) { written_s_ += spent_s; }
  void write(const std::vector<StageTime>& renderer, const ProfiledRun& run);

 private:
  AtomicFile json_;
  AtomicFile picture_;
  double waited_s_ = 0.0;
  double read_s_ = 0.0;
  double written_s_ = 0.0;
};

// A part of the time, with what it is made of.
struct ProfilePart {
  std::string name;
  double seconds = 0.0;
  std::vector<ProfilePart> parts{};
};

std::string flame_picture(const ProfilePart& whole);

}  // namespace auralis
