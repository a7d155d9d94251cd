// SPDX-License-Identifier: MIT
// How many bits a second endless streams have, for whoever they are: listeners, Icecast, HLS, RTP.
#pragma once

namespace auralis {

inline constexpr int opus_bits_per_second = 128000;
inline constexpr int small_opus_bits_per_second = 64000;
inline constexpr int aac_bits_per_second = opus_bits_per_second;
inline constexpr int mp3_bits_per_second = 192000;  // as good as the others

}  // namespace auralis
