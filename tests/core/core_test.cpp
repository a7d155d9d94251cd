// SPDX-License-Identifier: MIT
// Names, numbers, files, sessions and figures that every command shares.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <thread>

#include <array>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/io.h"
#include "core/metrics.h"
#include "core/music.h"
#include "core/patch.h"
#include "core/rng.h"
#include "core/session.h"
#include "core/units.h"
#include "refusal.h"
#include "temporary_folder.h"

using namespace auralis;
using nlohmann::json;
using test::TemporaryFolder;

TEST_CASE("Random numbers are the same on every machine") {
  // xoshiro256++ seeded through splitmix64, computed with an independent implementation in Python.
  uint64_t state = 0;
  CHECK(splitmix64(state) == 0xe220a8397b1dcdafu);
  CHECK(splitmix64(state) == 0x6e789e6aa1b965f4u);
  CHECK(hash_name("") == 0xcbf29ce484222325u);
  CHECK(hash_name("a") == 0xaf63dc4c8601ec8cu);
  Rng rng(7, "harmony");
  Rng same(7, "harmony");
  Rng other(7, "melody");
  CHECK(rng.next() == same.next());
  CHECK(rng.next() != other.next());
}

TEST_CASE("Draws have the mean and spread they promise") {
  Rng rng(1);
  double sum = 0.0;
  double squares = 0.0;
  constexpr int count = 100'000;
  for (int i = 0; i < count; ++i) {
    const double x = rng.normal();
    sum += x;
    squares += x * x;
  }
  CHECK(std::abs(sum / count) < 0.02);
  CHECK(std::abs(squares / count - 1.0) < 0.02);

  const std::vector<double> weights{1.0, 0.0, 3.0};
  std::vector<int> drawn(3);
  for (int i = 0; i < count; ++i) ++drawn[rng.weighted(weights)];
  CHECK(drawn[1] == 0);
  CHECK(std::abs(drawn[2] / static_cast<double>(count) - 0.75) < 0.01);

  std::set<size_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(rng.index(7));
  CHECK(seen.size() == 7);
  CHECK(*seen.rbegin() == 6);
}

TEST_CASE("Every key name is read, and named back as itself or as its usual equal") {
  for (int pc = 0; pc < 12; ++pc) CHECK(key_pitch_class(key_name(pc)) == pc);
  CHECK(key_pitch_class("C#") == key_pitch_class("Db"));
  CHECK(key_pitch_class("Cb") == 11);
  CHECK(key_pitch_class("E#") == 5);
  for (const char* bad : {"", "H", "c", "Dbb", "D ", "Fs"}) CHECK_FALSE(key_pitch_class(bad));
}

TEST_CASE("Every mode starts at its tonic and ascends within an octave") {
  CHECK(mode_names().size() == modes().size());
  for (const Mode& mode : modes()) {
    CHECK(find_mode(mode.name) == &mode);
    CHECK(mode.steps[0] == 0);
    for (size_t i = 1; i < mode.steps.size(); ++i) CHECK(mode.steps[i] > mode.steps[i - 1]);
    CHECK(mode.steps.back() < 12);
  }
  CHECK(find_mode("bebop") == nullptr);
}

TEST_CASE("A misspelt name finds the one that was meant, and nonsense finds none") {
  CHECK(nearest_name("dorain", mode_names()) == "dorian");
  CHECK(nearest_name("cutof_hz", voice_param_names()) == "cutoff_hz");
  CHECK(nearest_name("zzzzzzzz", mode_names()).empty());
}

TEST_CASE("The parameter table holds defaults and built-in sounds inside its ranges") {
  const auto inside = [](const auto& set, const auto& table) {
    for (size_t i = 0; i < table.size(); ++i) {
      INFO(table[i].name);
      CHECK(static_cast<double>(set.values[i]) >= table[i].min - 1e-6);
      CHECK(static_cast<double>(set.values[i]) <= table[i].max + 1e-6);
      if (table[i].curve == Curve::logarithmic) CHECK(table[i].min > 0.0);
    }
  };
  inside(default_patch(), voice_params);
  inside(default_master_patch(), master_params);
  for (std::string_view layer : layer_names) inside(builtin_patch(layer), voice_params);
  CHECK(builtin_patch("some-other") == builtin_patch("pad"));
  CHECK(std::set<std::string_view>(voice_param_names().begin(), voice_param_names().end()).size() ==
        voice_param_count);
  CHECK(find_voice_param("cutoff_hz") == VoiceParam::cutoff_hz);
  CHECK_FALSE(find_voice_param("reverb_time_s"));
  CHECK(find_master_param("reverb_time_s") == MasterParam::reverb_time_s);
  for (const char* bad : {"", "master", "Pad", "a b", "abcdefghijklmnopqrstuvwxyz0123456"})
    CHECK_FALSE(is_layer_name(bad));
}

TEST_CASE("Units convert there and back") {
  CHECK(midi_to_hz(69) == doctest::Approx(440.0).epsilon(1e-12));
  CHECK(midi_to_hz(57) == doctest::Approx(220.0).epsilon(1e-12));
  for (double pitch : {0.0, 20.25, 60.0, 127.0})
    CHECK(hz_to_midi(midi_to_hz(pitch)) == doctest::Approx(pitch));
  CHECK(gain_to_db(db_to_gain(-17.0)) == doctest::Approx(-17.0));
  CHECK(fader_to_gain(-60.0) == 0.0);
  CHECK(fader_to_gain(0.0) == 1.0);
}

TEST_CASE("A file appears under its name when it is whole, and not at all before") {
  const TemporaryFolder folder;
  const auto target = folder / "piece.wav";
  {
    AtomicFile file(target);
    CHECK(file.path().extension() == ".wav");
    file.write("half");
    CHECK_FALSE(std::filesystem::exists(target));
  }
  CHECK(folder.entries() == 0);
  write_file(target, "whole");
  CHECK(read_file(target) == "whole");
  CHECK(folder.entries() == 1);
  struct stat info {};
  ::stat(target.c_str(), &info);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  CHECK((info.st_mode & 0777) == (0666 & ~mask));
}

TEST_CASE("A link goes on pointing to what was written, and what is no plain file is written through") {
  const TemporaryFolder folder;
  write_file(folder / "real", "before");
  std::filesystem::create_symlink("real", folder / "link");
  write_file(folder / "link", "after");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(read_file(folder / "real") == "after");

  const std::filesystem::path pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  std::string read;
  std::jthread reader([&] { read = read_file(pipe); });
  write_file(pipe, "through");
  reader.join();
  CHECK(read == "through");
  CHECK(std::filesystem::is_fifo(pipe));
}

TEST_CASE("Broken places for files are errors of the environment that name the file") {
  const TemporaryFolder folder;
  const auto refusal = [](const auto& action) { return test::refusal(action, Exit::environment); };
  CHECK(refusal([&] { write_file(folder / "no" / "x", "y"); }).find("no/x") != std::string::npos);
  CHECK(refusal([&] { read_file(folder / "none"); }).find("none") != std::string::npos);
  CHECK(refusal([&] { write_all(-1, "x", "nowhere"); }).find("nowhere") != std::string::npos);
}

TEST_CASE("A reader that has gone is a closed pipe, not an error") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  ::close(ends[0]);
  std::signal(SIGPIPE, SIG_IGN);
  CHECK_THROWS_AS(write_all(ends[1], "x", "pipe"), ClosedPipe);
  ::close(ends[1]);
}

TEST_CASE("A session's folder is private, and its name cannot leave its place") {
  const TemporaryFolder folder;
  ::setenv("XDG_RUNTIME_DIR", folder.path.c_str(), 1);
  CHECK(session_path("a") == folder / "auralis" / "a");
  CHECK_FALSE(std::filesystem::exists(folder / "auralis"));
  struct stat info {};
  REQUIRE(::stat(open_session("evening").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  CHECK(open_session("evening") == folder / "auralis" / "evening");
  for (const char* bad : {"", "..", "a/b", ".hidden", "a b"}) CHECK_THROWS_AS(session_path(bad), Error);

  // Something else of that name is not taken over.
  write_file(folder / "auralis" / "taken", "x");
  CHECK_THROWS_AS(open_session("taken"), Error);
}

TEST_CASE("Quantiles of a latency are those of what was observed") {
  Latency latency;
  CHECK(latency.figures()["p50"].is_null());
  for (int i = 1; i <= 1000; ++i) latency.observe(i);
  const json figures = latency.figures();
  CHECK(figures["p50"].get<double>() == doctest::Approx(500).epsilon(0.03));
  CHECK(figures["p95"].get<double>() == doctest::Approx(950).epsilon(0.02));
  CHECK(figures["p99"].get<double>() == doctest::Approx(990).epsilon(0.01));
  CHECK(figures["max"] == 1000.0);
}

TEST_CASE("Figures become key=value for the log and base units for Prometheus") {
  const json figures{
      {"voices", 12},         {"events_total", 7},   {"send_lateness_ms", {{"p50", 1.5}, {"max", nullptr}}},
      {"memory_mb", 2.0},     {"cpu_percent", 50.0}, {"uptime_s", 3.0},
      {"device", "a \"cpu\""}};
  const std::string line = figures_line(figures);
  CHECK(line.find("send_lateness_ms.p50=1.5") != std::string::npos);
  CHECK(line.find("voices=12") != std::string::npos);
  const std::string text = prometheus_text(figures);
  for (const char* expected : {"# TYPE auralis_events_total counter\nauralis_events_total 7",
                               "auralis_send_lateness_seconds{stat=\"p50\"} 0.0015",
                               "auralis_memory_bytes 2000000", "auralis_cpu_ratio 0.5",
                               "auralis_uptime_seconds 3", "auralis_voices 12", "device=\"a \\\"cpu\\\"\""}) {
    INFO(text);
    CHECK_MESSAGE(text.find(expected) != std::string::npos, expected);
  }
}

TEST_CASE("A reporter writes its figures at once and takes the file away when it ends") {
  const TemporaryFolder folder;
  {
    const FigureReporter reporter(folder.path, "compose", [] { return json{{"voices", 3}}; });
    const auto file = folder / "compose.metrics.json";
    for (int i = 0; i < 1000 && !std::filesystem::exists(file); ++i) ::usleep(10'000);
    CHECK(json::parse(read_file(file)) == json{{"voices", 3}});
  }
  CHECK(folder.entries() == 0);
}
