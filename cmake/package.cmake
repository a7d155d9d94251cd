# SPDX-License-Identifier: MIT
# Debian packages by `cpack` in the build folder (scripts/package): auralis (commands, presets, page, manuals, units, completions) and,
# where their plugins are built, auralis-torch and auralis-radio.
set(debian ${PROJECT_SOURCE_DIR}/deploy/debian)
set(made ${CMAKE_BINARY_DIR}/debian)
# As policy wants them: changelogs compressed, maintainers' scripts executable.
configure_file(${debian}/changelog.in ${made}/changelog.Debian @ONLY)
find_program(GZIP gzip)
if(GZIP)
  execute_process(COMMAND ${GZIP} -9nkf ${made}/changelog.Debian)
  foreach(package auralis auralis-torch auralis-radio)
    set(component auralis)
    if(package STREQUAL auralis-radio)
      if(NOT AURALIS_ICECAST AND NOT AURALIS_AV AND NOT AURALIS_WEBRTC)
        continue()
      endif()
      set(component radio)
    endif()
    if(package STREQUAL auralis-torch)
      if(NOT AURALIS_TORCH)
        continue()
      endif()
      set(component torch)
    endif()
    install(FILES ${made}/changelog.Debian.gz ${debian}/copyright DESTINATION share/doc/${package} COMPONENT ${component})
  endforeach()
endif()
foreach(script postinst prerm postrm)
  configure_file(${debian}/${script} ${made}/${script} FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
    GROUP_EXECUTE WORLD_READ WORLD_EXECUTE COPYONLY)
endforeach()

install(CODE [[
  file(GLOB pages "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/share/man/man*/*.[15]")
  foreach(page ${pages})
    execute_process(COMMAND gzip -9nf ${page} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()
  file(GLOB units "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system/*.service")
  foreach(unit ${units})
    file(READ ${unit} text)
    string(REGEX REPLACE "ExecStart=[^ \n]*/auralis-play" "ExecStart=/usr/bin/auralis-play" text "${text}")
    file(WRITE ${unit} "${text}")
  endforeach()]] COMPONENT auralis EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME auralis)
set(CPACK_PACKAGE_VENDOR Auralis)
set(CPACK_PACKAGE_CONTACT "The Auralis authors <maintainers@auralis.invalid>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
  WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL auralis)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION sound)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)

set(CPACK_DEBIAN_AURALIS_PACKAGE_NAME auralis)
set(CPACK_DEBIAN_AURALIS_DESCRIPTION "endless ambient music, composed, synthesized and streamed
 Auralis makes ambient music that never ends and never repeats, in real time, on
 an ordinary processor: from a preset, a seed and the listener's wishes. It plays
 in a browser tab, renders pieces to sound files, MIDI and stems, and runs as a
 service with metrics.")
set(CPACK_DEBIAN_AURALIS_PACKAGE_CONTROL_EXTRA
  "${debian}/conffiles;${made}/postinst;${made}/prerm;${made}/postrm")
# auralis-stats loads it when it is asked for a server's figures.
set(CPACK_DEBIAN_AURALIS_PACKAGE_RECOMMENDS libcurl4)
set(CPACK_DEBIAN_AURALIS_PACKAGE_SUGGESTS "auralis-radio, auralis-torch, icecast2, nginx, sox, ffmpeg, prometheus")
# In a package alone: the file of options, units that start what lies in /usr/bin, and compressed manuals.
install(FILES ${PROJECT_SOURCE_DIR}/deploy/auralis.conf DESTINATION ../etc/auralis COMPONENT auralis EXCLUDE_FROM_ALL)

if(AURALIS_TORCH)
  list(APPEND CPACK_COMPONENTS_ALL torch)
  set(CPACK_DEBIAN_TORCH_PACKAGE_NAME auralis-torch)
  set(CPACK_DEBIAN_TORCH_PACKAGE_DEPENDS "auralis (= ${PROJECT_VERSION}-1)")
  set(CPACK_DEBIAN_TORCH_DESCRIPTION "what of Auralis needs LibTorch: a trained melody, other devices
 The plugin for auralis-compose --melody transformer, with the weights of its
 networks, and for auralis-render --device.")
endif()
if(AURALIS_ICECAST OR AURALIS_AV OR AURALIS_WEBRTC)
  list(APPEND CPACK_COMPONENTS_ALL radio)
  set(CPACK_DEBIAN_RADIO_PACKAGE_NAME auralis-radio)
  set(CPACK_DEBIAN_RADIO_PACKAGE_DEPENDS "auralis (= ${PROJECT_VERSION}-1)")
  set(CPACK_DEBIAN_RADIO_DESCRIPTION "what carries Auralis further: Icecast, HLS, RTP and WebRTC
 The plugins for auralis-serve --icecast, --hls, --rtp and --webrtc, which need
 libshout, libavformat and GStreamer.")
  # webrtcbin loads its parts by itself.
  set(CPACK_DEBIAN_RADIO_PACKAGE_RECOMMENDS
    "gstreamer1.0-plugins-bad, gstreamer1.0-plugins-good, gstreamer1.0-plugins-base, gstreamer1.0-nice")
endif()
include(CPack)
