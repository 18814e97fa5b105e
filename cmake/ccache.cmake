# Use ccache when it is installed; a package builder who sets a launcher keeps it.
# Paths inside the checkout are hashed relative to it, so that another clone of the same sources
# finds what this one compiled.
find_program(KERND_CCACHE ccache)
mark_as_advanced(KERND_CCACHE)
set(kernd_ccache ${CMAKE_COMMAND} -E env
  CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${KERND_CCACHE})
foreach(language CXX CUDA)
  if(KERND_CCACHE AND NOT CMAKE_${language}_COMPILER_LAUNCHER)
    set(CMAKE_${language}_COMPILER_LAUNCHER ${kernd_ccache})
  endif()
endforeach()
