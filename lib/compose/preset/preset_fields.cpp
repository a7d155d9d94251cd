// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "compose/preset/preset.h"
#include "model/control.h"
#include "model/music.h"
#include "model/number_text.h"

namespace auralis {
namespace {

#define AT(member) \
  [](Preset & p) -> auto& { return p.member; }
#define OF(member) \
  [](LayerPlan & plan) -> auto& { return plan.member; }

// A lambda for a member, as the plain pointer that fits its type.
template <typename T, typename Member>
constexpr Field<T> field(std::string_view path, std::string_view unit, double min, double max, Member member,
                         std::string_view meaning) {
  return {path, unit, min, max, +member, meaning};
}

constexpr const ControlInfo& bpm_range = info_of(ControlId::bpm);
constexpr const ControlInfo& intensity_range = info_of(ControlId::intensity);
constexpr const ControlInfo& reference_range = info_of(ControlId::reference);

template <typename... Args>
constexpr Field<Preset> f(Args... args) {
  return field<Preset>(args...);
}

template <typename... Args>
constexpr Field<LayerPlan> l(Args... args) {
  return field<LayerPlan>(args...);
}

constexpr std::array fields_of_preset{
    f("title", "", 1, 60, AT(title), "its name to people"),
    f("description", "", 1, 400, AT(description), "a sentence on how it sounds"),
    f("group", "", 1, 32, AT(group), "what lists of presets show it under"),
    f("key", "", 1, 2, AT(key), "tonic, C to B with # or b"),
    f("mode", "", 1, 32, AT(mode), "one of the modes"),
    f("bpm", "beats a minute", bpm_range.min, bpm_range.max, AT(bpm),
      "pace of melody and percussion; harmony has its own clock"),
    f("intensity", "", intensity_range.min, intensity_range.max, AT(intensity),
      "density, brightness and colour; no percussion below 0.3"),
    f("tuning", "", 1, 400, AT(tuning),
      "which pitch each key sounds at: a built-in tuning, or a file of Scala's"),
    f("keyboard", "", 1, 400, AT(keyboard), "a keyboard mapping of Scala's for it, a file"),
    f("reference", "hertz", reference_range.min, reference_range.max, AT(reference_hz), "pitch of A"),
    f("target_lufs", "LUFS", -40, -10, AT(target_lufs), "loudness that master.gain_db is calibrated to"),
    f("harmony.chord_s", "seconds", 5, 600, AT(harmony.chord_s), "how long a chord lasts"),
    f("harmony.scene_chords", "chords", 2, 7, AT(harmony.scene_chords), "different chords in a scene"),
    f("harmony.scene_length", "chords", 2, 32, AT(harmony.scene_length), "chords until the next scene"),
    f("harmony.returns", "", 0, 1, AT(harmony.returns),
      "chance that a scene comes back, changed in one respect"),
    f("harmony.loops", "", 0, 1, AT(harmony.loops), "share of scenes whose three or four chords go round"),
    f("harmony.pedal", "", 0, 1, AT(harmony.pedal), "share of scenes whose drone stays on the tonic"),
    f("harmony.modulate_min", "minutes", 0, 240, AT(harmony.modulate_min),
      "time between modulations to a related key, give or take a third; 0 never"),
    f("harmony.colours.triad", "", 0, 10, AT(harmony.colours[0]), "weight of plain triads"),
    f("harmony.colours.seventh", "", 0, 10, AT(harmony.colours[1]), "weight of seventh chords"),
    f("harmony.colours.ninth", "", 0, 10, AT(harmony.colours[2]), "weight of ninth chords"),
    f("harmony.colours.add9", "", 0, 10, AT(harmony.colours[3]), "weight of triads with an added ninth"),
    f("harmony.colours.sus2", "", 0, 10, AT(harmony.colours[4]), "weight of seconds in place of thirds"),
    f("harmony.colours.sus4", "", 0, 10, AT(harmony.colours[5]), "weight of fourths in place of thirds"),
    f("harmony.colours.quartal", "", 0, 10, AT(harmony.colours[6]), "weight of stacked fourths"),
    f("harmony.colours.quintal", "", 0, 10, AT(harmony.colours[7]), "weight of stacked fifths"),
    f("form.arc_s", "seconds", 30, 1800, AT(form.arc_s), "periods of the slow arcs, all coprime"),
    f("form.density", "", 0, 1, AT(form.density), "how far the arcs move how much is played"),
    f("form.brightness_oct", "octaves", 0, 3, AT(form.brightness_oct),
      "how far the arcs move the cutoffs, either way"),
    f("form.register_st", "semitones", 0, 12, AT(form.register_st),
      "how far the arcs move the pitches, either way"),
    f("form.space_db", "decibels", 0, 12, AT(form.space_db),
      "how far the arcs move the effects' returns, either way"),
    f("form.layers", "layers", 2, 8, AT(form.layers), "most layers in a scene"),
    f("form.silence", "", 0, 1, AT(form.silence), "chance that a scene ends in silence"),
    f("form.silence_s", "seconds", 0, 60, AT(form.silence_s), "how long such a silence is"),
    f("form.return_min", "minutes", 1, 240, AT(form.return_min),
      "until a scene comes back; sooner in a piece too short for it"),
    f("form.rise_s", "seconds", 0, 120, AT(form.rise_s), "over which an introduction comes up"),
    f("form.signature", "", 1, 16, AT(form.signature),
      "the layer it is known by: in every scene, and within the first minute"),
    f("form.breath", "", 0, 1, AT(form.breath),
      "chance that a layer leaves or comes back within a scene, a chord"),
    f("form.loudness_db", "decibels", -12, 24, AT(form.loudness_db),
      "what more is played from intensity 0 to 1 adds, taken back from the mix"),
    f("form.course_s", "seconds", 0, 600, AT(form.course_s),
      "time in which the layers enter at the beginning"),
    f("form.wave_min", "minutes", 0, 240, AT(form.wave_min),
      "from crest to crest of a wave that carries all arcs, which begins low; 0 none"),
    f("form.sink_min", "minutes", 0, 240, AT(form.sink_min),
      "over which all arcs sink, and then stay low; 0 never"),
    f("pad.voices", "voices", 1, 6, AT(pad.voices), "voices of a chord, more with density"),
    f("pad.gap_st", "semitones", 1, 19, AT(pad.gap_st), "distance between neighbouring voices"),
    f("pad.overlap_s", "seconds", 0, 15, AT(pad.overlap_s), "how long the old chord sounds into the new"),
    f("pad.stagger_s", "seconds", 0, 10, AT(pad.stagger_s), "time over which the voices of a chord enter"),
    f("pad.rest", "", 0, 1, AT(pad.rest), "chance that a voice rests between two notes"),
    f("drone.fifth", "", 0, 1, AT(drone.fifth), "chance that a fifth sounds with the drone"),
    f("drone.overlap_s", "seconds", 0, 30, AT(drone.overlap_s), "how long two drone notes sound together"),
    f("melody.phrase_notes", "notes", 2, 40, AT(melody.phrase_notes), "notes of a phrase"),
    f("melody.rest_s", "seconds", 1, 600, AT(melody.rest_s), "silence of the lead between phrases"),
    f("melody.note_beats", "beats", 0.25, 16, AT(melody.note_beats), "length of a note"),
    f("melody.chord_tones", "", 0, 1, AT(melody.chord_tones), "share of notes that belong to the chord"),
    f("melody.colour_tones", "", 0, 0.3, AT(melody.colour_tones), "share of passing notes outside the mode"),
    f("melody.leap", "", 0, 0.3, AT(melody.leap), "chance of a leap over a fifth, which a step back answers"),
    f("melody.recall", "", 0, 1, AT(melody.recall), "chance that a phrase takes up a motif of its scene"),
    f("melody.answer", "", 0, 1, AT(melody.answer), "chance that the bells answer a phrase"),
    f("melody.humanise_ms", "milliseconds", 0, 200, AT(melody.humanise_ms),
      "how far onsets stray, either way"),
    f("percussion.low_bars", "bars", 1, 32, AT(percussion.low_bars),
      "between low hits; fewer as intensity rises"),
    f("percussion.swells", "", 0, 1, AT(percussion.swells), "chance that a swell leads into a chord"),
    f("percussion.swell_s", "seconds", 1, 20, AT(percussion.swell_s), "length of a swell"),
    f("percussion.brush_pulses", "onsets", 1, 12, AT(percussion.brush_pulses),
      "brushes in a cycle; more with intensity"),
    f("percussion.brush_slots", "half beats", 3, 32, AT(percussion.brush_slots),
      "length of a cycle of brushes"),
    f("percussion.pulse", "", 0, 1, AT(percussion.pulse),
      "whether lead, bells, low and brush share the half beats of one clock"),
    f("expect.notes_per_min", "notes a minute", 0, 600, AT(expect.notes_per_min),
      "tests: notes of all layers together"),
    f("expect.silence", "", 0, 1, AT(expect.silence), "tests: share of the time without a sounding note"),
    f("expect.entropy_bits", "bits", 0, 3.6, AT(expect.entropy_bits), "tests: entropy of the pitch classes"),
    f("expect.voices", "voices", 0, 64, AT(expect.voices), "tests: notes sounding at once"),
    f("expect.lead_figures_ratio", "", 0, 100, AT(expect.lead_figures_ratio),
      "tests: figures of the lead that return, against chance"),
    f("expect.lead_figures_with_rhythm", "", 0, 1, AT(expect.lead_figures_with_rhythm),
      "tests: those with their rhythm, of all"),
    f("expect.lead_ends_ratio", "", 0, 100, AT(expect.lead_ends_ratio),
      "tests: phrases that end on tonic or fifth, against how common these are"),
    f("expect.lead_interval_mean_st", "semitones", 0, 12, AT(expect.lead_interval_mean_st),
      "tests: mean step of the lead"),
    f("expect.lead_turns_share", "", 0, 1, AT(expect.lead_turns_share),
      "tests: notes of the lead at which the line turns"),
    f("expect.bells_answers_ratio", "", 0, 1000, AT(expect.bells_answers_ratio),
      "tests: answers that keep the contour, against chance"),
    f("expect.scenes_on_a_loop", "", 0, 1, AT(expect.scenes_on_a_loop),
      "tests: share of scenes whose three or four chords go round"),
    f("expect.returns_after_min", "minutes", 0, 240, AT(expect.returns_after_min),
      "tests: until a scene comes back"),
    f("expect.returns_found", "", 0, 1, AT(expect.returns_found),
      "tests: returns that are recognised by their notes"),
    f("expect.returns_found_shuffled", "", 0, 1, AT(expect.returns_found_shuffled),
      "tests: the same of other scenes in their place"),
    f("expect.structureness_ratio", "", 0, 100, AT(expect.structureness_ratio),
      "tests: stretches that sounded before in order, against other orders"),
    f("expect.signature_first_s", "seconds", 0, 600, AT(expect.signature_first_s),
      "tests: first sound of the layer of form.signature"),
    f("expect.signature_away_min", "minutes", 0, 600, AT(expect.signature_away_min),
      "tests: longest silence of that layer"),
    f("expect.last_tone_before_end_s", "seconds", 0, 60, AT(expect.last_tone_before_end_s),
      "tests: from the end of the last note to that of the piece"),
    f("expect.pulse_concentration", "", 0, 1, AT(expect.pulse_concentration),
      "tests: how much onsets agree on the half beats"),
    f("expect.pulse_between_layers", "", -1, 1, AT(expect.pulse_between_layers),
      "tests: the same between layers"),
    f("expect.characteristic_tone_share", "", 0, 1, AT(expect.characteristic_tone_share),
      "tests: share of the time with the mode's own tone"),
    f("expect.characteristic_tone_away_min", "minutes", 0, 600, AT(expect.characteristic_tone_away_min),
      "tests: longest time without it"),
    f("expect.modulation_common_tone_share", "", 0, 1, AT(expect.modulation_common_tone_share),
      "tests: voices that stay where the key changes"),
    f("expect.borrowed_chord_share", "", 0, 1, AT(expect.borrowed_chord_share),
      "tests: chords with a tone from outside the mode"),
    f("expect.resolved_suspension_share", "", 0, 1, AT(expect.resolved_suspension_share),
      "tests: chords that resolve a suspension"),
};

constexpr std::array fields_of_layer{
    l("on", "", 0, 1, OF(on), "whether the preset uses the layer"),
    l("share", "", 0, 1, OF(share), "share of the scenes it plays in"),
    l("pitches", "MIDI", 12, 108, OF(pitches), "lowest and highest note, before the arcs move them"),
    l("velocity", "", 0, 1, OF(velocity), "softest and loudest note"),
    l("note_s", "seconds", 0.05, 120, OF(note_s), "length of a note, where nothing else decides it"),
    l("pace", "", 0.1, 10, OF(pace), "factor on how often it plays"),
    l("width", "", 0, 1, OF(width), "how far from the middle its notes are placed"),
};

#undef AT
#undef OF

}  // namespace

std::span<const Field<Preset>> preset_fields() { return fields_of_preset; }

std::span<const Field<LayerPlan>> layer_fields() { return fields_of_layer; }

Preset::Preset() {
  for (size_t i = 0; i < layer_count; ++i) layers[i] = default_layer_plan(static_cast<Layer>(i));
}

std::optional<PresetFault> preset_fault(const Preset& preset) {
  if (!key_pitch_class(preset.key))
    return PresetFault{"key", "key is \"" + preset.key + "\", expected C to B with # or b"};
  if (find_mode(preset.mode) == nullptr) {
    const std::string_view nearest = nearest_name(preset.mode, mode_names());
    return PresetFault{"mode", "mode is \"" + preset.mode + "\", expected " +
                                   (nearest.empty() ? "one of " + join_names(mode_names())
                                                    : std::string(nearest) + " (did you mean that?)")};
  }
  if (!find_layer(preset.form.signature))
    return PresetFault{"form.signature", "form.signature is \"" + preset.form.signature + "\", expected " +
                                             expected_name(preset.form.signature, layer_names())};
  const Range& pitches = preset.layer(Layer::pad).pitches;
  const double needed_st = (preset.pad.voices.high - 1) * preset.pad.gap_st.low + 12;
  if (pitches.high - pitches.low < needed_st) {
    return PresetFault{"pad.voices",
                       "pad.voices and pad.gap_st need " + number_text(needed_st) +
                           " semitones, expected layers.pad.pitches to span as much (it spans " +
                           number_text(pitches.high - pitches.low) + ")"};
  }
  const ColourWeights& colours = preset.harmony.colours;
  if (std::all_of(colours.begin(), colours.end(), [](double weight) { return weight <= 0.0; }))
    return PresetFault{"harmony.colours.triad", "harmony.colours are all 0, expected one above 0"};
  return std::nullopt;
}

}  // namespace auralis
