# Sets KERND_REVISION to the abbreviated commit, or to "unknown" outside a checkout. Who builds outside
# one knows better: the environment of the first configuration, or -DKERND_REVISION=, has the last word.
set(KERND_REVISION "$ENV{KERND_REVISION}" CACHE STRING "Abbreviated commit; empty: ask git")
mark_as_advanced(KERND_REVISION)

function(kernd_find_revision)
  set(KERND_REVISION unknown PARENT_SCOPE)
  find_package(Git QUIET)
  if(NOT Git_FOUND)
    return()
  endif()
  # An archive unpacked inside somebody else's checkout is not that checkout.
  execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --show-prefix --git-path logs/HEAD --short=12 HEAD
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_QUIET)
  if(failed OR NOT output MATCHES "^\n([^\n]+)\n([0-9a-f]+)\n$")
    return()
  endif()
  set(KERND_REVISION ${CMAKE_MATCH_2} PARENT_SCOPE)
  # Another commit configures again.
  cmake_path(ABSOLUTE_PATH CMAKE_MATCH_1 BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE log)
  if(EXISTS ${log})
    set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${log})
  endif()
endfunction()
if(NOT KERND_REVISION)
  kernd_find_revision()
endif()
