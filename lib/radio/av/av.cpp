// SPDX-License-Identifier: MIT
#include "radio/av/av.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/error.h>
#include <libavutil/mem.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace auralis::av {
namespace {

constexpr int resampled_room = 256;  // more than rounding adds

class AacEncoder final : public Encoder {
 public:
  explicit AacEncoder(const SinkFormat& format)
      : channels_(format.channels), frame_(av_frame_alloc()), packet_(av_packet_alloc()) {
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
    if (codec == nullptr) throw std::runtime_error("libavcodec has no encoder for AAC");
    codec_.reset(avcodec_alloc_context3(codec));
    codec_->sample_rate = rate;
    codec_->sample_fmt = AV_SAMPLE_FMT_FLTP;
    codec_->bit_rate = aac_bits_per_second;
    codec_->time_base = {1, rate};
    codec_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;  // fMP4 has it in the file's head
    av_channel_layout_default(&codec_->ch_layout, channels_);
    // Half the cost of its own choice, and nearer to what comes in.
    av_opt_set(codec_->priv_data, "aac_coder", "fast", 0);
    check(avcodec_open2(codec_.get(), codec, nullptr), "AAC");
    SwrContext* resampler = nullptr;
    check(swr_alloc_set_opts2(&resampler, &codec_->ch_layout, AV_SAMPLE_FMT_FLTP, rate, &codec_->ch_layout,
                              AV_SAMPLE_FMT_FLT, format.rate, 0, nullptr),
          "the resampler");
    resampler_.reset(resampler);
    check(swr_init(resampler), "the resampler");
  }

  void encode(std::span<const float> interleaved, const Take& take) override {
    const auto* in = reinterpret_cast<const uint8_t*>(interleaved.data());
    const int frames = static_cast<int>(interleaved.size()) / channels_;
    std::vector<float> left(room_for(frames));
    std::vector<float> right(left.size());
    std::array<uint8_t*, 2> out{reinterpret_cast<uint8_t*>(left.data()),
                                reinterpret_cast<uint8_t*>(right.data())};
    const int count =
        check(swr_convert(resampler_.get(), out.data(), static_cast<int>(left.size()), &in, frames),
              "the resampler");
    left_.insert(left_.end(), left.begin(), left.begin() + count);
    right_.insert(right_.end(), right.begin(), right.begin() + count);
    while (left_.size() >= static_cast<size_t>(codec_->frame_size)) encode_frame(take);
  }

  void finish(const Take& take) override {
    avcodec_send_frame(codec_.get(), nullptr);
    take_packets(take);
  }

  void describe(AVCodecParameters& parameters) const override {
    check(avcodec_parameters_from_context(&parameters, codec_.get()), "AAC");
  }

 private:
  size_t room_for(int frames) const {
    return static_cast<size_t>(swr_get_out_samples(resampler_.get(), frames) + resampled_room);
  }

  void encode_frame(const Take& take) {
    const int size = codec_->frame_size;
    frame_->nb_samples = size;
    frame_->format = AV_SAMPLE_FMT_FLTP;
    frame_->sample_rate = rate;
    frame_->pts = frames_;
    check(av_channel_layout_copy(&frame_->ch_layout, &codec_->ch_layout), "AAC");
    check(av_frame_get_buffer(frame_.get(), 0), "AAC");
    for (int channel = 0; channel < channels_; ++channel) {
      std::vector<float>& samples = channel == 0 ? left_ : right_;
      std::memcpy(frame_->data[channel], samples.data(), static_cast<size_t>(size) * sizeof(float));
      samples.erase(samples.begin(), samples.begin() + size);
    }
    if (channels_ == 1) right_.clear();
    frames_ += size;
    check(avcodec_send_frame(codec_.get(), frame_.get()), "AAC");
    av_frame_unref(frame_.get());
    take_packets(take);
  }

  void take_packets(const Take& take) {
    while (avcodec_receive_packet(codec_.get(), packet_.get()) >= 0) {
      take(*packet_);
      av_packet_unref(packet_.get());
    }
  }

  int channels_;
  Ptr<AVCodecContext> codec_;
  Ptr<SwrContext> resampler_;
  Ptr<AVFrame> frame_;
  Ptr<AVPacket> packet_;
  std::vector<float> left_, right_;
  int64_t frames_ = 0;
};

class OpusEncoder final : public Encoder {
 public:
  explicit OpusEncoder(const SinkFormat& format)
      : channels_(format.channels),
        encoder_(format.rate, format.channels, opus_bits_per_second),
        packet_(av_packet_alloc()),
        next_(-encoder_.delay_frames()) {}

  void encode(std::span<const float> interleaved, const Take& take) override {
    std::vector<std::string> packets;
    encoder_.encode(interleaved, packets);
    for (const std::string& bytes : packets) {
      check(av_new_packet(packet_.get(), static_cast<int>(bytes.size())), "Opus");
      std::memcpy(packet_->data, bytes.data(), bytes.size());
      packet_->pts = packet_->dts = next_;
      packet_->duration = opus_packet_frames;
      packet_->flags |= AV_PKT_FLAG_KEY;
      next_ += opus_packet_frames;
      take(*packet_);
      av_packet_unref(packet_.get());
    }
  }
  void finish(const Take&) override {}

  void describe(AVCodecParameters& parameters) const override {
    parameters.codec_type = AVMEDIA_TYPE_AUDIO;
    parameters.codec_id = AV_CODEC_ID_OPUS;
    parameters.sample_rate = rate;
    parameters.bit_rate = opus_bits_per_second;
    parameters.frame_size = opus_packet_frames;
    parameters.initial_padding = encoder_.delay_frames();
    av_channel_layout_default(&parameters.ch_layout, channels_);
    // RFC 7845, section 5.1.
    const auto delay = static_cast<unsigned>(encoder_.delay_frames());
    const std::array<uint8_t, 19> head{'O',
                                       'p',
                                       'u',
                                       's',
                                       'H',
                                       'e',
                                       'a',
                                       'd',
                                       1,
                                       static_cast<uint8_t>(channels_),
                                       static_cast<uint8_t>(delay & 0xFF),
                                       static_cast<uint8_t>(delay >> 8),
                                       rate & 0xFF,
                                       rate >> 8 & 0xFF,
                                       0,
                                       0,
                                       0,
                                       0,
                                       0};
    parameters.extradata = static_cast<uint8_t*>(av_mallocz(head.size() + AV_INPUT_BUFFER_PADDING_SIZE));
    if (parameters.extradata == nullptr) throw std::bad_alloc();
    std::memcpy(parameters.extradata, head.data(), head.size());
    parameters.extradata_size = static_cast<int>(head.size());
  }

 private:
  int channels_;
  OpusPackets encoder_;
  Ptr<AVPacket> packet_;
  int64_t next_;
};

}  // namespace

int check(int status, const std::string& doing) {
  if (status >= 0) return status;
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(status, text.data(), text.size());
  throw std::runtime_error(doing + ": " + text.data());
}

void Deleter::operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
void Deleter::operator()(AVFormatContext* format) const {
  if (format->oformat != nullptr && (format->oformat->flags & AVFMT_NOFILE) == 0) avio_closep(&format->pb);
  avformat_free_context(format);
}
void Deleter::operator()(AVFrame* frame) const { av_frame_free(&frame); }
void Deleter::operator()(AVPacket* packet) const { av_packet_free(&packet); }
void Deleter::operator()(SwrContext* resampler) const { swr_free(&resampler); }

std::unique_ptr<Encoder> aac_encoder(const SinkFormat& format) {
  return std::make_unique<AacEncoder>(format);
}
std::unique_ptr<Encoder> opus_encoder(const SinkFormat& format) {
  return std::make_unique<OpusEncoder>(format);
}

}  // namespace auralis::av
