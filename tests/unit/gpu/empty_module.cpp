// Neither a driver nor a module: a library without any of the symbols that are looked for.
extern "C" int kernd_is_not_in_here();
extern "C" int kernd_is_not_in_here() {
  return 0;
}
