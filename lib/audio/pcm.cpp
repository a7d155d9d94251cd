// SPDX-License-Identifier: MIT
#include "audio/pcm.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/io.h"
#include "model/rng.h"

namespace auralis {
namespace {

static_assert(std::endian::native == std::endian::little, "samples are copied as they lie in memory");

struct FormatInfo {
  std::string_view name;
  int bytes;
};
constexpr std::array<FormatInfo, 5> formats{{{"u8", 1}, {"s16", 2}, {"s24", 3}, {"s32", 4}, {"f32", 4}}};

constexpr uint32_t endless = 0xFFFFFFFFu;

template <typename T>
void append_value(std::string& bytes, T value) {
  std::array<char, sizeof(T)> raw;
  std::memcpy(raw.data(), &value, sizeof(T));
  bytes.append(raw.data(), raw.size());
}

constexpr double dither_unit = 0x1.0p-16;

// Triangular on (−1, 1) in such units, for samples first, +1, …: the difference of two uniform numbers of 16 bits, of
// which a mixed index yields four, for two samples.
void fill_dither(int64_t first, std::span<int32_t> out) {
  const auto begin = static_cast<uint64_t>(first);
  const auto bits_of = [begin](size_t i) {
    uint64_t state = (begin + i) / 2;
    return splitmix64(state);
  };
  const auto noise = [](uint64_t bits) {
    return static_cast<int32_t>(bits >> 16 & 0xFFFFu) - static_cast<int32_t>(bits & 0xFFFFu);
  };
  size_t i = 0;
  if (begin % 2 == 1 && !out.empty()) out[i++] = noise(bits_of(0) >> 32);
  for (; i + 1 < out.size(); i += 2) {
    const uint64_t bits = bits_of(i);
    out[i] = noise(bits);
    out[i + 1] = noise(bits >> 32);
  }
  if (i < out.size()) out[i] = noise(bits_of(i));
}

// Rounds to nearest without a call: at 1.5·2^52 a double's last bit stands for 1. The order of the comparisons makes
// a NaN full negative scale.
int32_t rounded(double x, double full) {
  constexpr double shift = 6755399441055744.0;
  return static_cast<int32_t>(std::bit_cast<int64_t>(std::min(full - 1.0, std::max(-full, x)) + shift));
}

template <size_t width>
void put(std::span<const int32_t> whole, int32_t offset, char* out) {
  for (size_t i = 0; i < whole.size(); ++i) {
    const int32_t value = whole[i] + offset;
    std::memcpy(out + i * width, &value, width);
  }
}

template <size_t width>
void get(std::string_view bytes, uint32_t flip, float* samples) {
  for (size_t i = 0; i < bytes.size() / width; ++i) {
    uint32_t value = 0;
    std::memcpy(&value, bytes.data() + i * width, width);
    samples[i] = static_cast<float>(static_cast<int32_t>((value ^ flip) << (32 - 8 * width))) * 0x1.0p-31f;
  }
}

// From "fmt " to the size of "data"; all ones where the length is not known or does not fit.
std::string chunks_before_data(const PcmFormat& format, std::optional<uint64_t> frames) {
  const bool is_float = format.sample == SampleFormat::f32;
  const auto frame_bytes = static_cast<uint32_t>(format.frame_bytes());
  const bool fits = frames && *frames < endless / frame_bytes;
  std::string bytes = "fmt ";
  append_value<uint32_t>(bytes, is_float ? 18 : 16);
  append_value<uint16_t>(bytes, is_float ? 3 : 1);
  append_value<uint16_t>(bytes, static_cast<uint16_t>(format.channels));
  append_value<uint32_t>(bytes, static_cast<uint32_t>(format.rate));
  append_value<uint32_t>(bytes, static_cast<uint32_t>(format.rate) * frame_bytes);
  append_value<uint16_t>(bytes, static_cast<uint16_t>(frame_bytes));
  append_value<uint16_t>(bytes, static_cast<uint16_t>(sample_bytes(format.sample) * 8));
  if (is_float) {
    // Formats other than whole numbers carry an extension size and a count of frames.
    append_value<uint16_t>(bytes, 0);
    bytes += "fact";
    append_value<uint32_t>(bytes, 4);
    append_value<uint32_t>(bytes, fits ? static_cast<uint32_t>(*frames) : endless);
  }
  bytes += "data";
  append_value<uint32_t>(bytes, fits ? static_cast<uint32_t>(*frames) * frame_bytes : endless);
  return bytes;
}

}  // namespace

std::string_view sample_format_name(SampleFormat format) { return formats[static_cast<size_t>(format)].name; }

std::optional<SampleFormat> find_sample_format(std::string_view name) {
  for (size_t i = 0; i < formats.size(); ++i) {
    if (formats[i].name == name) return static_cast<SampleFormat>(i);
  }
  return std::nullopt;
}

int sample_bytes(SampleFormat format) { return formats[static_cast<size_t>(format)].bytes; }

void quantise(std::span<const float> samples, int bits, int32_t* out, std::optional<int64_t> first_sample) {
  assert(bits >= 8 && bits <= 32);
  const double full = std::ldexp(1.0, bits - 1);
  if (!first_sample) {
    for (size_t i = 0; i < samples.size(); ++i)
      out[i] = rounded(static_cast<double>(samples[i]) * full, full);
    return;
  }
  std::array<int32_t, 1024> dither;
  for (size_t done = 0; done < samples.size(); done += dither.size()) {
    const std::span<const float> part = samples.subspan(done, std::min(dither.size(), samples.size() - done));
    fill_dither(*first_sample + static_cast<int64_t>(done), std::span(dither).first(part.size()));
    for (size_t i = 0; i < part.size(); ++i) {
      const int32_t noise = part[i] == 0.0f ? 0 : dither[i];
      out[done + i] = rounded(static_cast<double>(part[i]) * full + noise * dither_unit, full);
    }
  }
}

void append_pcm(std::span<const float> samples, SampleFormat format, std::string& bytes,
                std::optional<int64_t> first_sample) {
  const auto width = static_cast<size_t>(sample_bytes(format));
  const size_t start = bytes.size();
  bytes.resize(start + samples.size() * width);
  char* out = bytes.data() + start;
  if (format == SampleFormat::f32) {
    if (!samples.empty()) std::memcpy(out, samples.data(), samples.size_bytes());
    return;
  }
  std::array<int32_t, 1024> buffer;
  for (size_t done = 0; done < samples.size(); done += buffer.size()) {
    const size_t count = std::min(buffer.size(), samples.size() - done);
    const auto dither_from =
        first_sample ? std::optional(*first_sample + static_cast<int64_t>(done)) : std::nullopt;
    quantise(samples.subspan(done, count), static_cast<int>(width) * 8, buffer.data(), dither_from);
    const std::span<const int32_t> whole = std::span(buffer).first(count);
    char* to = out + done * width;
    if (format == SampleFormat::u8) put<1>(whole, 128, to);
    if (format == SampleFormat::s16) put<2>(whole, 0, to);
    if (format == SampleFormat::s24) put<3>(whole, 0, to);
    if (format == SampleFormat::s32) put<4>(whole, 0, to);
  }
}

void decode_pcm(std::string_view bytes, SampleFormat format, float* samples) {
  assert(bytes.size() % static_cast<size_t>(sample_bytes(format)) == 0);
  if (format == SampleFormat::u8) get<1>(bytes, 0x80u, samples);
  if (format == SampleFormat::s16) get<2>(bytes, 0, samples);
  if (format == SampleFormat::s24) get<3>(bytes, 0, samples);
  if (format == SampleFormat::s32) get<4>(bytes, 0, samples);
  if (format == SampleFormat::f32 && !bytes.empty()) std::memcpy(samples, bytes.data(), bytes.size());
}

std::string wav_header(const PcmFormat& format, std::optional<uint64_t> frames) {
  const std::string body = "WAVE" + chunks_before_data(format, frames);
  const uint64_t data_bytes = frames.value_or(0) * format.frame_bytes();
  const bool fits = frames && data_bytes + data_bytes % 2 + body.size() < endless;
  std::string header = "RIFF";
  if (!fits) {
    append_value<uint32_t>(header, endless);
    return header + "WAVE" + chunks_before_data(format, std::nullopt);
  }
  append_value<uint32_t>(header, static_cast<uint32_t>(data_bytes + data_bytes % 2 + body.size()));
  return header + body;
}

std::string wav_file_header(const PcmFormat& format, std::optional<uint64_t> frames,
                            uint64_t trailing_bytes) {
  constexpr uint32_t wide_bytes = 28;
  const uint64_t data_bytes = frames.value_or(0) * format.frame_bytes();
  const uint64_t riff_bytes = 4 + 8 + wide_bytes + chunks_before_data(format, frames).size() + data_bytes +
                              data_bytes % 2 + trailing_bytes;
  const bool wide = riff_bytes >= endless;
  std::string header = wide ? "RF64" : "RIFF";
  append_value<uint32_t>(header, wide || !frames ? endless : static_cast<uint32_t>(riff_bytes));
  header += wide ? "WAVEds64" : "WAVEJUNK";
  append_value<uint32_t>(header, wide_bytes);
  for (const uint64_t size : {riff_bytes, data_bytes, frames.value_or(0)})
    append_value<uint64_t>(header, wide ? size : 0);
  append_value<uint32_t>(header, 0);
  return header + chunks_before_data(format, wide ? std::nullopt : frames);
}

PcmStreamWriter::PcmStreamWriter(int fd, std::string name, const PcmFormat& format, bool raw)
    : fd_(fd), name_(std::move(name)), format_(format), raw_(raw) {}

void PcmStreamWriter::write(std::span<const float> interleaved) {
  bytes_.clear();
  if (!std::exchange(begun_, true) && !raw_) {
    struct stat info {};
    const bool plain =
        ::fstat(fd_, &info) == 0 && S_ISREG(info.st_mode) && (::fcntl(fd_, F_GETFL) & O_APPEND) == 0;
    if (plain) start_offset_ = ::lseek(fd_, 0, SEEK_CUR);
    bytes_ = wav_header(format_);
  }
  const bool dithered = format_.sample == SampleFormat::s16;
  append_pcm(interleaved, format_.sample, bytes_, dithered ? std::optional(samples_) : std::nullopt);
  samples_ += static_cast<int64_t>(interleaved.size());
  write_all(fd_, bytes_, name_);
}

void PcmStreamWriter::finish() {
  if (!begun_) write({});
  if (start_offset_ < 0) return;
  const std::string header = wav_header(format_, static_cast<uint64_t>(samples_ / format_.channels));
  // A file that cannot be patched is still good: its sizes say "until the end".
  [[maybe_unused]] const ssize_t patched = ::pwrite(fd_, header.data(), header.size(), start_offset_);
}

}  // namespace auralis
