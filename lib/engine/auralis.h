/* SPDX-License-Identifier: MIT
 * The engine for other languages: what a page calls in WebAssembly, and any program through a C function interface.
 *   text      what a call answers, or why it failed, lies in auralis_text() until the next call
 *   failure   NULL, 0 or -1, as each function says; the engine stays as it was
 *   sound     interleaved stereo float32 at the engine's rate; frame n is time n / rate
 *   threads   none; an engine, and the text, belong to one thread at a time
 */
#ifndef AURALIS_H
#define AURALIS_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct auralis_engine auralis_engine;

/* An engine that composes. `piece` is JSON:
 *   preset     a whole preset, as `auralis-compose --show-preset NAME --json` prints it
 *   harmony    the tables of the modes, which the same command prints with it
 *   presets    optional: other presets, that the control `preset` may choose by name
 *   seed       text or a whole number [0]
 *   duration_s optional; endless without
 *   controls   optional: what differs from the preset from the start, such as {"key": "D", "intensity": 0.3}
 *   rate       frames a second [44100]
 * NULL where it is refused. */
auralis_engine* auralis_compose(const char* piece);

/* An engine that follows: events are pushed into it, as lines of an event stream. NULL where the rate is refused. */
auralis_engine* auralis_follow(int rate);
/* The same from a second of the piece on, for who comes to a stream that has long begun: at most 64 frames before it, as
 * auralis_state's position says. NULL where either is refused. */
auralis_engine* auralis_join(int rate, double from_s);
void auralis_free(auralis_engine* engine);

/* Lines of an event stream, in pieces of any size. 0, or -1 where a line is wrong: what came before it is kept. */
int auralis_push(auralis_engine* engine, const char* bytes, int size);

/* Up to `frames` frames into stereo[2 * frames]. Answers how many: fewer where the piece has ended, or the events pushed
 * allow no more; -1 for a failure. */
int auralis_pull(auralis_engine* engine, float* stereo, int frames);

/* A control as a JSON object, such as {"intensity": 0.8}; it is heard behind what is composed already. 0, and what was
 * applied as text; -1, and what is wrong with which field as text {field, message}. */
int auralis_control(auralis_engine* engine, const char* control);

/* The piece comes to a musical end from here on: answers when it will be over in seconds, -1 for one that follows. */
double auralis_finish(auralis_engine* engine);

/* Text: the lines of every event since the last call. Answers how many bytes. */
int auralis_events(auralis_engine* engine);

/* Text: JSON {position, finished} and, where it composes, what `state` tells. Answers how many bytes. */
int auralis_state(auralis_engine* engine);

/* The control table as JSON, as `welcome.controls` has it. Answers how many bytes. */
int auralis_controls(void);

/* Text: a Standard MIDI File of the lines of a piece's events, from `start` to `end`. Answers how many bytes; -1 where a line is
 * wrong. */
int auralis_midi(const char* lines, int size);

/* A copy that goes on with the same events and samples from this frame; NULL where there is no memory. */
auralis_engine* auralis_snapshot(const auralis_engine* engine);
/* Makes the engine what the snapshot is; the snapshot stays. 0, or -1. */
int auralis_restore(auralis_engine* engine, const auralis_engine* snapshot);

const char* auralis_text(void);
int auralis_text_size(void);

#ifdef __cplusplus
}
#endif
#endif
