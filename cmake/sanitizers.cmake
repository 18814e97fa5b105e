# Applies KERND_SANITIZE to everything we compile.
if(KERND_SANITIZE)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${KERND_SANITIZE}>
                      $<$<COMPILE_LANGUAGE:CXX>:-fno-omit-frame-pointer>)
  add_link_options(-fsanitize=${KERND_SANITIZE})
  if(KERND_SANITIZE MATCHES undefined)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize-recover=undefined>
                        # This check opens a pipe to probe memory: it cries wolf in the test that
                        # leaves no descriptor. The address sanitizer sees what it would find.
                        $<$<COMPILE_LANGUAGE:CXX>:-fno-sanitize=vptr>)
    add_link_options(-fno-sanitize-recover=undefined)
  endif()
  # GCC's instrumentation makes it see uninitialised optionals and functions where there are none.
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  # Recycled coroutine frames would hide a use after free.
  add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
  if(KERND_SANITIZE MATCHES thread)
    # Bare fences, which the thread sanitizer cannot see; Asio's queues synchronise without them.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

# Coverage for libFuzzer in everything we compile; the targets link its main function themselves.
if(KERND_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "KERND_FUZZ needs clang: scripts/fuzz installs and uses it")
  endif()
  # clang 14 cannot compile coroutines with the check of function types.
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=function)
endif()
