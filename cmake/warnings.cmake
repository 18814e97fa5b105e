# kernd::warnings: linked PRIVATE by our own targets, so that dependencies stay quiet.
add_library(kernd_warnings INTERFACE)
add_library(kernd::warnings ALIAS kernd_warnings)
target_compile_options(kernd_warnings INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
    -Woverloaded-virtual -Wold-style-cast -Wcast-align -Wimplicit-fallthrough>
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<BOOL:${KERND_WERROR}>>:-Werror>
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra>)
