// SPDX-License-Identifier: MIT
#include "audio/flac_stream.h"

#include <FLAC/stream_encoder.h>

#include <utility>
#include <vector>

#include "base/error.h"

namespace auralis {
namespace {

constexpr unsigned compression = 3;  // of 0 to 8: quick, since it is made while others are served
constexpr unsigned bits = 16;

struct Delete {
  void operator()(FLAC__StreamEncoder* encoder) const { FLAC__stream_encoder_delete(encoder); }
};

}  // namespace

struct FlacStream::Impl {
  std::unique_ptr<FLAC__StreamEncoder, Delete> encoder{FLAC__stream_encoder_new()};
  int channels;
  std::string made;
  std::vector<FLAC__int32> samples;

  explicit Impl(int of_channels) : channels(of_channels) {}

  static FLAC__StreamEncoderWriteStatus write(const FLAC__StreamEncoder*, const FLAC__byte bytes[],
                                              size_t size, uint32_t, uint32_t, void* self) {
    static_cast<Impl*>(self)->made.append(reinterpret_cast<const char*>(bytes), size);
    return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
  }
};

FlacStream::FlacStream(int rate, int channels, int64_t frames) : impl_(std::make_unique<Impl>(channels)) {
  FLAC__StreamEncoder* encoder = impl_->encoder.get();
  FLAC__stream_encoder_set_channels(encoder, static_cast<unsigned>(channels));
  FLAC__stream_encoder_set_bits_per_sample(encoder, bits);
  FLAC__stream_encoder_set_sample_rate(encoder, static_cast<unsigned>(rate));
  FLAC__stream_encoder_set_compression_level(encoder, compression);
  FLAC__stream_encoder_set_streamable_subset(encoder, 0);  // which leaves out some rates
  FLAC__stream_encoder_set_total_samples_estimate(encoder, static_cast<FLAC__uint64>(frames));
  if (FLAC__stream_encoder_init_stream(encoder, Impl::write, nullptr, nullptr, nullptr, impl_.get()) !=
      FLAC__STREAM_ENCODER_INIT_STATUS_OK) {
    throw Error(Exit::environment, "FLAC cannot have " + std::to_string(channels) + " channels at " +
                                       std::to_string(rate) + " Hz");
  }
}

FlacStream::~FlacStream() = default;

void FlacStream::encode(std::string_view s16, std::string& bytes) {
  impl_->samples.resize(s16.size() / 2);
  for (size_t i = 0; i < impl_->samples.size(); ++i) {
    const auto low = static_cast<unsigned char>(s16[2 * i]);
    const auto high = static_cast<unsigned char>(s16[2 * i + 1]);
    impl_->samples[i] = static_cast<int16_t>(low | high << 8);
  }
  FLAC__stream_encoder_process_interleaved(
      impl_->encoder.get(), impl_->samples.data(),
      static_cast<uint32_t>(impl_->samples.size()) / static_cast<uint32_t>(impl_->channels));
  bytes += std::exchange(impl_->made, {});
}

void FlacStream::finish(std::string& bytes) {
  FLAC__stream_encoder_finish(impl_->encoder.get());
  bytes += std::exchange(impl_->made, {});
}

}  // namespace auralis
