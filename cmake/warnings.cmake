# kernd::warnings: linked PRIVATE by our own targets, so that dependencies stay quiet.
add_library(kernd_warnings INTERFACE)
add_library(kernd::warnings ALIAS kernd_warnings)
target_compile_options(kernd_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
    -Woverloaded-virtual -Wold-style-cast -Wcast-align -Wimplicit-fallthrough>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${KERND_WERROR}>>:-Werror>
  # GCC 12 sees overlapping copies in optimised std::string concatenations (its bug 105651).
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra>)
