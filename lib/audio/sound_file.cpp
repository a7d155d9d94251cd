// SPDX-License-Identifier: MIT
#include "audio/sound_file.h"

#include <opusenc.h>
#include <sndfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "audio/file_sink.h"
#include "audio/limits.h"
#include "base/error.h"
#include "base/io.h"

namespace auralis {
namespace {

constexpr double vorbis_quality = 0.6;  // about 190 kbit/s at 44.1 kHz stereo
constexpr int opus_bits_per_second = 160000;
constexpr size_t flac_room_bytes = 32768;  // for tags, and the chords of some three hours
constexpr size_t block_samples = 8192;     // libvorbis copies a block to its own stack

struct OpusDeleter {
  void operator()(OggOpusEnc* encoder) const { ope_encoder_destroy(encoder); }
  void operator()(OggOpusComments* comments) const { ope_comments_destroy(comments); }
};

int sndfile_format(FileKind kind, SampleFormat sample) {
  if (kind == FileKind::flac)
    return SF_FORMAT_FLAC | (sample == SampleFormat::s24 ? SF_FORMAT_PCM_24 : SF_FORMAT_PCM_16);
  return SF_FORMAT_OGG | SF_FORMAT_VORBIS;
}

}  // namespace

FileKind file_kind(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".wav") return FileKind::wav;
  if (extension == ".flac") return FileKind::flac;
  if (extension == ".ogg") return FileKind::ogg;
  if (extension == ".opus") return FileKind::opus;
  throw Error(Exit::usage, path.string() + " ends in \"" + path.extension().string() +
                               "\", expected .wav, .flac, .ogg or .opus");
}

void check_sound_file(const std::filesystem::path& target, const PcmFormat& format) {
  if (file_kind(target) == FileKind::flac && format.sample != SampleFormat::s16 &&
      format.sample != SampleFormat::s24) {
    throw Error(Exit::usage, target.string() + " cannot hold " +
                                 std::string(sample_format_name(format.sample)) +
                                 ", expected s16 or s24 for .flac");
  }
}

struct SoundFileWriter::Impl {
  Impl(const std::filesystem::path& target, const PcmFormat& pcm, AfterKill after_kill)
      : kind(file_kind(target)), format(pcm), sink(target, after_kill) {}
  ~Impl() {
    if (sndfile != nullptr) sf_close(sndfile);
  }

  void open_wav() {
    if (sink.file.is_stream()) return append_wav(wav_header(format));
    append_wav(wav_file_header(format));  // until it is finalised, as a kill may leave it
  }
  void append_wav(std::string_view data) {
    sink.write(data.data(), static_cast<sf_count_t>(data.size()));
    sink.check();
  }
  // In a FLAC file that can be gone back in, a long comment keeps room for what is known at the end.
  void open_sndfile() {
    SF_INFO info{};
    info.samplerate = format.rate;
    info.channels = format.channels;
    info.format = sndfile_format(kind, format.sample);
    SF_VIRTUAL_IO io = sink_io();
    sndfile = sf_open_virtual(&io, SFM_WRITE, &info, &sink);
    sink.check();
    if (sndfile == nullptr)
      throw Error(Exit::environment, "cannot write " + sink.name + ": " + sf_strerror(nullptr));
    double quality = vorbis_quality;
    if (kind == FileKind::ogg) sf_command(sndfile, SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
    sf_set_string(sndfile, SF_STR_SOFTWARE, "auralis " AURALIS_VERSION);
    if (keeps_room()) {
      sf_set_string(sndfile, SF_STR_COMMENT, std::string(flac_room_bytes, ' ').c_str());
      return;
    }
    for (const auto& [kind_of_text, text] : {std::pair(SF_STR_TITLE, &tags.title),
                                             {SF_STR_ARTIST, &tags.artist},
                                             {SF_STR_ALBUM, &tags.album},
                                             {SF_STR_GENRE, &tags.genre},
                                             {SF_STR_DATE, &tags.date},
                                             {SF_STR_COMMENT, &tags.comment}}) {
      if (!text->empty()) sf_set_string(sndfile, kind_of_text, text->c_str());
    }
  }
  // Those that are in the file: a piece may have been broken off.
  std::vector<Moment> heard() const {
    std::vector<Moment> all = moments;
    std::erase_if(all, [this](const Moment& moment) { return moment.frame >= frames; });
    return all;
  }
  bool keeps_room() const { return kind == FileKind::flac && !sink.file.is_stream(); }

  // In the place of the long comment: the metadata blocks before it stay as they are.
  void write_flac_tags() {
    const int fd = sink.file.fd();
    constexpr unsigned comment_type = 4;
    std::array<unsigned char, 4> head{};
    for (off_t at = 4; ::pread(fd, head.data(), head.size(), at) == static_cast<ssize_t>(head.size());) {
      const size_t length = static_cast<size_t>(head[1]) << 16 | static_cast<size_t>(head[2]) << 8 | head[3];
      const bool is_last = (head[0] & 0x80U) != 0;
      if ((head[0] & 0x7FU) == comment_type && length >= flac_room_bytes) {
        const std::string blocks =
            flac_tag_blocks(tags, heard(), format.rate, frames, head.size() + length, is_last);
        // Where the disk fails, the file is as good as it was.
        if (::pwrite(fd, blocks.data(), blocks.size(), at) != static_cast<ssize_t>(blocks.size()))
          sink.error = errno;
        return;
      }
      if (is_last) return;
      at += static_cast<off_t>(head.size() + length);
    }
  }

  void open_opus() {
    const std::unique_ptr<OggOpusComments, OpusDeleter> comments(ope_comments_create());
    for (const auto& [name, value] : vorbis_comments(tags))
      ope_comments_add(comments.get(), name.c_str(), value.c_str());
    const OpusEncCallbacks callbacks{sink_write_page, sink_close};
    int status = OPE_OK;
    opus.reset(ope_encoder_create_callbacks(&callbacks, &sink, comments.get(), format.rate, format.channels,
                                            0, &status));
    check_opus(status);
    ope_encoder_ctl(opus.get(), OPUS_SET_BITRATE(opus_bits_per_second));
    ope_encoder_ctl(opus.get(), OPE_SET_SERIALNO(1));  // the same sound gives the same file
  }

  void check_opus(int status) const {
    sink.check();
    if (status != OPE_OK)
      throw Error(Exit::environment, "cannot write " + sink.name + ": " + ope_strerror(status));
  }

  void write_block(std::span<const float> block) {
    const auto block_frames = static_cast<int64_t>(block.size()) / format.channels;
    frames_begun = frames + block_frames;
    if (kind == FileKind::wav) {
      bytes.clear();
      const bool dithered = format.sample == SampleFormat::s16;
      append_pcm(block, format.sample, bytes,
                 dithered ? std::optional(frames * format.channels) : std::nullopt);
      append_wav(bytes);
    } else if (opus) {
      check_opus(ope_encoder_write_float(opus.get(), block.data(), static_cast<int>(block_frames)));
    } else if (kind == FileKind::ogg) {
      check_sndfile(sf_writef_float(sndfile, block.data(), block_frames), block_frames);
    } else {
      const bool s16 = format.sample == SampleFormat::s16;
      whole.resize(block.size());
      quantise(block, s16 ? 16 : 24, whole.data(),
               s16 ? std::optional(frames * format.channels) : std::nullopt);
      // libsndfile takes the most significant bits of an int.
      for (int32_t& value : whole)
        value = static_cast<int32_t>(static_cast<uint32_t>(value) << (s16 ? 16 : 8));
      check_sndfile(sf_writef_int(sndfile, whole.data(), block_frames), block_frames);
    }
    frames += block_frames;
  }

  void check_sndfile(sf_count_t written, int64_t wanted) const {
    sink.check();
    if (written != wanted)
      throw Error(Exit::environment, "cannot write " + sink.name + ": " + sf_strerror(sndfile));
  }

  void finalise() {
    if (opus) check_opus(ope_encoder_drain(opus.get()));
    if (sndfile != nullptr) sf_close(std::exchange(sndfile, nullptr));
    sink.check();
    if (keeps_room()) write_flac_tags();
    if (kind != FileKind::wav || sink.file.is_stream()) return;
    const std::string chunks = wav_tag_chunks(tags, heard());
    append_wav(std::string(static_cast<size_t>(frames) * format.frame_bytes() % 2, '\0') + chunks);
    ::lseek(sink.file.fd(), 0, SEEK_SET);
    append_wav(wav_file_header(format, static_cast<uint64_t>(frames), chunks.size()));
  }

  // The encoders end as they can: what they would still write is lost with the error that there was.
  void salvage() {
    if (sndfile != nullptr) sf_close(std::exchange(sndfile, nullptr));
    opus.reset();
    if (kind != FileKind::wav) sink.cut_to_whole();
    if (keeps_room()) write_flac_tags();
    sink.error = 0;
    if (kind != FileKind::wav || sink.file.is_stream()) return;
    const auto frame_bytes = static_cast<int64_t>(format.frame_bytes());
    const auto head = static_cast<int64_t>(wav_file_header(format).size());
    frames = std::clamp<int64_t>((sink.length() - head) / frame_bytes, 0, frames_begun);
    const std::string header = wav_file_header(format, static_cast<uint64_t>(frames));
    const int64_t size = head + frames * frame_bytes;
    if (::ftruncate(sink.file.fd(), size) != 0) sink.error = errno;
    ::lseek(sink.file.fd(), 0, SEEK_SET);
    append_wav(header);
  }

  FileKind kind;
  PcmFormat format;
  Sink sink;
  SNDFILE* sndfile = nullptr;
  std::unique_ptr<OggOpusEnc, OpusDeleter> opus;
  int64_t frames = 0;
  int64_t frames_begun = 0;  // with the block that is being written
  std::vector<int32_t> whole;
  std::string bytes;
  SoundTags tags;
  std::vector<Moment> moments;
};

SoundFileWriter::SoundFileWriter(const std::filesystem::path& target, const PcmFormat& format,
                                 const SoundTags& tags, AfterKill after_kill) {
  check_sound_file(target, format);
  impl_ = std::make_unique<Impl>(target, format, after_kill);
  impl_->tags = tags;
  if (impl_->kind == FileKind::wav) {
    impl_->open_wav();
  } else if (impl_->kind == FileKind::opus) {
    impl_->open_opus();
  } else {
    impl_->open_sndfile();
  }
}

SoundFileWriter::~SoundFileWriter() = default;
SoundFileWriter::SoundFileWriter(SoundFileWriter&&) noexcept = default;
SoundFileWriter& SoundFileWriter::operator=(SoundFileWriter&&) noexcept = default;

void SoundFileWriter::write(std::span<const float> interleaved) {
  const size_t step = block_samples - block_samples % static_cast<size_t>(impl_->format.channels);
  for (size_t done = 0; done < interleaved.size(); done += step) {
    impl_->write_block(interleaved.subspan(done, std::min(step, interleaved.size() - done)));
  }
}

int64_t SoundFileWriter::frames() const { return impl_->frames; }

void SoundFileWriter::mark(int64_t frame, const std::string& name) {
  impl_->moments.push_back({frame, name});
}

void SoundFileWriter::commit() {
  impl_->finalise();
  impl_->sink.file.commit();
}

std::filesystem::path SoundFileWriter::commit_partial() {
  try {
    impl_->finalise();
  } catch (const std::exception&) {
    impl_->salvage();
  }
  return impl_->sink.file.commit_partial();
}

struct SoundFileReader::Impl {
  ~Impl() {
    if (sndfile != nullptr) sf_close(sndfile);
  }
  // Before anything is made that grows with them.
  void check() const {
    const auto wrong = [this](const std::string& what) { return Error(Exit::bad_input, name + ": " + what); };
    if (info.channels < 1 || info.channels > limits::most_channels)
      throw wrong(std::to_string(info.channels) + " channels, expected 1 or 2");
    if (info.samplerate < limits::lowest_rate || info.samplerate > limits::highest_file_rate) {
      throw wrong("a rate of " + std::to_string(info.samplerate) + " Hz, expected " +
                  std::to_string(limits::lowest_rate) + " to " + std::to_string(limits::highest_file_rate));
    }
  }
  Error failed(const std::string& what) const {
    return {sf_error(sndfile) == SF_ERR_SYSTEM ? Exit::environment : Exit::bad_input,
            name + ": " + what + " (" + sf_strerror(sndfile) + ")"};
  }

  std::string name;
  SNDFILE* sndfile = nullptr;
  SF_INFO info{};
  int64_t at_frame = 0;
};

SoundFileReader::SoundFileReader(const std::filesystem::path& path) : impl_(std::make_unique<Impl>()) {
  impl_->name = path.string();
  impl_->sndfile = sf_open(path.c_str(), SFM_READ, &impl_->info);
  if (impl_->sndfile != nullptr) {
    impl_->check();
    return;
  }
  if (::access(path.c_str(), R_OK) != 0) {
    throw Error(Exit::environment, "cannot open " + path.string() + ": " + std::strerror(errno));
  }
  throw Error(Exit::bad_input, path.string() + ": not a sound file libsndfile can read (" +
                                   sf_strerror(nullptr) + "), expected WAV, FLAC, Ogg or Opus");
}

SoundFileReader::~SoundFileReader() = default;
SoundFileReader::SoundFileReader(SoundFileReader&&) noexcept = default;
SoundFileReader& SoundFileReader::operator=(SoundFileReader&&) noexcept = default;

int SoundFileReader::rate() const { return impl_->info.samplerate; }

int SoundFileReader::channels() const { return impl_->info.channels; }

int64_t SoundFileReader::frames() const { return impl_->info.frames; }

std::string SoundFileReader::description() const {
  std::string text;
  for (const auto& [command, code] :
       {std::pair(SFC_GET_FORMAT_INFO, impl_->info.format & SF_FORMAT_TYPEMASK),
        std::pair(SFC_GET_FORMAT_INFO, impl_->info.format & SF_FORMAT_SUBMASK)}) {
    SF_FORMAT_INFO named{};
    named.format = code;
    if (sf_command(nullptr, command, &named, sizeof named) != 0 || named.name == nullptr) continue;
    text += (text.empty() ? "" : ", ") + std::string(named.name);
  }
  return text;
}

size_t SoundFileReader::read(std::span<float> interleaved) {
  const auto width = static_cast<size_t>(impl_->info.channels);
  const sf_count_t count =
      sf_readf_float(impl_->sndfile, interleaved.data(), static_cast<sf_count_t>(interleaved.size() / width));
  // The library forgets older errors when a read begins, and a decoder may fail and yet fill the block.
  if (sf_error(impl_->sndfile) != SF_ERR_NO_ERROR) {
    throw impl_->failed("cannot be decoded after frame " + std::to_string(impl_->at_frame));
  }
  impl_->at_frame += count;
  return static_cast<size_t>(count);
}

void SoundFileReader::rewind() {
  if (sf_seek(impl_->sndfile, 0, SEEK_SET) != 0) throw impl_->failed("cannot be begun again");
  impl_->at_frame = 0;
}

}  // namespace auralis
