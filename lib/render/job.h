// SPDX-License-Identifier: MIT
// What is to be rendered, how, and where it goes: everything the options of auralis-render say, see auralis-render(1).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audio/pcm.h"
#include "model/tuning.h"
#include "synth/device.h"

namespace auralis {

// What keys are to sound at, where it is not what the piece itself says.
struct TuningChoice {
  std::optional<Tuning> tuning;
  std::optional<double> reference_hz;
};

struct RenderJob {
  std::string input = "-";   // an event stream or a MIDI file; "-" is standard input
  std::string output = "-";  // a sound file; "-" is standard output, as a WAV stream
  PcmFormat format;
  bool raw = false;                                // standard output without a header
  std::shared_ptr<const Device> device = nullptr;  // none: the processor
  int threads = 1;
  std::string stems;  // folder of one file a layer, none where empty
  SampleFormat stem_sample = SampleFormat::f32;
  std::string report;            // file, "-" for standard output, none where empty
  std::string profile;           // file of where the time goes, with a picture beside it, none where empty
  std::string session;           // whose folder figures are published in, nowhere where empty
  bool live = false;             // whoever plays it cannot wait: fewer voices rather than late sound
  std::string preset = "focus";  // the sounds of a MIDI file
  bool only_midi = false;        // events, which have sounds of their own, are refused
  TuningChoice tuning;

  // Set where the piece is one of many: progress and report belong to the whole, and what was broken off is kept as
  // NAME.partial.EXT.
  std::function<void(double seconds)> on_sound;                 // so much more was made
  std::function<void(const std::string& json_line)> on_report;  // instead of into a file
  bool one_of_many() const { return on_sound != nullptr; }
  bool wants_report() const { return !report.empty() || on_report != nullptr; }
};

struct PiecesJob {
  std::vector<std::string> inputs;
  std::string folder;
  std::string extension = "flac";
  int side_by_side = 0;  // 0: as many as there are processors
  RenderJob common;      // stems: each piece's in a folder of its own
};

}  // namespace auralis
