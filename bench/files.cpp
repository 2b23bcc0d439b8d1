#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <nlohmann/json.hpp>
#include <optional>

#include "bench/file_rounds.hpp"
#include "bench/report.hpp"
#include "bench/rounds.hpp"

// Files: how fast they come and go beside programs that do only that, what memory uploads take, and
// what they do to the sending of messages.
namespace fechatter::bench {
namespace {

using Figures = nlohmann::ordered_json;

constexpr double upload_expected = 0.6;    // of cp and sha256sum
constexpr double download_expected = 0.8;  // of nginx
constexpr double sending_expected = 1.2;   // times the p99 without uploads

// "not measured" without a baseline.
std::string ratio_text(double ours, double bare) {
  return bare > 0 ? fmt::format("{:.2f}", ours / bare) : "not measured";
}

Row speed_row(const std::string& name, double ours, double bare, const std::string& expected) {
  return {name, fmt::format("{:.0f}", ours), bare > 0 ? fmt::format("{:.0f}", bare) : "",
          ratio_text(ours, bare), expected};
}

Figures report_speed(const FileOptions& options, const std::vector<SpeedRound>& rounds) {
  const auto figure = [&](double SpeedRound::*one) { return median_of(rounds, one); };
  const auto expected_download = fmt::format(">= {}", download_expected);
  const auto upload = figure(&SpeedRound::upload);
  const auto memory = figure(&SpeedRound::download);
  const auto disk = figure(&SpeedRound::download_from_disk);
  print_table({{fmt::format("{} MiB, MiB/s", options.mib), "ours", "bare", "ratio", "expected"},
               speed_row("upload | cp, sha256sum", upload, figure(&SpeedRound::copy),
                         fmt::format(">= {}", upload_expected)),
               speed_row("upload | cp, fdatasync, sha256sum", upload,
                         figure(&SpeedRound::durable_copy), ""),
               speed_row("download from memory | nginx", memory, figure(&SpeedRound::nginx),
                         expected_download),
               speed_row("download from disk | nginx", disk, figure(&SpeedRound::nginx_from_disk),
                         expected_download)});
  fmt::print("\nMedians of {} rounds in turns.\n\n", rounds.size());
  return {{"mib", options.mib},
          {"rounds", rounds.size()},
          {"upload", rounded(upload)},
          {"copy", rounded(figure(&SpeedRound::copy))},
          {"durable_copy", rounded(figure(&SpeedRound::durable_copy))},
          {"download", rounded(memory)},
          {"nginx", rounded(figure(&SpeedRound::nginx))},
          {"download_from_disk", rounded(disk)},
          {"nginx_from_disk", rounded(figure(&SpeedRound::nginx_from_disk))}};
}

Row memory_row(const std::string& name, const MemoryFigures& figures) {
  return {name,
          fmt::format("{:.1f}", figures.idle_mib),
          fmt::format("{:.1f}", figures.highest_mib),
          fmt::format("{:.1f}", figures.growth_mib()),
          fmt::format("{:.1f}", figures.seconds),
          std::to_string(figures.stored)};
}

Figures json_of(const MemoryFigures& figures) {
  return {{"idle_mib", rounded(figures.idle_mib)},
          {"highest_mib", rounded(figures.highest_mib)},
          {"growth_mib", rounded(figures.growth_mib())},
          {"seconds", rounded(figures.seconds)},
          {"stored", figures.stored},
          {"refused", figures.refused}};
}

Figures report_memory(const FileOptions& options, const MemoryFigures& at_once,
                      const MemoryFigures& large) {
  print_table(
      {{"resident memory, MiB", "idle", "highest", "growth", "seconds", "stored"},
       memory_row(fmt::format("{} uploads of {} MiB at once", options.at_once, options.at_once_mib),
                  at_once),
       memory_row(fmt::format("one of {} MiB", options.large_mib), large)});
  fmt::print("\n");
  return {{"at_once", json_of(at_once)}, {"large", json_of(large)}};
}

Row sending_row(const std::string& name, const std::vector<SendingRound>& rounds, double alone) {
  const auto p99 = median_of(rounds, &SendingRound::p99);
  return {name, fmt::format("{:.2f}", median_of(rounds, &SendingRound::p50)),
          fmt::format("{:.2f}", p99), ratio_text(p99, alone),
          fmt::format("{:.1f}", median_of(rounds, &SendingRound::uploaded))};
}

Figures report_sending(const FileOptions& options, const SendingFigures& figures) {
  const auto p99 = [](const std::vector<SendingRound>& rounds) {
    return median_of(rounds, &SendingRound::p99);
  };
  const auto alone = p99(figures.alone);
  const auto paced_name =
      fmt::format("beside {} uploads of {} MiB/s each", options.uploads, options.pace_mib);
  const auto fast_name = fmt::format("beside {} uploads at full speed", options.uploads);
  print_table({{"POST message", "p50 ms", "p99 ms", "ratio", "uploaded MiB/s"},
               sending_row("alone", figures.alone, alone),
               sending_row(paced_name, figures.paced, alone),
               sending_row(fast_name, figures.fast, alone)});
  fmt::print(
      "\nMedians of {} rounds of each, in turns, {:.0f} messages/s; expected: {} times the p99 at "
      "most.\n\n",
      options.rounds, options.rate, sending_expected);
  return {{"rate", options.rate},
          {"uploads", options.uploads},
          {"pace_mib", options.pace_mib},
          {"alone_p99_ms", rounded(alone)},
          {"paced_p99_ms", rounded(p99(figures.paced))},
          {"paced_ratio", rounded(p99(figures.paced) / alone)},
          {"fast_p99_ms", rounded(p99(figures.fast))},
          {"fast_ratio", rounded(p99(figures.fast) / alone)},
          {"fast_mib_per_second", rounded(median_of(figures.fast, &SendingRound::uploaded))},
          {"refused", figures.refused}};
}

struct Arguments {
  FileOptions options;
  std::vector<std::string> parts{"memory", "speed", "sending"};
  bool quick = false;

  bool has(const std::string& part) const {
    return std::find(parts.begin(), parts.end(), part) != parts.end();
  }
};

void add_options(CLI::App& app, Arguments& arguments) {
  auto& options = arguments.options;
  const CLI::Range size{1, 4096};
  app.add_option("--only", arguments.parts, "memory, speed, sending: separated by commas")
      ->delimiter(',')
      ->check(CLI::IsMember({"memory", "speed", "sending"}));
  app.add_option("--mib", options.mib, "MiB of the file whose speed is measured")->check(size);
  app.add_option("--rounds", options.rounds, "rounds of each part")->check(CLI::Range(1, 100));
  app.add_option("--at-once", options.at_once, "uploads at once, for the memory")
      ->check(CLI::Range(1, 500));
  app.add_option("--at-once-mib", options.at_once_mib, "MiB of each of them")->check(size);
  app.add_option("--large-mib", options.large_mib, "MiB of the one large file")->check(size);
  app.add_option("--uploads", options.uploads, "uploads beside sending")->check(CLI::Range(1, 64));
  app.add_option("--pace-mib", options.pace_mib, "MiB a second of a client with a pace")
      ->check(CLI::Range(0.1, 1000.0));
  app.add_option("--seconds", options.seconds, "seconds of each round of sending")
      ->check(CLI::Range(0.5, 600.0));
  app.add_option("--rate", options.rate, "messages a second")->check(CLI::Range(1.0, 5000.0));
  app.add_option("--seed", options.seed, "seed for the moments of sending");
  app.add_flag("--quick", arguments.quick, "one short round of each, with small files");
}

// The sizes of a short run; what the command line says besides is not changed.
void make_quick(FileOptions& options) {
  options.mib = 32;
  options.rounds = 1;
  options.at_once_mib = 4;
  options.large_mib = 64;
  options.seconds = 2;
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"Fechatter: uploads and downloads beside cp and nginx, their memory, and sending"};
  add_options(app, arguments);
  CLI11_PARSE(app, argc, argv);
  auto& options = arguments.options;
  if (arguments.quick) make_quick(options);
  warn_of_circumstances();
  FileBench bench{options};
  std::signal(SIGPIPE, SIG_IGN);  // of sendfile to a server that has closed
  Figures figures;
  std::size_t refused = 0;
  if (arguments.has("memory")) {
    const auto at_once =
        bench.measure_memory(options.at_once, options.at_once_mib, options.pace_mib);
    const auto large = bench.measure_memory(1, options.large_mib, 0);
    figures["memory"] = report_memory(options, at_once, large);
    refused += at_once.refused + large.refused;
  }
  if (arguments.has("speed")) {
    figures["speed"] = report_speed(options, bench.measure_speed());
  }
  if (arguments.has("sending")) {
    const auto sending = bench.measure_sending();
    figures["sending"] = report_sending(options, sending);
    refused += sending.refused;
  }
  print_json("files", figures);
  if (refused > 0) fmt::print(stderr, "\n{} requests were refused\n", refused);
  return refused > 0 ? 1 : 0;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
