// SPDX-License-Identifier: MIT
// All parts of a piece, one a layer, with their streams of random numbers and their places in the schedule. A value: a
// copy goes on by itself from where the original stood.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compose/parts/part.h"

namespace auralis {

class Ensemble {
 public:
  // Every layer's part, in the order of the layer table; their sleepers are added to the schedule.
  Ensemble(uint64_t seed, Schedule& schedule);
  Ensemble(const Ensemble& other);
  Ensemble(Ensemble&&) noexcept = default;
  Ensemble& operator=(Ensemble other) noexcept {
    members_ = std::move(other.members_);
    streams_ = std::move(other.streams_);
    return *this;
  }
  ~Ensemble() = default;

  struct Member {
    Layer layer;
    PartTraits traits;
    size_t first_sleeper;
    size_t stream;
    std::unique_ptr<Part> part;
  };
  const std::vector<Member>& members() const { return members_; }
  const Member& of(Layer layer) const { return members_[static_cast<size_t>(layer)]; }
  // Whose voice sleeps there.
  const Member& at(size_t sleeper) const;

  Rng& stream_of(const Member& member) { return streams_[member.stream].rng; }

 private:
  struct Stream {
    std::string name;
    Rng rng;
  };
  size_t find_stream(std::string_view name, uint64_t seed);

  std::vector<Member> members_;
  std::vector<Stream> streams_;
};

}  // namespace auralis
