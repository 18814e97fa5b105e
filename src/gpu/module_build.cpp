namespace kernd::gpu {

const char* module_build_id() noexcept;

// A constant of this file, not a function shared with the core: the daemon's exported symbols would
// stand in for the module's, and the ids would always agree.
const char* module_build_id() noexcept {
  return KERND_BUILD_ID;
}

}  // namespace kernd::gpu
