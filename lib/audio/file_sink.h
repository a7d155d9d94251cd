// SPDX-License-Identifier: MIT
// A file as the libraries that write sound see it: they report a failed write only as a short count. Why is kept here, and
// up to where the file is whole.
//   sndfile   sink_io(), with the Sink as its user data
//   opusenc   sink_write_page() and sink_close()
#pragma once

#include <opusenc.h>
#include <sndfile.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/atomic_file.h"

namespace auralis {

struct Sink {
  Sink(const std::filesystem::path& target, AfterKill after_kill)
      : file(target, after_kill), name(target.string()) {}

  sf_count_t write(const void* data, sf_count_t count);
  int64_t at() const;
  // In a stream what would be set right at another place is left as it is.
  int64_t seek(int64_t offset, int whence);
  int64_t length() const;
  // What the first failed write threw away: see throw_write_error() in base/io.h.
  void check() const;
  // After an error: without what was written in part.
  void cut_to_whole() const;

  AtomicFile file;
  std::string name;
  int error = 0;
  int64_t stream_bytes = 0;
  int64_t whole_bytes = 0;
  int64_t flac_frames = 0;
  bool in_pages = false;
  bool elsewhere = false;

 private:
  void state_flac_length() const;
};

SF_VIRTUAL_IO sink_io();
int sink_write_page(void* sink, const unsigned char* data, opus_int32 count);
int sink_close(void* sink);

}  // namespace auralis
