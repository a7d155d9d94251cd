// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "audio/sound_file.h"
#include "base/io.h"
#include "refusal.h"
#include "render/piece.h"
#include "render/render.h"
#include "render/sha256.h"
#include "temporary_folder.h"

using namespace auralis;
using nlohmann::json;
using test::TemporaryFolder;

namespace {

RenderJob job_of(const TemporaryFolder& folder, const std::string& events,
                 const std::string& extension = "wav") {
  write_file(folder / "piece.jsonl", events);
  RenderJob job;
  job.input = (folder / "piece.jsonl").string();
  job.output = (folder / ("piece." + extension)).string();
  job.report = (folder / "report.json").string();
  return job;
}

json report_of(const TemporaryFolder& folder) { return json::parse(read_file(folder / "report.json")); }

std::string sum_of(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.hex();
}

std::vector<float> samples_of(const std::filesystem::path& path) {
  SoundFileReader reader(path);
  std::vector<float> samples(static_cast<size_t>(reader.frames() * reader.channels()));
  reader.read(samples);
  return samples;
}

float loudest(std::span<const float> samples) {
  float most = 0.0f;
  for (const float x : samples) most = std::max(most, std::abs(x));
  return most;
}

}  // namespace

TEST_CASE(
    "A piece with an end is exactly as long, and its report has the sums of what came in and went out") {
  const TemporaryFolder folder;
  const std::string events = test::piece(2);
  RenderJob job = job_of(folder, events);
  for (const SampleFormat sample : {SampleFormat::s16, SampleFormat::f32}) {
    job.format.sample = sample;
    CHECK(render(job));
    const std::vector<float> samples = samples_of(job.output);
    CHECK(samples.size() == 2 * 88200);
    CHECK(loudest(samples) > 0.01f);
    const json report = report_of(folder);
    CHECK(report["frames"] == 88200);
    CHECK(report["complete"] == true);
    CHECK(report["events_sha256"] == sum_of(events));
    std::string bytes;
    append_pcm(samples, sample, bytes);  // what was dithered once is not again
    CHECK(report["pcm_sha256"] == sum_of(bytes));
  }
}

TEST_CASE("FLAC leaves with the sum of WAV's samples, a lossy file with that of the floats") {
  const TemporaryFolder folder;
  const auto sum = [&](const std::string& extension, SampleFormat sample) {
    RenderJob job = job_of(folder, test::piece(1), extension);
    job.format.sample = sample;
    render(job);
    return report_of(folder)["pcm_sha256"].get<std::string>();
  };
  const std::string s16 = sum("wav", SampleFormat::s16);
  const std::string f32 = sum("wav", SampleFormat::f32);
  CHECK(s16 != f32);
  CHECK(sum("flac", SampleFormat::s16) == s16);
  CHECK(sum("ogg", SampleFormat::s16) == f32);
  CHECK(sum("opus", SampleFormat::s16) == f32);
}

TEST_CASE("Without an end what sounds rings out") {
  const TemporaryFolder folder;
  const RenderJob job = job_of(folder, test::notes(2));
  CHECK(render(job));
  const std::vector<float> samples = samples_of(job.output);
  CHECK(samples.size() > 2 * 3 * 44100);
  CHECK(loudest(std::span(samples).last(2 * 2205)) < 0.002f);
}

TEST_CASE("Bad input keeps the sound before it, faded, beside the name that was asked for") {
  const TemporaryFolder folder;
  const RenderJob job = job_of(folder, test::notes(4) + "what?\n");
  const std::string message = test::refusal([&] { render(job); });
  CHECK_MESSAGE(message.find("piece.jsonl:10: not JSON") != std::string::npos, message);
  CHECK_MESSAGE(message.find("the sound until there is in ") != std::string::npos, message);
  CHECK_FALSE(std::filesystem::exists(job.output));
  const std::vector<float> samples = samples_of(folder / "piece.partial.wav");
  CHECK(samples.size() > 2 * 110250);
  CHECK(loudest(std::span(samples).last(2 * 441)) < 0.001f);
  CHECK(report_of(folder)["complete"] == false);
}

TEST_CASE("Bad input before any sound leaves nothing") {
  const TemporaryFolder folder;
  const RenderJob job = job_of(folder, "what?\n");
  CHECK(test::refusal([&] { render(job); }).find(":1: not JSON") != std::string::npos);
  CHECK(folder.entries() == 1);
}
