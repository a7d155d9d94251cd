// SPDX-License-Identifier: MIT
#include "torch/voices/network.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <doctest/doctest.h>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "temporary_folder.h"
#include "torch/melody/pieces.h"

using namespace auralis;
using namespace auralis::voices;

namespace {

// Its weights have been through a file, as the exact arithmetic expects them; its outputs are as large as a trained one's.
Network small_network(uint64_t seed = 4) {
  Network net = random_network({32, 2, 4, 16}, seed);
  net.chord_out = net.chord_out * 20.0;
  for (Head& head : net.heads) {
    for (at::Tensor* out : {&head.absolute, &head.motion, &head.relative}) *out = *out * 20.0;
    if (head.gap.defined()) head.gap = head.gap * 20.0;
  }
  const test::TemporaryFolder folder;
  save_network(net, {}, folder / "net");
  return load_network(folder / "net");
}

std::vector<Slot> some_slots(uint64_t seed = 1) {
  std::vector<Slot> slots;
  append_slots(song_of(melody::small_piece(seed, false, 0)), 0, slots);
  return slots;
}

struct Logits {
  at::Tensor chord;
  std::array<at::Tensor, voice_count> pitch;
};

Logits run(const Network& net, std::span<const Slot> slots, bool is_exact, Memory* memory = nullptr) {
  const c10::NoGradGuard no_grad;
  const Network used = is_exact ? to_exact(net) : net;
  const Arithmetic arithmetic{is_exact, 0.0};
  const Batch batch = make_batch(slots, static_cast<int>(slots.size()), is_exact);
  const at::Tensor read = read_steps(used, batch, arithmetic, memory);
  Logits logits{chord_logits(used, read, arithmetic), {}};
  for (int voice = 0; voice < voice_count; ++voice)
    logits.pitch[static_cast<size_t>(voice)] = pitch_logits(used, read, batch, voice, arithmetic);
  return logits;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace

TEST_CASE("A token sees the tokens before it in its step, and none after") {
  const Network net = small_network();
  std::vector<Slot> slots = some_slots();
  slots.pop_back();
  const Logits before = run(net, slots, false);
  const auto last = static_cast<int64_t>(slots.size()) - 1;
  const auto same = [&](const at::Tensor& a, const at::Tensor& b) {
    return a.select(1, last).equal(b.select(1, last));
  };
  for (size_t changed = 0; changed < voice_count; ++changed) {
    CAPTURE(changed);
    std::vector<Slot> other = slots;
    other.back().step.pitch[changed] += 2;
    const Logits after = run(net, other, false);
    CHECK(same(after.chord, before.chord));
    for (size_t voice = 0; voice < voice_count; ++voice)
      CHECK(same(after.pitch[voice], before.pitch[voice]) == (voice <= changed));
  }
  std::vector<Slot> other = slots;
  other.back().step.harmony = {minor, 5};
  const Logits after = run(net, other, false);
  CHECK(same(after.chord, before.chord));
  for (size_t voice = 0; voice < voice_count; ++voice)
    CHECK_FALSE(same(after.pitch[voice], before.pitch[voice]));
}

TEST_CASE("What comes later changes nothing before it") {
  const Network net = small_network();
  const std::vector<Slot> slots = some_slots();
  const Logits whole = run(net, slots, true);
  const Logits part = run(net, std::span(slots).first(20), true);
  CHECK(whole.chord.narrow(1, 0, 20).equal(part.chord));
  for (size_t voice = 0; voice < voice_count; ++voice)
    CHECK(whole.pitch[voice].narrow(1, 0, 20).equal(part.pitch[voice]));
}

TEST_CASE(
    "The exact arithmetic agrees with the fast one, and gives the same bits for any number of threads") {
  const Network net = small_network();
  const std::vector<Slot> slots = some_slots(2);
  const Logits fast = run(net, slots, false);
  at::set_num_threads(1);
  const Logits one = run(net, slots, true);
  at::set_num_threads(2);
  const Logits two = run(net, slots, true);
  at::set_num_threads(1);
  CHECK(largest_difference(one.chord, fast.chord) < 5e-3);
  CHECK(two.chord.equal(one.chord));
  for (size_t voice = 0; voice < voice_count; ++voice) {
    CHECK(largest_difference(one.pitch[voice], fast.pitch[voice]) < 5e-3);
    CHECK(two.pitch[voice].equal(one.pitch[voice]));
  }
}

TEST_CASE("Read a few steps at a time, with a memory, a song gives the same bits as read at once") {
  const Network net = small_network();
  const std::vector<Slot> slots = some_slots(3);
  const Logits whole = run(net, slots, true);
  Memory memory;
  size_t at = 0;
  for (size_t count : {1, 4, 1, 7, 4, 4, 11}) {
    const Logits part = run(net, std::span(slots).subspan(at, count), true, &memory);
    const auto from = static_cast<int64_t>(at);
    const auto steps = static_cast<int64_t>(count);
    CHECK(part.chord.equal(whole.chord.narrow(1, from, steps)));
    CHECK(part.pitch[tenor].equal(whole.pitch[tenor].narrow(1, from, steps)));
    at += count;
  }
}

TEST_CASE("Songs that share a row do not hear each other") {
  const Network net = small_network();
  std::vector<Slot> slots = some_slots(1);
  const auto first = static_cast<int64_t>(slots.size());
  append_slots(song_of(melody::small_piece(2, true, 1)), 1, slots);
  const Logits both = run(net, slots, true);
  CHECK(both.chord.narrow(1, 0, first).equal(run(net, some_slots(1), true).chord));
  std::vector<Slot> second;
  append_slots(song_of(melody::small_piece(2, true, 1)), 0, second);
  const Logits alone = run(net, second, true);
  CHECK(both.pitch[alto].narrow(1, first, static_cast<int64_t>(second.size())).equal(alone.pitch[alto]));
}

TEST_CASE("Of a piece all tokens are to be predicted but its first chord, and its end") {
  const std::vector<Slot> slots = some_slots();
  const Batch batch = make_batch(slots, static_cast<int>(slots.size()) + 3, false);  // and padding
  const auto steps = static_cast<int64_t>(slots.size()) - 1;
  CHECK(batch.chord.ge(0).sum().item<int64_t>() == steps);
  CHECK(batch.chord[0][0].item<int64_t>() == -1);
  CHECK(batch.chord[0][steps].item<int64_t>() == end_chord);
  for (const at::Tensor& pitch : batch.pitch) CHECK(pitch.ge(0).sum().item<int64_t>() == steps);
}
