// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "audio/sound_file.h"
#include "render/output.h"
#include "temporary_folder.h"

using namespace auralis;
using test::TemporaryFolder;

namespace {

std::vector<float> samples_of(const std::filesystem::path& path) {
  SoundFileReader reader(path);
  std::vector<float> samples(static_cast<size_t>(reader.frames() * reader.channels()));
  reader.read(samples);
  return samples;
}

RenderJob job_in(const TemporaryFolder& folder) {
  RenderJob job;
  job.output = (folder / "mix.wav").string();
  job.stems = (folder / "stems").string();
  job.format.sample = SampleFormat::f32;
  return job;
}

}  // namespace

TEST_CASE("A layer that appears late has the silence it missed") {
  const TemporaryFolder folder;
  const RenderJob job = job_in(folder);
  const std::vector<float> sound(20000, 0.25f);
  {
    Output output(job, {});
    output.write_stem("pad", sound);
    output.write(sound);
    output.write_stem("pad", sound);
    output.write_stem("lead", sound);
    output.write(sound);
    CHECK(output.frames() == 20000);
    CHECK_FALSE(std::filesystem::exists(job.output));
    CHECK(output.commit(true) == job.output);
  }
  const std::vector<float> lead = samples_of(folder / "stems" / "lead.wav");
  REQUIRE(lead.size() == 40000);
  CHECK(std::all_of(lead.begin(), lead.begin() + 20000, [](float x) { return x == 0.0f; }));
  CHECK(std::equal(sound.begin(), sound.end(), lead.begin() + 20000));
  CHECK(samples_of(folder / "stems" / "pad.wav").size() == 40000);
}

TEST_CASE("What is not whole stands beside its name, and what is not committed nowhere") {
  const TemporaryFolder folder;
  const RenderJob job = job_in(folder);
  const std::vector<float> sound(200, 0.25f);
  for (const bool committed : {false, true}) {
    Output output(job, {});
    output.write_stem("pad", sound);
    output.write(sound);
    if (committed) CHECK(output.commit(false) == (folder / "mix.partial.wav").string());
  }
  CHECK(std::filesystem::exists(folder / "mix.partial.wav"));
  CHECK(std::filesystem::exists(folder / "stems" / "pad.partial.wav"));
  CHECK(folder.entries() == 2);
  CHECK_FALSE(std::filesystem::exists(folder / "stems" / "pad.wav"));
}

TEST_CASE(
    "The sum is measured only where a report is asked for, loudness also of a file that is made alone") {
  const TemporaryFolder folder;
  RenderJob job = job_in(folder);
  CHECK(Output(job, {}).loudness().has_value());
  CHECK_FALSE(Output(job, {}).pcm_sum().has_value());
  job.on_sound = [](double) {};
  CHECK_FALSE(Output(job, {}).loudness().has_value());
  job.on_sound = nullptr;
  job.report = "-";
  CHECK(Output(job, {}).loudness().has_value());
  CHECK(Output(job, {}).pcm_sum()->format() == SampleFormat::f32);
  job.format.sample = SampleFormat::s16;
  CHECK(Output(job, {}).pcm_sum()->format() == SampleFormat::s16);
  job.output = (folder / "mix.opus").string();
  CHECK(Output(job, {}).lossy());
  CHECK(Output(job, {}).pcm_sum()->format() == SampleFormat::f32);
}
