// SPDX-License-Identifier: MIT
// A piece as a picture: time to the right, frequency upwards on a logarithmic axis, level as colour.
//   level     of each point relative to the loudest, over 80 dB; both channels together
//   source    colours: cubehelix, Green, Bull. Astr. Soc. India 39, 2011: brightness rises evenly with level
#pragma once

#include "audio/picture.h"
#include "audio/sound_file.h"

namespace auralis {

// Reads the file from its beginning to its end.
Picture draw_spectrogram(SoundFileReader& file, int width = 1600, int height = 720);

}  // namespace auralis
