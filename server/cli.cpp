#include "server/cli.hpp"

#include "kernd/config_keys.hpp"
#include "kernd/version.hpp"
#include "server/cli_actor_flags.hpp"
#include "server/cli_completion.hpp"
#include "server/cli_sources.hpp"
#include "server/cli_unknown.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/url/parse.hpp>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kernd::cli {
namespace {

constexpr auto footer =
    "Configuration: default < preset < file < environment (KERND_SECTION__KEY) < flag.\n"
    "Exit codes: 0 done, 1 unhealthy, cannot serve, refused for now or standard output not\n"
    "            writable, 3 drain timed out, 64 usage, 65 input refused, 66 input not\n"
    "            readable, 69 address unavailable, 70 kernel failed, 78 configuration.";

/// Only what a health check can ask for: `http://HOST[:PORT][/TARGET]`.
std::optional<healthcheck_command::http_url> parse_url(const std::string& text) {
  const auto url = boost::urls::parse_uri(text);
  if (!url || url->scheme() != "http" || url->has_userinfo() || url->has_fragment()) return {};
  const std::string host = url->host_address();
  const std::uint16_t port = url->has_port() ? url->port_number() : std::uint16_t{80};
  if (host.empty() || port == 0) return std::nullopt;
  const std::string target{url->encoded_target()};
  return healthcheck_command::http_url{host, port, target.empty() ? "/health/ready" : target};
}

/// The flags, and what they were set to.
class parser {
 public:
  parser() {
    app_.require_subcommand(0, 1);
    app_.footer(footer);
    app_.add_flag("--version", version_, "Print version and revision");
    serve_ = add_command(app_, "serve", "Serve kernels over HTTP");
    sources_.add_to(*serve_);

    config_ = add_command(app_, "config", "Show or check the configuration");
    config_->require_subcommand(0, 1);
    show_ = add_command(*config_, "show", "Print the effective values and where they come from");
    sources_.add_to(*show_);
    show_->add_flag("--json", json_, "Print JSON instead of TOML");
    check_ = add_command(*config_, "check", "Check the configuration; prints OK or all errors");
    sources_.add_to(*check_);
    check_->add_flag("--json", json_, "Print JSON");

    health_ = add_command(app_, "healthcheck", "Ask a running daemon whether it is ready");
    add_health_flags();
    add_kernels_commands();
    add_run_command();
    actors_.emplace(
        *add_command(app_, "actors", "Start actors of a running daemon and talk to them"), sources_,
        footer);

    doctor_ = add_command(app_, "doctor", "Examine machine, configuration and kernels");
    doctor_->add_flag("--json", json_, "Print JSON");
    sources_.add_to(*doctor_);

    completion_ = add_command(app_, "completion", "Print a script that completes this in a shell");
    completion_->add_option("SHELL", shell_, "Only bash")->type_name("bash")->required();
  }

  command parse(int argc, const char* const* argv, const char* const* environment) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {  // The library reports in no other way.
      return help_command{app_.help()};
    } catch (const CLI::ParseError& e) {
      return usage_error{describe(e)};
    }
    return to_command(environment);
  }

 private:
  static CLI::App* add_command(CLI::App& parent, const std::string& name,
                               const std::string& description) {
    CLI::App* added = parent.add_subcommand(name, description);
    added->footer(footer);
    return added;
  }

  void add_health_flags() {
    auto* url = health_->add_option("--url", url_, "Instead of the configured address");
    url->type_name("http://HOST[:PORT][/PATH]")
        ->check(
            [](const std::string& text) {
              return parse_url(text) ? std::string{}
                                     : "`" + text + "` is not http://HOST[:PORT][/PATH]";
            },
            "", "");
    sources_.add_to(*health_);
    for (const auto* source : {"--config", "--preset", "--host", "--port", "--set"}) {
      url->excludes(health_->get_option(source));
    }
    health_->add_flag("--json", json_, "Print JSON");
    health_->add_option("--timeout-ms", timeout_ms_, "For the whole exchange")
        ->type_name("NUMBER")
        ->check(CLI::Range(1, 600'000))
        ->capture_default_str();
  }

  void add_kernels_commands() {
    kernels_ = add_command(app_, "kernels", "List and describe the kernels");
    kernels_->require_subcommand(0, 1);
    list_ = add_command(*kernels_, "list", "List the kernels");
    list_->add_option("--domain", domain_, "Only of this domain")->type_name("NAME");
    list_->add_option("--mode", mode_, "Only of this mode")
        ->type_name("batch|ring")
        ->check(CLI::IsMember({"batch", "ring"}), "", "");
    list_->add_option("-q,--query", query_, "Only with this text in id or description")
        ->type_name("TEXT");
    list_->add_flag("--json", json_, "Print what the API answers");
    kernel_ = add_command(*kernels_, "show", "Describe one kernel: fields, targets, example");
    add_id(*kernel_);
    kernel_->add_flag("--json", json_, "Print what the API answers");
    sources_.add_to(*kernel_);
    example_ = add_command(*kernels_, "example", "Print a curl line that runs a kernel's example");
    add_id(*example_);
    example_->add_flag("--json", json_, "Print the line, its input and its output as JSON");
    sources_.add_to(*example_);
  }

  void add_run_command() {
    run_ = add_command(app_, "run", "Run a kernel here, on the CPU, without a daemon");
    add_id(*run_);
    auto* input = run_->add_option("--input", input_, "The kernel's input as JSON; - for stdin");
    input->type_name("FILE");
    run_->add_flag("--example", use_example_, "Take the kernel's example as input")
        ->excludes(input);
    sources_.add_set(*run_, "Set a field of the input, to JSON or else a string; may be repeated",
                     "FIELD=VALUE");
    run_->add_flag("--json", json_, "Print what the API answers, with times");
    run_->add_flag("--timing", timing_, "Print to stderr how long decode, compute, encode took");
    sources_.add_file_and_preset(*run_);
  }

  void add_id(CLI::App& to) {
    to.add_option("ID", id_, "Of the kernel: domain/name")->type_name("")->required();
  }

  command to_command(const char* const* environment) const {
    if (version_) return version_command{};
    if (serve_->parsed()) return serve_command{sources_.sources(environment)};
    if (show_->parsed()) return config_show_command{sources_.sources(environment), json_};
    if (check_->parsed()) return config_check_command{sources_.sources(environment), json_};
    if (health_->parsed()) {
      return healthcheck_command{sources_.sources(environment),
                                 health_->count("--url") > 0 ? parse_url(url_) : std::nullopt,
                                 std::chrono::milliseconds{timeout_ms_}, json_};
    }
    if (list_->parsed()) return kernels_list_command{domain_, mode(), query_, json_};
    if (kernel_->parsed()) return kernels_show_command{id_, sources_.sources(environment), json_};
    if (example_->parsed())
      return kernels_example_command{id_, sources_.sources(environment), json_};
    if (run_->parsed()) return to_run_command(environment);
    if (auto asked = actors_->parsed(environment)) return *std::move(asked);
    if (doctor_->parsed()) return doctor_command{sources_.sources(environment), json_};
    if (completion_->parsed()) return to_completion_command();
    return usage_error{"a command is missing, one of: " + command_names(deepest())};
  }

  std::optional<kernel_mode> mode() const {
    if (mode_.empty()) return std::nullopt;
    return mode_ == "ring" ? kernel_mode::ring : kernel_mode::batch;
  }

  command to_run_command(const char* const* environment) const {
    run_command result{.id = id_, .input = input_, .example = use_example_, .timing = timing_};
    result.set = sources_.settings();
    result.sources = sources_.without_settings(environment);
    result.json = json_;
    return result;
  }

  command to_completion_command() const {
    if (shell_ == "bash") return completion_command{bash_completion(app_)};
    return usage_error{"there is no completion for `" + shell_ + "`, only for bash"};
  }

  /// The last command that was recognised.
  const CLI::App& deepest() const {
    const CLI::App* app = &app_;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    return *app;
  }

  std::string describe(const CLI::ParseError& e) const {
    const auto unknown = app_.remaining(true);
    return unknown.empty() ? e.what() : describe_unknown(unknown.front(), deepest());
  }

  static std::string command_names(const CLI::App& app) {
    std::string names;
    for (const auto* sub : app.get_subcommands({})) {
      names += (names.empty() ? "" : ", ") + sub->get_name();
    }
    return names;
  }

  CLI::App app_{"Serves compute kernels over HTTP", "kernd"};
  source_flags sources_;
  std::optional<actor_flags> actors_;
  CLI::App* serve_;
  CLI::App* config_;
  CLI::App* show_;
  CLI::App* check_;
  CLI::App* health_;
  CLI::App* kernels_;
  CLI::App* list_;
  CLI::App* kernel_;
  CLI::App* example_;
  CLI::App* run_;
  CLI::App* doctor_;
  CLI::App* completion_;

  bool version_ = false;
  bool json_ = false;
  std::string url_;
  int timeout_ms_ = 2000;
  std::string domain_;
  std::string mode_;
  std::string query_;
  std::string id_;
  std::optional<std::string> input_;
  std::string shell_;
  bool use_example_ = false;
  bool timing_ = false;
};

}  // namespace

command parse_command_line(int argc, const char* const* argv, const char* const* environment) {
  return parser{}.parse(argc, argv, environment);
}

exit_code run(const version_command&, std::ostream& out, std::ostream&) {
  out << "kernd " << version() << " (" << revision() << ")\n";
  return exit_code::ok;
}

exit_code run(const help_command& asked, std::ostream& out, std::ostream&) {
  out << asked.text;
  return exit_code::ok;
}

exit_code run(const usage_error& asked, std::ostream&, std::ostream& err) {
  err << "kernd: " << asked.message << "\nTry `kernd --help`.\n";
  return exit_code::usage;
}

}  // namespace kernd::cli
