// SPDX-License-Identifier: MIT
#include "torch/melody/network.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <doctest/doctest.h>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/io.h"
#include "refusal.h"
#include "temporary_folder.h"
#include "torch/melody/network_file.h"
#include "torch/melody/pieces.h"

using namespace auralis;
using namespace auralis::melody;

namespace {

constexpr Shape small_shape{32, 2, 4, 16};

// A network whose weights have been through a file, as the exact arithmetic expects them. Its outputs are
// made as large as a trained one's.
Network small_network(uint64_t seed = 4) {
  Network net = random_network(small_shape, seed);
  for (at::Tensor* out : {&net.symbol_out, &net.interval_out, &net.relative_out, &net.length_out})
    *out = *out * 20.0;
  for (Block& block : net.blocks) block.distance = block.distance * 20.0;
  const test::TemporaryFolder folder;
  save_network(net, {}, folder / "net");
  return load_network(folder / "net");
}

struct Logits {
  at::Tensor symbol, length;
};

Logits run_rows(const Network& net, std::span<const Slot> slots, int notes, bool exact) {
  const c10::NoGradGuard no_grad;
  const Network used = exact ? to_exact(net) : net;
  const Arithmetic arithmetic{exact, 0.0};
  const Batch batch = make_batch(slots, notes, exact);
  const at::Tensor read = read_notes(used, batch, arithmetic);
  return {symbol_logits(used, read, batch, arithmetic),
          length_logits(used, read, batch, batch.symbol, arithmetic)};
}

Logits run_line(const Network& net, const Line& line, bool exact) {
  std::vector<Slot> slots;
  append_slots(line, 0, slots);
  return run_rows(net, slots, static_cast<int>(slots.size()), exact);
}

Line some_line(uint64_t seed = 1) { return lines_of(small_piece(seed, false, 0)).front(); }

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace

TEST_CASE("What comes later changes nothing before it, and what came before changes what is later") {
  const Network net = small_network();
  Line line = some_line();
  const Logits before = run_line(net, line, false);
  const int64_t changed = 7;
  line[changed].symbol += 4;
  line[changed].length = (line[changed].length + 3) % length_count;
  const Logits after = run_line(net, line, false);
  CHECK(after.symbol.narrow(1, 0, changed + 1).equal(before.symbol.narrow(1, 0, changed + 1)));
  CHECK(after.length.narrow(1, 0, changed).equal(before.length.narrow(1, 0, changed)));
  for (int64_t i = changed + 1; i < static_cast<int64_t>(line.size()); ++i) {
    CHECK_FALSE(after.symbol.select(1, i).equal(before.symbol.select(1, i)));
  }
}

TEST_CASE("A note's own symbol is not seen by its own symbol's logits, but by its length's") {
  const Network net = small_network();
  Line line = some_line();
  const Logits before = run_line(net, line, false);
  line.back().symbol -= 2;
  const Logits after = run_line(net, line, false);
  CHECK(after.symbol.equal(before.symbol));
  CHECK_FALSE(after.length.equal(before.length));
}

TEST_CASE("Mode, chord, place, part and intensity each change what comes next") {
  const Network net = small_network();
  const Line line = some_line();
  const Logits before = run_line(net, line, false);
  const auto changes = [&](auto change) {
    Line other = line;
    change(other.back().condition);
    return !run_line(net, other, false).symbol.equal(before.symbol);
  };
  CHECK(changes([](Condition& c) { c.alteration = alterations(*find_mode("lydian")); }));
  CHECK(changes([](Condition& c) { c.chord_degree = (c.chord_degree + 3) % degree_count; }));
  CHECK(changes([](Condition& c) { c.place = (c.place + 2) % bar_sixteenths; }));
  CHECK(changes([](Condition& c) { c.part = 3; }));
  CHECK(changes([](Condition& c) { c.intensity = c.intensity < 0.5F ? 1.0F : 0.0F; }));
}

TEST_CASE("Lines that share a row do not hear each other") {
  const Network net = small_network();
  const Line one = some_line(1);
  const Line two = some_line(2);
  std::vector<Slot> slots;
  append_slots(one, 0, slots);
  append_slots(two, 1, slots);
  const Logits both = run_rows(net, slots, static_cast<int>(slots.size()), true);
  const auto first = static_cast<int64_t>(one.size());
  CHECK(both.symbol.narrow(1, 0, first).equal(run_line(net, one, true).symbol));
  CHECK(
      both.symbol.narrow(1, first, static_cast<int64_t>(two.size())).equal(run_line(net, two, true).symbol));
}

TEST_CASE("Note by note with a memory the logits are those of the whole line at once, to the bit") {
  const Network net = to_exact(small_network());
  const Line line = some_line();
  REQUIRE(line.size() > static_cast<size_t>(small_shape.window) / 2);
  Line twice = line;  // longer than the window, so that the memory has to forget
  for (Note note : line) {
    note.symbol += 2;
    twice.push_back(note);
  }
  std::vector<Slot> slots;
  append_slots(twice, 0, slots);
  const Arithmetic exact{true, 0.0};
  const at::Tensor whole = read_notes(net, make_batch(slots, static_cast<int>(slots.size()), true), exact);
  Memory memory;
  for (size_t i = 0; i < slots.size(); ++i) {
    const at::Tensor one = read_notes(net, make_batch({&slots[i], 1}, 1, true), exact, &memory);
    CHECK(one.select(1, 0).equal(whole.select(1, static_cast<int64_t>(i))));
  }
  CHECK(memory.keys.front().size(2) == small_shape.window);
}

TEST_CASE("In the exact arithmetic the order of a sum does not matter, in the fast one it does") {
  const Network net = small_network();
  Network shuffled = net;
  for (Block& block : shuffled.blocks) {
    block.think_up = block.think_up.flip({0}).contiguous();
    block.think_down = block.think_down.flip({1}).contiguous();
  }
  const Line line = some_line();
  const Logits one = run_line(net, line, true);
  const Logits other = run_line(shuffled, line, true);
  CHECK(one.symbol.equal(other.symbol));
  CHECK(one.length.equal(other.length));
  CHECK_FALSE(run_line(net, line, false).symbol.equal(run_line(shuffled, line, false).symbol));
}

TEST_CASE("The exact arithmetic agrees with the fast one and does not depend on the number of threads") {
  const Network net = small_network();
  const Line line = some_line();
  at::set_num_threads(1);
  const Logits exact = run_line(net, line, true);
  const Logits fast = run_line(net, line, false);
  CHECK(fast.symbol.abs().max().item<double>() > 1.0);
  CHECK(largest_difference(exact.symbol, fast.symbol) < 1e-3);
  CHECK(largest_difference(exact.length, fast.length) < 1e-3);
  at::set_num_threads(2);
  CHECK(run_line(net, line, true).symbol.equal(exact.symbol));
  at::set_num_threads(1);
}

TEST_CASE("The exponential of products and sums is within 1e-9 of the library's") {
  for (double x = -39.0; x <= 0.0; x += 0.037) CHECK(std::abs(plain_exp(x) - std::exp(x)) < 1e-9);
  CHECK(plain_exp(0.0) == 1.0);
  CHECK(plain_exp(-1e9) < 1e-17);
}

TEST_CASE("An interval has the same index wherever it lies, and up is not down") {
  CHECK(interval_index(20, 24) == interval_index(30, 34));
  CHECK(interval_index(20, 24) != interval_index(24, 20));
  CHECK(interval_index(symbol_count, 24) == interval_count - 1);
  CHECK(interval_index(silence, 24) == interval_index(24, silence));
}

TEST_CASE("Weights survive their file on a grid of 2^-13, and a second saving gives the same bytes") {
  const test::TemporaryFolder folder;
  const auto file = folder / "net";
  Network net = random_network(small_shape, 9);
  save_network(net, {{"nats", 1.5}}, file);
  Network loaded = load_network(file);
  const auto a = named_weights(net);
  const auto b = named_weights(loaded);
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) CHECK(largest_difference(*a[i].tensor, *b[i].tensor) <= 0x1p-14);
  const std::string bytes = read_file(file);
  CHECK(bytes.find(R"("measured":{"nats":1.5})") < 512);
  save_network(loaded, {{"nats", 1.5}}, file);
  CHECK(read_file(file) == bytes);
}

TEST_CASE("A damaged file of weights is bad input that names the file, wherever the damage is") {
  const test::TemporaryFolder folder;
  const auto file = folder / "net";
  save_network(random_network({8, 1, 2, 4}, 9), {}, file);
  const std::string sound = read_file(file);
  const auto refused = [&](const std::string& bytes) {
    write_file(file, bytes);
    return test::refusal([&] { load_network(file); }).starts_with(file.string() + ":");
  };
  CHECK(refused(""));
  CHECK(refused("RIFF" + sound));
  CHECK(refused(sound.substr(0, 17)));
  CHECK(refused(sound.substr(0, 40)));
  CHECK(refused(sound.substr(0, sound.size() - 1)));
  CHECK(refused(sound + "x"));
  for (size_t i = 0; i < sound.size(); i += 97) {
    std::string flipped = sound;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x10);
    CAPTURE(i);
    CHECK(refused(flipped));
  }
  write_file(file, sound);
  CHECK_NOTHROW(load_network(file));
}
