// SPDX-License-Identifier: MIT
#include "audio/file_sink.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "base/io.h"

namespace auralis {
namespace {

constexpr std::string_view ogg_page = "OggS";

// Whether a frame of FLAC begins here: its sync code, and the kind of blocks in the last bit.
bool is_flac_frame(std::string_view bytes) {
  return bytes.size() > 2 && static_cast<unsigned char>(bytes[0]) == 0xFF &&
         (static_cast<unsigned char>(bytes[1]) & 0xFE) == 0xF8;
}

sf_count_t sink_length(void* user) { return static_cast<Sink*>(user)->length(); }
sf_count_t sink_seek(sf_count_t offset, int whence, void* user) {
  return static_cast<Sink*>(user)->seek(offset, whence);
}
sf_count_t sink_read(void* data, sf_count_t count, void* user) {
  return ::read(static_cast<Sink*>(user)->file.fd(), data, static_cast<size_t>(count));
}
sf_count_t sink_write(const void* data, sf_count_t count, void* user) {
  return static_cast<Sink*>(user)->write(data, count);
}
sf_count_t sink_tell(void* user) { return static_cast<Sink*>(user)->at(); }

}  // namespace

sf_count_t Sink::write(const void* data, sf_count_t count) {
  if (error != 0) return 0;
  if (elsewhere) return count;
  const std::string_view bytes(static_cast<const char*>(data), static_cast<size_t>(count));
  // A page may come in two writes, head and body.
  if (bytes.starts_with(ogg_page) || !in_pages) whole_bytes = at();
  in_pages = bytes.starts_with(ogg_page) || in_pages;
  const Written written = try_write(file.fd(), bytes);
  stream_bytes += static_cast<int64_t>(written.bytes);
  error = written.error;
  if (error == 0 && is_flac_frame(bytes)) ++flac_frames;
  return static_cast<sf_count_t>(written.bytes);
}

int64_t Sink::at() const { return file.is_stream() ? stream_bytes : ::lseek(file.fd(), 0, SEEK_CUR); }

int64_t Sink::seek(int64_t offset, int whence) {
  if (!file.is_stream()) return ::lseek(file.fd(), offset, whence);
  const int64_t to = whence == SEEK_SET ? offset : stream_bytes + offset;
  elsewhere = to != stream_bytes;
  return to;
}

int64_t Sink::length() const {
  struct stat info {};
  if (file.is_stream()) return stream_bytes;
  return ::fstat(file.fd(), &info) == 0 ? info.st_size : -1;
}

void Sink::check() const {
  if (error != 0) throw_write_error(error, name);
}

void Sink::cut_to_whole() const {
  if (file.is_stream() || ::ftruncate(file.fd(), whole_bytes) != 0) return;
  if (flac_frames > 0) state_flac_length();
}

// The encoder would have at its end: in STREAMINFO, 36 bits behind rate, channels and bits (RFC 9639, 8.2).
void Sink::state_flac_length() const {
  constexpr off_t block_at = 8;
  constexpr off_t length_at = 21;
  std::array<unsigned char, 2> block{};
  std::array<unsigned char, 5> length{};
  if (::pread(file.fd(), block.data(), block.size(), block_at) != static_cast<ssize_t>(block.size()) ||
      ::pread(file.fd(), length.data(), length.size(), length_at) != static_cast<ssize_t>(length.size()))
    return;
  const int64_t frames = flac_frames * (block[0] << 8 | block[1]);
  length[0] = static_cast<unsigned char>((length[0] & 0xF0) | (frames >> 32 & 0x0F));
  for (size_t i = 1; i < length.size(); ++i) length[i] = static_cast<unsigned char>(frames >> (32 - 8 * i));
  [[maybe_unused]] const ssize_t written = ::pwrite(file.fd(), length.data(), length.size(), length_at);
}

SF_VIRTUAL_IO sink_io() { return {sink_length, sink_seek, sink_read, sink_write, sink_tell}; }

int sink_write_page(void* sink, const unsigned char* data, opus_int32 count) {
  return static_cast<Sink*>(sink)->write(data, count) == count ? 0 : 1;
}

int sink_close(void*) { return 0; }

}  // namespace auralis
