# SPDX-License-Identifier: MIT
# auralis_join(TARGET): several of its files are compiled as one, so that headers, two thirds of what a compiler does here, are
# read once for all of them. Tests are always joined; the libraries are not in the tree of tests, where a missing include fails.
set(auralis_files_joined 8)

# Those whose own names others of their folder have, too, or whose packages' headers do not go together.
set(auralis_files_alone
  lib/audio/envelope.cpp lib/audio/timbre.cpp
  lib/compose/midi/midi_faults.cpp lib/compose/midi/midi_reader.cpp
  lib/compose/parts/bells.cpp lib/compose/parts/brush.cpp lib/compose/parts/drone.cpp lib/compose/parts/lead.cpp
  lib/compose/parts/low.cpp lib/compose/parts/pads.cpp lib/compose/parts/part.cpp lib/compose/parts/phrase.cpp
  lib/compose/parts/texture.cpp
  lib/compose/preset/preset_json.cpp lib/compose/preset/preset_yaml_reader.cpp
  lib/compose/scenes.cpp
  lib/compose/score/form_measures.cpp lib/compose/score/lead_measures.cpp lib/compose/score/melody_measures.cpp
  lib/compose/score/score.cpp lib/compose/score/structure_measures.cpp
  lib/compose/tuning/scala.cpp lib/compose/tuning/tuning_files.cpp
  lib/model/music.cpp lib/model/patch.cpp lib/model/tuning_json.cpp
  lib/net/http.cpp lib/net/loop.cpp lib/net/request_head.cpp lib/net/stream.cpp lib/net/web_socket.cpp
  lib/serve/codecs/pcm.cpp lib/serve/stations.cpp lib/serve/status_line.cpp
  lib/synth/fx/cloud/cloud.cpp lib/synth/fx/delay/delay.cpp lib/synth/fx/resonator/resonator.cpp
  lib/synth/fx/tape/tape.cpp lib/synth/source/string/string.cpp
  tests/audio/envelope_test.cpp tests/audio/measure_test.cpp tests/audio/reduction_test.cpp tests/audio/timbre_test.cpp
  tests/compose/day/day_test.cpp tests/compose/midi/midi_file_test.cpp tests/compose/mix_test.cpp
  tests/compose/movement_test.cpp
  tests/fuzz/web_socket.cpp tests/model/modulation_test.cpp tests/net/web_socket_test.cpp
  tests/render/render_test.cpp
  tests/serve/connection_test.cpp tests/serve/playout_test.cpp tests/serve/private_stations_test.cpp tests/serve/recent_test.cpp
  tests/serve/stations_test.cpp)

function(auralis_join target)
  list(TRANSFORM auralis_files_alone PREPEND ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../ OUTPUT_VARIABLE alone)
  foreach(file ${alone})
    cmake_path(NORMAL_PATH file)
    set_source_files_properties(${file} TARGET_DIRECTORY ${target} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${auralis_files_joined})
  # Joined files see each other's names, and GCC takes them for included ones: false alarms, which -Wshadow gives, too.
  target_compile_options(${target} PRIVATE -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endfunction()
