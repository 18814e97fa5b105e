# Targets that are no part of the build: `format`, `format-check`, `tidy`.
find_program(KERND_CLANG_FORMAT clang-format)
find_program(KERND_RUN_CLANG_TIDY run-clang-tidy)
mark_as_advanced(KERND_CLANG_FORMAT KERND_RUN_CLANG_TIDY)

set(kernd_source_folders include src kernels server tests bench)
set(patterns "")
foreach(folder IN LISTS kernd_source_folders)
  foreach(suffix hpp cpp cu cuh)
    list(APPEND patterns ${PROJECT_SOURCE_DIR}/${folder}/*.${suffix})
  endforeach()
endforeach()
file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${patterns})

if(KERND_CLANG_FORMAT)
  add_custom_target(format
    COMMAND ${KERND_CLANG_FORMAT} -i ${sources}
    COMMENT "Formatting the sources" VERBATIM)
  add_custom_target(format-check
    COMMAND ${KERND_CLANG_FORMAT} --dry-run -Werror ${sources}
    COMMENT "Checking how the sources are formatted" VERBATIM)
endif()

if(KERND_RUN_CLANG_TIDY)
  # Only what is ours: not the sources that the build generates, and not what nvcc compiles.
  string(JOIN "|" folders ${kernd_source_folders})
  add_custom_target(tidy
    COMMAND ${KERND_RUN_CLANG_TIDY} -quiet -p ${PROJECT_BINARY_DIR}
            "^${PROJECT_SOURCE_DIR}/(${folders})/.*\\.cpp$"
    COMMENT "Running clang-tidy; this takes minutes" VERBATIM)
endif()
