#include "server/cli_completion.hpp"

#include "server/cli.hpp"

#include <CLI/App.hpp>

#include <algorithm>
#include <map>
#include <ostream>
#include <vector>

namespace kernd::cli {
namespace {

constexpr auto prologue =
    R"(# Completes kernd in bash. Made by `kernd completion bash`; load it with
#   source <(kernd completion bash)

# The first column of what the command prints.
_kernd_ids() {
  local id
  "$@" 2>/dev/null | while read -r id _; do
    if [[ $id != ID ]]; then printf '%s\n' "$id"; fi
  done
}

_kernd_actors() {
  local where=() i j
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case ${COMP_WORDS[i]} in
      --config | --preset | --host | --port)
        j=$((i + 1))
        if [[ ${COMP_WORDS[j]} == '=' ]]; then j=$((j + 1)); fi
        if ((j < COMP_CWORD)); then where+=("${COMP_WORDS[i]}" "${COMP_WORDS[j]}"); fi
        ;;
    esac
  done
  _kernd_ids "$1" actors list "${where[@]}"
}

# Sets `kind` to what follows the flag: files, text, names, or nothing.
_kernd_value_of() {
  case $1 in
)";

constexpr auto between = R"(    *) kind='' ;;
  esac
}

_kernd() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  local path=kernd kind='' given='' flags='' words='' word i
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    case "$path $word" in
)";

constexpr auto before_words = R"(      *)
        _kernd_value_of "$path ${COMP_WORDS[i - 1]}"
        if [[ $word != -* && $word != '=' && ${COMP_WORDS[i - 1]} != '=' && -z $kind ]]; then
          given=yes
        fi
        ;;
    esac
  done

  COMPREPLY=()
  _kernd_value_of "$path $prev"
  case $kind in
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      return
      ;;
    text) return ;;
    ?*)
      mapfile -t COMPREPLY < <(compgen -W "$kind" -- "$cur")
      return
      ;;
  esac
  case $path in
)";

constexpr auto epilogue = R"(  esac
  if [[ $cur == -* || -z $words ]]; then words=$flags; fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}

complete -F _kernd kernd
)";

/// What a type name says of a value, in the script's words.
std::string kind_of(const std::string& type_name) {
  if (type_name == "FILE") return "files";
  constexpr auto letters = "abcdefghijklmnopqrstuvwxyz_|";
  if (type_name.empty() || type_name.find_first_not_of(letters) != std::string::npos) return "text";
  std::string names = type_name;
  std::replace(names.begin(), names.end(), '|', ' ');
  return names;
}

/// The shell's command that prints what a positional argument may be.
std::string candidates(const CLI::Option& positional) {
  const std::string name = positional.get_name();
  if (name == "ID") return R"(_kernd_ids "${COMP_WORDS[0]}" kernels list)";
  if (name == "KERNEL") return R"(_kernd_ids "${COMP_WORDS[0]}" kernels list --mode ring)";
  if (name == "ACTOR") return R"(_kernd_actors "${COMP_WORDS[0]}")";
  return "echo " + kind_of(positional.get_type_name());
}

/// The script's tables, one line per command.
struct tables {
  std::string paths;
  std::string words;
  std::map<std::string, std::string> flags_of_kind;  ///< Patterns of `PATH FLAG`.

  void add(const CLI::App& app, const std::string& path) {
    std::string flags, names;
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_positional()) {
        // Only of the first: what may follow an actor, say, depends on it.
        if (names.empty()) names = "$([[ $given ]] || " + candidates(*option) + ")";
      } else {
        add_flag(*option, path, flags);
      }
    }
    const auto below = app.get_subcommands({});
    for (const CLI::App* sub : below) names += (names.empty() ? "" : " ") + sub->get_name();
    words += "    '" + path + "') flags='" + flags + "' words=\"" + names + "\" ;;\n";
    for (const CLI::App* sub : below) {
      const std::string sub_path = path + " " + sub->get_name();
      paths += "      '" + sub_path + "') path+=\" $word\" ;;\n";
      add(*sub, sub_path);
    }
  }

 private:
  void add_flag(const CLI::Option& option, const std::string& path, std::string& flags) {
    std::vector<std::string> names;
    for (const auto& name : option.get_snames()) names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) names.push_back("--" + name);
    const bool takes_value = option.get_items_expected_max() != 0;
    for (const auto& name : names) {
      flags += (flags.empty() ? "" : " ") + name;
      if (!takes_value) continue;
      auto& pattern = flags_of_kind[kind_of(option.get_type_name())];
      pattern += (pattern.empty() ? "'" : " | '") + path + " " + name + "'";
    }
  }
};

}  // namespace

std::string bash_completion(const CLI::App& app) {
  tables made;
  made.add(app, "kernd");
  std::string script = prologue;
  for (const auto& [kind, patterns] : made.flags_of_kind) {
    script += "    " + patterns + ") kind='" + kind + "' ;;\n";
  }
  return script + between + made.paths + before_words + made.words + epilogue;
}

exit_code run(const completion_command& asked, std::ostream& out, std::ostream&) {
  out << asked.script;
  return exit_code::ok;
}

}  // namespace kernd::cli
