// SPDX-License-Identifier: MIT
#include "torch/voices/source.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cassert>

namespace auralis::voices {
namespace {

constexpr int chord_steps = 4;  // a quarter note
constexpr Arithmetic exact{.exact = true};

// By how much a voicing is moved so that the model's range holds its top and, where it can, its bass.
int octaves_into_range(const Voicing& voicing) {
  int moved = 0;
  while (voicing.back() + moved > highest) moved -= 12;
  while (voicing.front() + moved < lowest && voicing.back() + moved + 12 <= highest) moved += 12;
  return moved;
}

int token_at(int pitch) { return std::clamp(pitch - lowest, 0, silent - 1); }

Harmony harmony_of_tones(const ChordTones& chord) {
  std::vector<int> pitches;
  for (int interval : chord.intervals) pitches.push_back(48 + chord.root + interval);
  return harmony_of(pitches);
}

Voice led_as(size_t from_top) { return from_top == 1 ? alto : tenor; }

}  // namespace

ModelVoices::ModelVoices(const Network& net) : net_(to_exact(net)) {}

at::Tensor ModelVoices::read() const {
  const Slot slot{past_, {}, false, false, 0};
  Memory memory = memory_;
  return read_steps(net_, make_batch({&slot, 1}, 1, true), exact, &memory);
}

std::vector<double> ModelVoices::logits(const at::Tensor& read, const Step& step, Voice voice) const {
  const Slot slot{past_, step, false, false, 0};
  const at::Tensor scores = pitch_logits(net_, read, make_batch({&slot, 1}, 1, true), voice, exact);
  return {scores.data_ptr<double>(), scores.data_ptr<double>() + scores.numel()};
}

// The chord and its outer voices, which are given.
Step ModelVoices::begun(const ChordTones& chord, const Voicing& voicing) {
  const int moved = octaves_into_range(voicing);
  Step step;
  step.harmony = harmony_of_tones(chord);
  step.pitch[soprano] = token_at(voicing.back() + moved);
  step.pitch[bass] = token_at(voicing.front() + moved);
  if (past_.steps == 0) past_ = beginning(step);
  return step;
}

size_t ModelVoices::choose(const ChordTones& chord, std::span<const Voicing> voicings) {
  assert(!voicings.empty());
  const c10::NoGradGuard no_grad;
  const size_t count = voicings.front().size();
  std::vector<size_t> left(voicings.size());
  for (size_t i = 0; i < left.size(); ++i) left[i] = i;
  if (left.size() == 1 || count < 3) return 0;
  Step step = begun(chord, voicings.front());
  const int moved = octaves_into_range(voicings.front());
  const at::Tensor heard = read();
  for (size_t from_top = 1; from_top + 1 < count && left.size() > 1; ++from_top) {
    const size_t at = count - 1 - from_top;
    const Voice voice = led_as(from_top);
    const std::vector<double> scores = logits(heard, step, voice);
    const auto score = [&](size_t i) {
      return scores[static_cast<size_t>(token_at(voicings[i][at] + moved))];
    };
    const size_t best =
        *std::max_element(left.begin(), left.end(), [&](size_t a, size_t b) { return score(a) < score(b); });
    std::erase_if(left, [&](size_t i) { return voicings[i][at] != voicings[best][at]; });
    // The next is told the voice above it.
    step.pitch[alto] = token_at(voicings[best][at] + moved);
  }
  return left.front();
}

void ModelVoices::sounded(const ChordTones& chord, const Voicing& voicing) {
  assert(!voicing.empty());
  const c10::NoGradGuard no_grad;
  Step step = begun(chord, voicing);
  const int moved = octaves_into_range(voicing);
  const at::Tensor heard = voicing.size() < 4 ? read() : at::Tensor();
  for (Voice voice : {alto, tenor}) {
    const size_t from_top = voice == alto ? 1 : 2;
    if (from_top + 1 < voicing.size()) {
      step.pitch[voice] = token_at(voicing[voicing.size() - 1 - from_top] + moved);
    } else {
      const std::vector<double> scores = logits(heard, step, voice);
      step.pitch[voice] = static_cast<int>(std::max_element(scores.begin(), scores.end()) - scores.begin());
    }
  }
  std::vector<Slot> slots;
  for (int i = 0; i < chord_steps; ++i) {
    slots.push_back({past_, step, false, false, 0});
    past_.add(step);
  }
  read_steps(net_, make_batch(slots, chord_steps, true), exact, &memory_);
}

}  // namespace auralis::voices
