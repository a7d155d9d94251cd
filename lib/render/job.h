// SPDX-License-Identifier: MIT
// What auralis-render does: events come in, sound goes out as soon as it may be made. See auralis-render.1.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audio/pcm.h"
#include "synth/device.h"

namespace auralis {

struct RenderJob {
  std::string input = "-";
  std::string output = "-";
  PcmFormat format;
  bool raw = false;
  std::shared_ptr<const Device> device = nullptr;  // none: the processor
  int threads = 1;
  std::string stems;  // folder, none where empty
  SampleFormat stem_sample = SampleFormat::f32;
  std::string report;   // file, none where empty
  std::string session;  // figures are published there, nowhere where empty
  std::string preset = "focus";

  // One of many, where somebody is told by how much the sound has grown: the progress is theirs to show, and what was
  // broken off is kept as NAME.partial.EXT.
  std::function<void(double seconds)> tell_made;
  std::function<void(const std::string& line)> tell_report;  // as one line, instead of into a file
  bool one_of_many() const { return tell_made != nullptr; }
};

// False where a signal broke it off. Throws what ends the command; see cli::run.
bool render(const RenderJob& job);

// Many pieces, each as render() makes it, some side by side. A piece that is bad input keeps no other: it is told, and
// ends the whole with that status; a broken environment ends it after the pieces in hand.
struct PiecesJob {
  std::vector<std::string> inputs;
  std::string folder;
  std::string extension = "flac";
  int side_by_side = 0;  // 0: as many as there are processors
  RenderJob common;      // stems: each piece's in a folder of its own
};
void render_pieces(const PiecesJob& job);

}  // namespace auralis
