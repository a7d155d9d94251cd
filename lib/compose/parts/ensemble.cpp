// SPDX-License-Identifier: MIT
#include "compose/parts/ensemble.h"

#include <algorithm>

#include "model/layer.h"

namespace auralis {

// Each part's file has one of these.
#define AURALIS_MAKE_PART(name) std::unique_ptr<Part> make_##name(uint64_t seed);
AURALIS_LAYERS(AURALIS_MAKE_PART)
#undef AURALIS_MAKE_PART

namespace {

using MakePart = std::unique_ptr<Part> (*)(uint64_t seed);
#define AURALIS_MAKE_PART(name) make_##name,
constexpr MakePart makers[] = {AURALIS_LAYERS(AURALIS_MAKE_PART)};
#undef AURALIS_MAKE_PART

}  // namespace

Ensemble::Ensemble(uint64_t seed, Schedule& schedule) {
  for (Layer layer : all_layers) {
    std::unique_ptr<Part> part = makers[static_cast<size_t>(layer)](seed);
    const PartTraits traits = part->traits();
    const std::string_view stream = traits.stream.empty() ? name_of(layer) : traits.stream;
    members_.push_back(
        {layer, traits, schedule.add(traits.voices), find_stream(stream, seed), std::move(part)});
  }
}

Ensemble::Ensemble(const Ensemble& other) : streams_(other.streams_) {
  for (const Member& member : other.members_) {
    members_.push_back(
        {member.layer, member.traits, member.first_sleeper, member.stream, member.part->clone()});
  }
}

const Ensemble::Member& Ensemble::at(size_t sleeper) const {
  return *std::find_if(members_.rbegin(), members_.rend(),
                       [&](const Member& member) { return member.first_sleeper <= sleeper; });
}

size_t Ensemble::find_stream(std::string_view name, uint64_t seed) {
  const auto found = std::find_if(streams_.begin(), streams_.end(),
                                  [&](const Stream& stream) { return stream.name == name; });
  if (found != streams_.end()) return static_cast<size_t>(found - streams_.begin());
  streams_.push_back({std::string(name), Rng(seed, name)});
  return streams_.size() - 1;
}

}  // namespace auralis
