// SPDX-License-Identifier: MIT
#include "audio/encoder.h"

#include <opus.h>
#include <opusenc.h>
#include <samplerate.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace auralis {
namespace {

// Longest packet libopus advises to make room for.
constexpr size_t longest_packet = 4000;
constexpr int page_frames = opus_rate / 10;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error("Opus encoder: " + what); }

// Streaming conversion to 48 kHz; at that rate the frames pass as they are.
class Resampler {
 public:
  Resampler(int rate, int channels)
      : channels_(static_cast<size_t>(channels)), ratio_(double{opus_rate} / rate) {
    if (rate == opus_rate) return;
    int status = 0;
    state_.reset(src_new(SRC_SINC_MEDIUM_QUALITY, channels, &status));
    if (!state_) fail(src_strerror(status));
    // libsamplerate does not tell what it holds back.
    std::vector<float> silence;
    process(std::vector<float>(static_cast<size_t>(rate / 10) * channels_), silence);
    held_frames_ =
        opus_rate / 10 - static_cast<int>(silence.size() / channels_) + 1;  // as its counts are rounded
    src_reset(state_.get());
  }

  // By how much its output lags, at 48 kHz, at most.
  int held_frames() const { return held_frames_; }

  // Appends what these frames give.
  void process(std::span<const float> interleaved, std::vector<float>& out) {
    if (!state_) {
      out.insert(out.end(), interleaved.begin(), interleaved.end());
      return;
    }
    SRC_DATA data{};
    data.src_ratio = ratio_;
    data.data_in = interleaved.data();
    data.input_frames = static_cast<long>(interleaved.size() / channels_);
    while (true) {
      const size_t start = out.size();
      const auto room = static_cast<size_t>(static_cast<double>(data.input_frames) * ratio_) + 64;
      out.resize(start + room * channels_);
      data.data_out = out.data() + start;
      data.output_frames = static_cast<long>(room);
      if (const int status = src_process(state_.get(), &data); status != 0) fail(src_strerror(status));
      out.resize(start + static_cast<size_t>(data.output_frames_gen) * channels_);
      data.data_in += static_cast<size_t>(data.input_frames_used) * channels_;
      data.input_frames -= data.input_frames_used;
      if (data.input_frames == 0 && data.output_frames_gen < data.output_frames) return;
    }
  }

 private:
  struct Deleter {
    void operator()(SRC_STATE* state) const { src_delete(state); }
  };
  size_t channels_;
  double ratio_;
  int held_frames_ = 0;
  std::unique_ptr<SRC_STATE, Deleter> state_;
};

}  // namespace

struct OpusPackets::Impl {
  struct Deleter {
    void operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
  };
  Impl(int rate, int channel_count, int bits_per_second)
      : channels(static_cast<size_t>(channel_count)), resampler(rate, channel_count) {
    // Without the look-ahead that SILK needs: at these rates music is CELT's anyway.
    int status = OPUS_OK;
    encoder.reset(
        opus_encoder_create(opus_rate, channel_count, OPUS_APPLICATION_RESTRICTED_LOWDELAY, &status));
    if (status != OPUS_OK) fail(opus_strerror(status));
    opus_encoder_ctl(encoder.get(), OPUS_SET_BITRATE(bits_per_second));
    // Fed in advance, so that a packet need not wait for the sound that follows it.
    waiting.assign(static_cast<size_t>(resampler.held_frames()) * channels, 0.0F);
  }

  size_t channels;
  Resampler resampler;
  std::unique_ptr<OpusEncoder, Deleter> encoder;
  std::vector<float> waiting;
};

OpusPackets::OpusPackets(int rate, int channels, int bits_per_second)
    : impl_(std::make_unique<Impl>(rate, channels, bits_per_second)) {}
OpusPackets::~OpusPackets() = default;

void OpusPackets::encode(std::span<const float> interleaved, std::vector<std::string>& packets) {
  std::vector<float>& waiting = impl_->waiting;
  impl_->resampler.process(interleaved, waiting);
  const size_t packet_samples = opus_packet_frames * impl_->channels;
  size_t done = 0;
  for (; waiting.size() - done >= packet_samples; done += packet_samples) {
    std::array<unsigned char, longest_packet> packet;
    const opus_int32 bytes =
        opus_encode_float(impl_->encoder.get(), waiting.data() + done, opus_packet_frames, packet.data(),
                          static_cast<opus_int32>(packet.size()));
    if (bytes < 0) fail(opus_strerror(bytes));
    packets.emplace_back(packet.begin(), packet.begin() + bytes);
  }
  waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(done));
}

int OpusPackets::delay_frames() const {
  opus_int32 frames = 0;
  opus_encoder_ctl(impl_->encoder.get(), OPUS_GET_LOOKAHEAD(&frames));
  return frames + impl_->resampler.held_frames();
}

struct OggOpusStream::Impl {
  struct Deleter {
    void operator()(OggOpusEnc* encoder) const { ope_encoder_destroy(encoder); }
    void operator()(OggOpusComments* comments) const { ope_comments_destroy(comments); }
  };

  void check(int status) const {
    if (status != OPE_OK) fail(ope_strerror(status));
  }
  void take_pages(std::string& pages, bool flush) const {
    unsigned char* page = nullptr;
    opus_int32 bytes = 0;
    while (ope_encoder_get_page(encoder.get(), &page, &bytes, flush ? 1 : 0) != 0) {
      pages.append(reinterpret_cast<const char*>(page), static_cast<size_t>(bytes));
    }
  }

  int channels = 2;
  std::string header;
  std::unique_ptr<OggOpusEnc, Deleter> encoder;
};

OggOpusStream::OggOpusStream(int rate, int channels, int bits_per_second, const SoundTags& tags)
    : impl_(std::make_unique<Impl>()) {
  impl_->channels = channels;
  const std::unique_ptr<OggOpusComments, Impl::Deleter> comments(ope_comments_create());
  for (const auto& [name, value] : vorbis_comments(tags))
    if (name != "ENCODER") ope_comments_add(comments.get(), name.c_str(), value.c_str());  // it names itself
  int status = OPE_OK;
  impl_->encoder.reset(ope_encoder_create_pull(comments.get(), rate, channels, 0, &status));
  impl_->check(status);
  OggOpusEnc* encoder = impl_->encoder.get();
  impl_->check(ope_encoder_ctl(encoder, OPUS_SET_BITRATE(bits_per_second)));
  // A file encoder may look seconds ahead; a stream is heard now.
  impl_->check(ope_encoder_ctl(encoder, OPE_SET_DECISION_DELAY(0)));
  impl_->check(ope_encoder_ctl(encoder, OPE_SET_MUXING_DELAY(page_frames)));
  impl_->check(ope_encoder_flush_header(encoder));
  impl_->take_pages(impl_->header, true);
}
OggOpusStream::~OggOpusStream() = default;

const std::string& OggOpusStream::header() const { return impl_->header; }

void OggOpusStream::encode(std::span<const float> interleaved, std::string& pages) {
  impl_->check(ope_encoder_write_float(impl_->encoder.get(), interleaved.data(),
                                       static_cast<int>(interleaved.size()) / impl_->channels));
  impl_->take_pages(pages, false);
}

void OggOpusStream::finish(std::string& pages) {
  impl_->check(ope_encoder_drain(impl_->encoder.get()));
  impl_->take_pages(pages, true);
}

}  // namespace auralis
