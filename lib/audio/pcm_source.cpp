// SPDX-License-Identifier: MIT
#include "audio/pcm_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "audio/limits.h"
#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"

namespace auralis {
namespace {

using namespace std::string_view_literals;

constexpr size_t read_bytes = 65536;
constexpr uint64_t unknown_length = ~uint64_t{0};
// The first bytes of what a writer that cannot seek puts first.
constexpr std::string_view endless_header = "RIFF\xFF\xFF\xFF\xFFWAVEfmt "sv;

struct StopRequested {};

uint64_t little_endian(std::string_view bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// For messages: the bytes where they can be shown.
std::string shown(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += c >= ' ' && c <= '~' ? c : '.';
  return "\"" + text + "\"";
}

std::string refused_rate(int64_t rate) {
  return "a rate of " + std::to_string(rate) + " Hz, expected " + std::to_string(limits::lowest_rate) +
         " to " + std::to_string(limits::highest_rate);
}

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

class StreamSource : public PcmSource {
 public:
  StreamSource(int fd, std::string name, std::optional<PcmFormat> raw,
               FileDescriptor owned = FileDescriptor(-1))
      : fd_(fd), name_(std::move(name)), raw_(raw), owned_(std::move(owned)) {
    if (raw_) {
      format_ = *raw_;
    } else {
      read_header();
    }
  }

  const PcmFormat& format() const override { return format_; }
  int64_t restarts() const override { return restarts_; }

  int64_t read(std::span<float> interleaved) override {
    try {
      const size_t wanted =
          interleaved.size() / static_cast<size_t>(format_.channels) * format_.frame_bytes();
      while (true) {
        const size_t there = std::min(decodable_bytes(), wanted);
        if (there > 0) {
          decode_pcm(std::string_view(pending_).substr(0, there), format_.sample, interleaved.data());
          take(there);
          return static_cast<int64_t>(there / format_.frame_bytes());
        }
        if (data_left_ < format_.frame_bytes() || at_new_header()) {
          if (!next_header()) return 0;
        } else if (!read_more() && std::exchange(ended_, true)) {
          return 0;
        }
      }
    } catch (const StopRequested&) {
      return -1;
    }
  }

  bool rewind() override {
    if (!raw_ || ::lseek(fd_, 0, SEEK_SET) != 0) return false;
    pending_.clear();
    return true;
  }

 private:
  // Whole frames that are certainly sound: not past the data's size, not a new header or, while more may come, the
  // beginning of one.
  size_t decodable_bytes() const {
    size_t bytes = pending_.size();
    if (data_left_ != unknown_length) {
      bytes = static_cast<size_t>(std::min<uint64_t>(bytes, data_left_));
    } else if (!raw_) {
      const size_t header = pending_.find(endless_header);
      if (header != std::string::npos) {
        bytes = header;
      } else {
        for (size_t part = std::min(endless_header.size() - 1, bytes); part > 0 && !ended_; --part) {
          if (!pending_.ends_with(endless_header.substr(0, part))) continue;
          bytes -= part;
          break;
        }
      }
    }
    return bytes - bytes % format_.frame_bytes();
  }

  // Less than a frame lies before a header: the writer was cut off inside one.
  bool at_new_header() const {
    return !raw_ && data_left_ == unknown_length &&
           std::string_view(pending_)
                   .substr(0, endless_header.size() + format_.frame_bytes())
                   .find(endless_header) != std::string_view::npos;
  }

  // After the data: past whatever follows it to the next header; false where the stream ends.
  bool next_header() {
    if (data_left_ == unknown_length) {
      take(pending_.find(endless_header));
    } else {
      if (!skip(std::exchange(data_left_, 0) + (padded_ ? 1 : 0))) return false;
      while (true) {
        if (!fill(8)) return false;
        if (pending_.starts_with("RIFF") || pending_.starts_with("RF64")) break;
        const uint64_t size = little_endian(pending_, 4, 4);
        take(8);
        if (!skip(size + size % 2)) return false;
      }
    }
    const PcmFormat before = format_;
    read_header();
    if (!(format_ == before)) {
      throw wrong("goes on as " + text_of(format_) + " after a new header, expected " + text_of(before));
    }
    ++restarts_;
    return true;
  }

  void read_header() {
    if (!fill(12)) {
      throw wrong(pending_.empty() ? "empty, expected a WAV stream"
                                   : "ends inside its header, expected a WAV stream");
    }
    const bool wide = pending_.starts_with("RF64");
    if ((!wide && !pending_.starts_with("RIFF")) || pending_.compare(8, 4, "WAVE") != 0) {
      throw wrong("begins with " + shown(std::string_view(pending_).substr(0, 12)) +
                  ", expected a WAV stream (RIFF or RF64), or --raw for PCM without a header");
    }
    take(12);
    bool described = false;
    uint64_t wide_size = unknown_length;
    while (true) {
      need(8);
      const std::string id = pending_.substr(0, 4);
      const uint64_t size = little_endian(pending_, 4, 4);
      take(8);
      if (id == "data") {
        if (!described) throw wrong("no \"fmt \" before its data, expected one");
        set_data_size(size, wide, wide_size);
        return;
      }
      if (id == "fmt ") {
        if (size < 16 || size > 4096)
          throw wrong("a \"fmt \" of " + std::to_string(size) + " bytes, expected 16 to 40");
        need(static_cast<size_t>(size));
        format_ = read_format();
        described = true;
      } else if (id == "ds64") {
        if (size < 16) throw wrong("a \"ds64\" of " + std::to_string(size) + " bytes, expected at least 28");
        need(16);
        wide_size = little_endian(pending_, 8, 8);
      }
      if (!skip(size + size % 2)) throw wrong("ends inside its header, expected \"data\"");
    }
  }

  PcmFormat read_format() const {
    uint64_t tag = little_endian(pending_, 0, 2);
    const auto channels = static_cast<int64_t>(little_endian(pending_, 2, 2));
    const auto rate = static_cast<int64_t>(little_endian(pending_, 4, 4));
    const uint64_t bits = little_endian(pending_, 14, 2);
    if (tag == 0xFFFE && pending_.size() >= 26) tag = little_endian(pending_, 24, 2);
    std::optional<SampleFormat> sample;
    if (tag == 1 && bits == 8) sample = SampleFormat::u8;
    if (tag == 1 && bits == 16) sample = SampleFormat::s16;
    if (tag == 1 && bits == 24) sample = SampleFormat::s24;
    if (tag == 1 && bits == 32) sample = SampleFormat::s32;
    if (tag == 3 && bits == 32) sample = SampleFormat::f32;
    if (!sample) {
      throw wrong(
          "samples of " + std::to_string(bits) + " bits in WAV format " + std::to_string(tag) +
          ", expected whole numbers of 8, 16, 24 or 32 bits (format 1) or floats of 32 bits (format 3)");
    }
    if (channels < 1 || channels > limits::most_channels)
      throw wrong(std::to_string(channels) + " channels, expected 1 or 2");
    if (rate < limits::lowest_rate || rate > limits::highest_rate) throw wrong(refused_rate(rate));
    return {*sample, static_cast<int>(rate), static_cast<int>(channels)};
  }

  // Sizes that writers put who do not know: 0, sox's 2 GiB less a page, ffmpeg's and ours of all ones.
  void set_data_size(uint64_t size, bool wide, uint64_t wide_size) {
    const bool unknown = size == 0 || size == 0x7FFFF000u || size >= 0xFFFFFF00u;
    data_left_ = wide && size == 0xFFFFFFFFu ? wide_size : unknown ? unknown_length : size;
    padded_ = data_left_ != unknown_length && data_left_ % 2 == 1;
  }

  // At least count bytes pending; false where the stream ends before.
  bool fill(size_t count) {
    while (pending_.size() < count) {
      if (!read_more()) return false;
    }
    return true;
  }
  void need(size_t count) {
    if (!fill(count)) throw wrong("ends inside its header, expected \"fmt \" and \"data\"");
  }
  bool skip(uint64_t count) {
    while (count > pending_.size()) {
      count -= pending_.size();
      pending_.clear();
      if (!read_more()) return false;
    }
    pending_.erase(0, static_cast<size_t>(count));
    return true;
  }
  // Pending bytes that were sound, or are done with.
  void take(size_t count) {
    pending_.erase(0, count);
    if (data_left_ != unknown_length) data_left_ -= std::min<uint64_t>(count, data_left_);
  }

  bool read_more() {
    std::array<char, read_bytes> buffer;
    const long count = read_some(fd_, buffer, name_);
    if (count < 0) throw StopRequested();
    pending_.append(buffer.data(), static_cast<size_t>(count));
    return count > 0;
  }

  Error wrong(const std::string& what) const { return {Exit::bad_input, name_ + ": " + what}; }
  static std::string text_of(const PcmFormat& format) {
    return std::string(sample_format_name(format.sample)) + " at " + std::to_string(format.rate) +
           " Hz with " + std::to_string(format.channels) + " channel(s)";
  }

  int fd_;
  std::string name_;
  std::optional<PcmFormat> raw_;
  FileDescriptor owned_;
  PcmFormat format_;
  std::string pending_;
  uint64_t data_left_ = unknown_length;
  bool padded_ = false;
  bool ended_ = false;
  int64_t restarts_ = 0;
};

class FileSource : public PcmSource {
 public:
  explicit FileSource(const std::string& path) : reader_(path) {
    format_ = {SampleFormat::f32, reader_.rate(), reader_.channels()};
    const int64_t rate = format_.rate;
    if (rate > limits::highest_rate) throw Error(Exit::bad_input, path + ": " + refused_rate(rate));
  }

  const PcmFormat& format() const override { return format_; }
  int64_t read(std::span<float> interleaved) override {
    return static_cast<int64_t>(reader_.read(interleaved));
  }
  bool rewind() override {
    reader_.rewind();
    return true;
  }

 private:
  SoundFileReader reader_;
  PcmFormat format_;
};

}  // namespace

std::unique_ptr<PcmSource> open_pcm_stream(int fd, const std::string& name, std::optional<PcmFormat> raw) {
  try {
    return std::make_unique<StreamSource>(fd, name, raw);
  } catch (const StopRequested&) {
    return nullptr;
  }
}

std::unique_ptr<PcmSource> open_pcm_source(const std::string& path, std::optional<PcmFormat> raw) {
  if (path == "-") return open_pcm_stream(STDIN_FILENO, "<stdin>", raw);
  struct stat info {};
  const bool there = ::stat(path.c_str(), &info) == 0;
  if (there && S_ISREG(info.st_mode) && !raw) return std::make_unique<FileSource>(path);
  const int fd = there ? ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
                       : -1;  // of a FIFO, before it has a writer
  if (fd < 0) throw Error(Exit::environment, "cannot open " + path + ": " + std::strerror(errno));
  try {
    return std::make_unique<StreamSource>(fd, path, raw, FileDescriptor(fd));
  } catch (const StopRequested&) {
    return nullptr;
  }
}

}  // namespace auralis
