// SPDX-License-Identifier: MIT
// Samples as bytes: the formats PCM comes in, the header of a WAV stream, a writer for pipes.
//   floats    interleaved, nominal ±1; bytes are little-endian, u8 has its zero at 128
//   scaling   full scale is 2^(bits−1) in both directions, so that whole numbers survive a round trip;
//             louder is clipped
//   dither    triangular, ±1 LSB, a function of the sample's index alone, so that block sizes cannot matter;
//             an exact zero stays zero: digital silence is silent
//   source    Lipshitz, Wannamaker & Vanderkooy, Quantization and dither, JAES 40(5), 1992; EBU Tech 3306 (RF64)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace auralis {

enum class SampleFormat { u8, s16, s24, s32, f32 };

// "u8", "s16", "s24", "s32", "f32".
std::string_view sample_format_name(SampleFormat format);
std::optional<SampleFormat> find_sample_format(std::string_view name);
int sample_bytes(SampleFormat format);

struct PcmFormat {
  SampleFormat sample = SampleFormat::s16;
  int rate = 44100;
  int channels = 2;

  size_t frame_bytes() const {
    return static_cast<size_t>(channels) * static_cast<size_t>(sample_bytes(sample));
  }
  bool operator==(const PcmFormat&) const = default;
};

// Whole numbers of `bits` bits, rounded to nearest; with first_sample, dithered as samples first_sample, +1, …
void quantise(std::span<const float> samples, int bits, int32_t* out,
              std::optional<int64_t> first_sample = {});

// Appends the samples as bytes; dither as above.
void append_pcm(std::span<const float> samples, SampleFormat format, std::string& bytes,
                std::optional<int64_t> first_sample = {});

// The samples of whole bytes.size() / sample_bytes(format).
void decode_pcm(std::string_view bytes, SampleFormat format, float* samples);

// The 44 bytes (58 for f32) before the data. Without a length, or with one past 4 GiB, both sizes are
// 0xFFFFFFFF: readers take it for "until the stream ends".
std::string wav_header(const PcmFormat& format, std::optional<uint64_t> frames = {});

// The same for a file that is being written: while it is under 4 GiB a RIFF with room kept free, past that an RF64, both
// of the same length. Chunks of trailing_bytes may follow the data (which is padded to an even length). Without a length
// both sizes are 0xFFFFFFFF.
std::string wav_file_header(const PcmFormat& format, std::optional<uint64_t> frames = {},
                            uint64_t trailing_bytes = 0);

// PCM to a descriptor, as a WAV stream or raw. s16 is dithered.
//   errors    ClosedPipe when the reader has gone, Error{environment} for all else
class PcmStreamWriter {
 public:
  // The WAV header goes out with the first frames.
  PcmStreamWriter(int fd, std::string name, const PcmFormat& format, bool raw);

  void write(std::span<const float> interleaved);
  // Where the descriptor turns out to be a plain file (`> x.wav`), the header's sizes are set right.
  void finish();

 private:
  int fd_;
  std::string name_;
  PcmFormat format_;
  bool raw_;
  bool begun_ = false;
  int64_t start_offset_ = -1;  // of the header in a plain file
  int64_t samples_ = 0;
  std::string bytes_;
};

}  // namespace auralis
