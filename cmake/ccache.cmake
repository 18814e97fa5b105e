# Use ccache when it is installed; a package builder who sets a launcher keeps it.
find_program(KERND_CCACHE ccache)
mark_as_advanced(KERND_CCACHE)
foreach(language CXX CUDA)
  if(KERND_CCACHE AND NOT CMAKE_${language}_COMPILER_LAUNCHER)
    set(CMAKE_${language}_COMPILER_LAUNCHER ${KERND_CCACHE})
  endif()
endforeach()
