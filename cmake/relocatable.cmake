# For what scripts/gpu-check carries to another machine: the build's `target` finds the libraries that
# lie beside it, also those that another library needs, which the newer DT_RUNPATH would not. What
# is installed has no such path.
function(kernd_relocatable target)
  set_property(TARGET ${target} APPEND PROPERTY BUILD_RPATH "$ORIGIN")
  target_link_options(${target} PRIVATE LINKER:--disable-new-dtags)
endfunction()
