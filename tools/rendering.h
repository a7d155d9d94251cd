// SPDX-License-Identifier: MIT
// What auralis-render does: events come in, sound goes out as soon as it may be made. See auralis-render.1.
#pragma once

#include <string>

#include "audio/pcm.h"

namespace auralis {

struct RenderJob {
  std::string input = "-";
  std::string output = "-";
  PcmFormat format;
  bool raw = false;
  std::string device = "auto";
  int threads = 1;
  std::string stems;  // folder, none where empty
  SampleFormat stem_sample = SampleFormat::f32;
  std::string report;   // file, none where empty
  std::string session;  // figures are published there, nowhere where empty
  std::string preset = "focus";
};

// Throws what ends the command; see cli::run.
void render(const RenderJob& job);

}  // namespace auralis
