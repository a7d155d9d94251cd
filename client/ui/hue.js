// SPDX-License-Identifier: MIT
// The colour of a mode: from gold for the brightest to violet for the darkest.
//   brightness   the mean place of its tones on the circle of fifths, seen from the tonic: 3 for
//                lydian, 0 for dorian, −3 for locrian
//   spread       fifths from its lowest to its highest tone, 6 where seven tones lie side by side
//                on the circle; turns the hue a little, so that equally bright modes differ

export const neutralHue = 200;

const dorianHue = 192;
const huePerFifth = 39; // of brightness
const huePerSpread = 10;

// steps: semitones above the tonic → degrees on the colour wheel
export function hueOfMode(steps) {
  if (!steps?.length) return neutralHue;
  // The tritone is a raised fourth beside a fifth, and a lowered fifth without one.
  const fifths = steps.map((step) => {
    const up = (step * 7) % 12;
    return up > 6 || (up === 6 && !steps.includes(7)) ? up - 12 : up;
  });
  const brightness = fifths.reduce((sum, x) => sum + x, 0) / fifths.length;
  const spread = Math.max(...fifths) - Math.min(...fifths);
  return dorianHue - huePerFifth * brightness + huePerSpread * (spread - 6);
}
