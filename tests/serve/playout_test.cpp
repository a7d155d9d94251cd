// SPDX-License-Identifier: MIT
#include "serve/playout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace auralis {
namespace {

constexpr int rate = 44100;
constexpr int64_t ms = 1000;

// A source on a clock that the test holds: frames of a sine, written as time goes by.
struct Rig {
  explicit Rig(PlayoutSettings settings = {}, double frequency = 220.0)
      : playout(ring, settings), hz(frequency) {}

  void write(int64_t frames) {
    std::vector<float> samples(static_cast<size_t>(frames) * 2);
    for (int64_t i = 0; i < frames; ++i) {
      samples[static_cast<size_t>(2 * i)] = samples[static_cast<size_t>(2 * i + 1)] = sine(written++);
    }
    REQUIRE(ring.write(samples) == frames);
  }
  float sine(int64_t frame) const {
    return static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hz * static_cast<double>(frame) / rate));
  }

  // Lets time go by in steps of a millisecond; every 20 ms the source writes what is due then.
  void run(int64_t duration_ms, bool source_runs = true) {
    for (int64_t i = 0; i < duration_ms; ++i, now += ms) {
      if (source_runs && now / ms % 20 == 0) write(rate / 50);
      while (auto chunk = playout.next(now, ended)) {
        lateness_us.push_back(now - chunk->due_us);
        sent_frames += chunk->frames;
        heard.insert(heard.end(), chunk->samples.begin(), chunk->samples.end());
        chunks.push_back(std::move(*chunk));
      }
    }
  }

  double steepest_step() const {
    double steepest = 0;
    for (size_t i = 2; i < heard.size(); ++i) {
      steepest =
          std::max(steepest, std::abs(static_cast<double>(heard[i]) - static_cast<double>(heard[i - 2])));
    }
    return steepest;
  }
  long flagged() const {
    return std::count_if(chunks.begin(), chunks.end(),
                         [](const Chunk& chunk) { return chunk.discontinuity; });
  }

  FrameRing ring{2, 16 * rate};
  Playout playout;
  double hz;
  int64_t written = 0;
  int64_t now = 5'000'000;
  bool ended = false;
  std::vector<Chunk> chunks;
  std::vector<float> heard;
  std::vector<int64_t> lateness_us;
  int64_t sent_frames = 0;
};

// The steepest step of the sine itself.
double sine_step(double hz) { return 0.5 * 2 * std::numbers::pi * hz / rate; }

}  // namespace

TEST_CASE("A steady source passes unchanged, gapless and on time") {
  for (const int chunk_ms : {20, 25, 100, 200}) {
    PlayoutSettings settings;
    settings.chunk_ms = chunk_ms;
    Rig rig(settings);
    rig.run(3000);
    CAPTURE(chunk_ms);
    REQUIRE(rig.chunks.size() > 10);
    int64_t position = 0;
    for (const Chunk& chunk : rig.chunks) {
      CHECK(chunk.position == position);
      position += chunk.frames;
    }
    CHECK(rig.flagged() == 0);
    CHECK(rig.playout.underruns() == 0);
    for (const int64_t late : rig.lateness_us) CHECK(late <= ms);
    for (size_t i = 0; i < rig.heard.size(); i += 2)
      REQUIRE(rig.heard[i] == rig.sine(static_cast<int64_t>(i / 2)));
  }
}

TEST_CASE("After a day the clock has not drifted by more than a microsecond") {
  // 25 ms at 44.1 kHz are not a whole number of frames.
  PlayoutSettings settings;
  settings.chunk_ms = 25;
  settings.skip_backlog = false;  // the source comes, and is asked for, a second at a time
  FrameRing ring(1, 1 << 17);
  Playout playout(ring, settings);
  const std::vector<float> second(rate);
  int64_t first_due = -1;
  std::optional<Chunk> last;
  for (int64_t s = 1; s <= 86'400; ++s) {
    ring.write(second);
    while (auto chunk = playout.next(s * 1'000'000, false)) {
      if (first_due < 0) first_due = chunk->due_us;
      last = std::move(chunk);
    }
  }
  REQUIRE(last);
  CHECK(last->position > int64_t{86'390} * rate);
  const double expected_us =
      static_cast<double>(first_due) + static_cast<double>(last->position) * 1e6 / rate;
  CHECK(std::abs(static_cast<double>(last->due_us) - expected_us) <= 1.0);
}

TEST_CASE("A chunk that is a little late leaves late, and nothing is lost") {
  Rig rig;
  rig.run(1000);
  rig.run(150, false);  // 50 ms more than there was in hand, and less than the grace
  rig.write(rate * 150 / 1000);
  rig.run(1000);
  CHECK(rig.playout.underruns() == 0);
  CHECK(rig.flagged() == 0);
  CHECK(*std::max_element(rig.lateness_us.begin(), rig.lateness_us.end()) > 10 * ms);
}

TEST_CASE("Frames are awaited before the first chunk and when one is late, and else the clock alone") {
  Rig rig;
  rig.run(1);
  CHECK(rig.playout.awaited_frames() == rig.playout.chunk_frames());
  rig.run(1000);
  CHECK(rig.playout.awaited_frames() == 0);
  rig.run(150, false);
  CHECK(rig.playout.awaited_frames() == rig.playout.chunk_frames());
  rig.write(rate * 150 / 1000);
  rig.run(1000);
  CHECK(rig.playout.awaited_frames() == 0);
}

TEST_CASE("A stall is bridged with silence without a click, flagged at both ends, and counted once") {
  for (const double hz : {55.0, 220.0, 997.0}) {
    Rig rig({}, hz);
    rig.run(1030);
    rig.run(1500, false);
    CHECK(rig.playout.stalled());
    rig.run(1500);
    CAPTURE(hz);
    CHECK(rig.playout.underruns() == 1);
    CHECK(rig.flagged() == 2);
    CHECK(rig.steepest_step() < 1.5 * sine_step(hz));
    // Time went on: what left covers all of it, and more than a second of it is silent.
    CHECK(rig.sent_frames >= int64_t{rate} * 3700 / 1000);
    long silent = 0;
    for (size_t i = 0; i < rig.heard.size(); i += 2) silent += rig.heard[i] == 0.0F ? 1 : 0;
    CHECK(silent > rate);
  }
}

TEST_CASE("What a live source made in a burst is skipped with a crossfade, once it keeps time") {
  Rig rig;
  rig.write(2 * rate);
  rig.run(4000);
  CHECK(rig.playout.skipped_frames() > rate);
  CHECK(rig.ring.available_frames() < rate * 150 / 1000);
  CHECK(rig.flagged() == 1);
  CHECK(rig.steepest_step() < 2.0 * sine_step(220.0));
  CHECK(rig.playout.underruns() == 0);
}

TEST_CASE("After a stall the next one goes unheard, and after a quiet minute nothing is held back for it") {
  const auto stall = [](Rig& rig, int64_t stall_ms) {
    rig.run(stall_ms, false);
    rig.write(rate * stall_ms / 1000);
  };
  Rig rig;
  rig.run(3000);
  stall(rig, 400);
  rig.run(20'000);
  const int64_t skipped = rig.playout.skipped_frames();
  stall(rig, 200);
  rig.run(35'000);
  CHECK(rig.playout.underruns() == 1);
  CHECK(rig.playout.skipped_frames() == skipped);
  rig.run(10'000);
  CHECK(rig.playout.skipped_frames() >= skipped + rate / 20);
  CHECK(rig.ring.available_frames() < rate * 150 / 1000);

  PlayoutSettings settings;
  settings.chunk_ms = 20;
  settings.margin_ms = 5;
  Rig quick(settings);
  quick.run(3000);
  stall(quick, 400);
  quick.run(3000);
  CHECK(quick.ring.available_frames() < rate * 50 / 1000);
}

TEST_CASE("Where chunks are short, half of one too much is skipped once") {
  PlayoutSettings settings;
  settings.chunk_ms = 20;
  settings.margin_ms = 5;
  Rig rig(settings);
  rig.write(rate * 15 / 1000);
  rig.run(20'000);
  CHECK(rig.playout.skipped_frames() >= rate * 10 / 1000);
  CHECK(rig.playout.skipped_frames() <= rate * 15 / 1000);
  CHECK(rig.flagged() == 1);
  CHECK(rig.playout.underruns() == 0);
  CHECK(*std::max_element(rig.lateness_us.begin(), rig.lateness_us.end()) <= ms);
}

TEST_CASE("Nothing of a source that waits for us is skipped") {
  Rig rig;
  uint64_t waited = 0;
  for (int64_t i = 0; i < 8000; ++i, rig.now += ms) {
    if (rig.ring.free_frames() > 0) rig.write(rig.ring.free_frames());
    ++waited;
    while (auto chunk = rig.playout.next(rig.now, false, waited)) rig.chunks.push_back(std::move(*chunk));
  }
  CHECK(rig.playout.skipped_frames() == 0);
  CHECK(rig.flagged() == 0);
}

TEST_CASE("Nothing of a source that is merely faster than real time is skipped") {
  Rig rig;
  for (int64_t i = 0; i < 6000; ++i, rig.now += ms) {
    if (i % 20 == 0) rig.write(rate * 40 / 1000);
    while (auto chunk = rig.playout.next(rig.now, false)) rig.chunks.push_back(std::move(*chunk));
  }
  CHECK(rig.playout.skipped_frames() == 0);
}

TEST_CASE(
    "A source that begins late and is then faster than real time is heard from its first frame, whole") {
  for (const int chunk_ms : {20, 100, 200}) {
    PlayoutSettings settings;
    settings.chunk_ms = chunk_ms;
    Rig rig(settings);
    rig.run(3000, false);
    CHECK(rig.chunks.empty());
    const int64_t begun = rig.now;
    for (int64_t i = 0; i < 4000; ++i) {
      if (i % 20 == 0) rig.write(rate * 30 / 1000);
      rig.run(1, false);
    }
    CAPTURE(chunk_ms);
    REQUIRE(!rig.chunks.empty());
    // Paced from the first chunk that was whole, which is no stall.
    CHECK(rig.chunks.front().position == 0);
    CHECK(rig.chunks.front().due_us - begun <= (chunk_ms + 20 + 20) * ms);
    CHECK(*std::max_element(rig.lateness_us.begin(), rig.lateness_us.end()) <= ms);
    CHECK(rig.flagged() == 0);
    CHECK(rig.playout.underruns() == 0);
    CHECK(rig.playout.skipped_frames() == 0);
    for (size_t i = 0; i < rig.heard.size(); i += 2)
      REQUIRE(rig.heard[i] == rig.sine(static_cast<int64_t>(i / 2)));
  }
}

TEST_CASE("Nothing of a source that made a burst and then nothing is skipped") {
  Rig rig;
  rig.write(10 * rate);
  rig.run(9000, false);
  CHECK(rig.playout.skipped_frames() == 0);
  CHECK(rig.flagged() == 0);
}

TEST_CASE("An end that is asked for fades to silence without a click, through a stall too, and is the end") {
  for (const bool stalls : {false, true}) {
    Rig rig;
    rig.run(1000);
    rig.playout.end();
    rig.run(700);
    rig.run(3000, !stalls);
    CAPTURE(stalls);
    CHECK(rig.playout.finished());
    CHECK(std::abs(rig.sent_frames - int64_t{rate} * (1000 + PlayoutSettings{}.ending_ms) / 1000) <=
          rate / 10);
    CHECK(rig.steepest_step() <= 1.01 * sine_step(220.0));
    CHECK(std::abs(rig.heard.back()) < 1e-4F);
  }
}

TEST_CASE("A fade that runs goes on where the end is asked for again") {
  Rig rig;
  rig.run(1000);
  rig.playout.end();
  rig.run(1200);
  rig.playout.end();
  rig.run(3000);
  CHECK(std::abs(rig.sent_frames - int64_t{rate} * (1000 + PlayoutSettings{}.ending_ms) / 1000) <= rate / 10);
}

TEST_CASE("Where the source ends with it, the fade hurries, and is one all the same") {
  Rig rig;
  rig.run(1000);
  rig.playout.end();
  rig.run(300);
  rig.write(rate / 5);
  rig.ended = true;
  rig.run(1000, false);
  CHECK(rig.playout.finished());
  CHECK(rig.sent_frames == rig.written);
  CHECK(rig.steepest_step() <= 1.05 * sine_step(220.0));
  CHECK(std::abs(rig.heard.back()) < 1e-3F);
}

TEST_CASE("The end drains to the last frame") {
  Rig rig;
  rig.write(rate + 123);
  rig.ended = true;
  rig.run(1500, false);
  CHECK(rig.sent_frames == rate + 123);
  CHECK(rig.chunks.back().frames == (rate + 123) % 4410);
  CHECK(rig.playout.finished());
}

TEST_CASE("An input shorter than a chunk is played") {
  Rig rig;
  rig.write(100);
  rig.ended = true;
  rig.run(200, false);
  CHECK(rig.sent_frames == 100);
  CHECK(rig.playout.finished());
}

TEST_CASE("An input that ends before its first frame is finished") {
  Rig rig;
  rig.ended = true;
  rig.run(10, false);
  CHECK(rig.playout.finished());
  CHECK(rig.chunks.empty());
}

TEST_CASE("A cut between two takes is crossfaded and flagged") {
  Rig rig;
  rig.run(980);
  rig.playout.cut_at(rig.written);
  rig.hz = 331.0;  // the phase jumps
  rig.run(1000);
  CHECK(rig.flagged() == 1);
  CHECK(rig.steepest_step() < 2.5 * sine_step(331.0));
}

TEST_CASE("A machine that slept shifts the clock instead of bursting") {
  Rig rig;
  rig.run(1000);
  rig.write(10 * rate);
  rig.now += 10'000 * ms;
  const size_t before = rig.chunks.size();
  rig.run(50, false);
  CHECK(rig.chunks.size() - before <= 2);
  CHECK(rig.playout.clock_shifts() == 1);
}

TEST_CASE("A frame of the input is heard where position_of says, stalls and skips included") {
  Rig rig;
  rig.run(1000);
  rig.run(700, false);
  rig.run(1000);
  const int64_t frame = rig.written + 1000;
  const int64_t position = rig.playout.position_of(frame);
  rig.run(500);
  CHECK(rig.heard[static_cast<size_t>(position) * 2] == rig.sine(frame));
}

}  // namespace auralis
