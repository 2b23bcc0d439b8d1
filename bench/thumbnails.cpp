#include <fmt/format.h>
#include <vips/vips.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "bench/report.hpp"
#include "bench/stage.hpp"
#include "tests/support/multipart.hpp"

// Pictures like those of a telephone: how many of them get their thumbnails in a second, and what
// each costs. A picture has four thumbnails: 360 and 1,280 px, as WebP and as JPEG.
namespace fechatter::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int thumbnails_of_a_picture = 4;

struct Options {
  int width = 4000;
  int height = 3000;
  std::size_t clients = 4;
  std::size_t pictures = 10;  // of each client
};

void check(int result) {
  if (result != 0) throw std::runtime_error{vips_error_buffer()};
}

// A JPEG of clouds with grain: a photograph has both smooth parts and noise.
std::string photograph(const Options& options, int seed) {
  VipsImage* clouds = nullptr;
  VipsImage* grain = nullptr;
  VipsImage* sum = nullptr;
  VipsImage* pixels = nullptr;
  VipsImage* colours = nullptr;
  check(vips_perlin(&clouds, options.width, options.height, "seed", seed, nullptr));
  check(
      vips_gaussnoise(&grain, options.width, options.height, "mean", 1.0, "sigma", 0.05, nullptr));
  check(vips_add(clouds, grain, &sum, nullptr));
  check(vips_linear1(sum, &pixels, 127, 0, "uchar", TRUE, nullptr));
  VipsImage* bands[] = {pixels, pixels, pixels};
  check(vips_bandjoin(bands, &colours, 3, nullptr));
  void* bytes = nullptr;
  std::size_t size = 0;
  check(vips_jpegsave_buffer(colours, &bytes, &size, "Q", 85, nullptr));
  std::string jpeg{static_cast<const char*>(bytes), size};
  g_free(bytes);
  for (auto* image : {clouds, grain, sum, pixels, colours}) g_object_unref(image);
  return jpeg;
}

struct Run {
  double seconds = 0;
  double processor_seconds = 0;  // of the processes that made the thumbnails
  std::size_t failed = 0;
};

// Each of them another picture: of one that is there already nothing is made again.
Run run_clients(Stage& stage, const Options& options, const std::vector<std::string>& pictures) {
  std::atomic<std::size_t> failed = 0;
  const auto upload_all = [&](std::size_t client) {
    for (std::size_t i = client; i < pictures.size(); i += options.clients) {
      const auto reply = test::upload_as(stage.people().at(client), stage.system(),
                                         {{"p.jpg", pictures[i]}}, "/api/files/single");
      if (reply.status != 200 || reply.json().at("status") != "ready") ++failed;
    }
  };
  const auto processor = children_processor_seconds(stage.server_process());
  const auto start = Clock::now();
  std::vector<std::jthread> clients;
  for (std::size_t i = 0; i < options.clients; ++i) clients.emplace_back(upload_all, i);
  clients.clear();
  return {std::chrono::duration<double>{Clock::now() - start}.count(),
          children_processor_seconds(stage.server_process()) - processor, failed};
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Fechatter: thumbnails a second"};
  app.add_option("--width", options.width, "pixels")->check(CLI::Range(1, 10'000));
  app.add_option("--height", options.height, "pixels")->check(CLI::Range(1, 10'000));
  app.add_option("--clients", options.clients, "that upload at once")->check(CLI::Range(1, 64));
  app.add_option("--pictures", options.pictures, "of each client")->check(CLI::Range(1, 1000));
  CLI11_PARSE(app, argc, argv);
  warn_of_circumstances();
  check(VIPS_INIT(argv[0]));
  std::vector<std::string> jpegs;
  for (std::size_t i = 0; i < options.clients * options.pictures; ++i) {
    jpegs.push_back(photograph(options, static_cast<int>(i)));
  }
  StageOptions settings;
  settings.server = {{"FECHATTER_FILES__THUMBNAIL_WAIT_MS", "60000"}};
  Stage stage{options.clients, settings};
  const auto figures = run_clients(stage, options, jpegs);
  const auto pictures = static_cast<double>(jpegs.size());
  const auto per_second = pictures / figures.seconds;
  const auto processor_ms = 1000 * figures.processor_seconds / pictures;
  print_table({{"picture", "KiB", "pictures/s", "thumbnails/s", "CPU ms a picture"},
               {fmt::format("JPEG, {} x {}", options.width, options.height),
                std::to_string(jpegs.front().size() / 1024), fmt::format("{:.1f}", per_second),
                fmt::format("{:.1f}", per_second * thumbnails_of_a_picture),
                fmt::format("{:.0f}", processor_ms)}});
  print_json("thumbnails",
             {{"width", options.width},
              {"height", options.height},
              {"kib", jpegs.front().size() / 1024},
              {"clients", options.clients},
              {"pictures_per_second", rounded(per_second)},
              {"thumbnails_per_second", rounded(per_second * thumbnails_of_a_picture)},
              {"processor_ms", rounded(processor_ms)},
              {"failed", figures.failed}});
  return figures.failed > 0 ? 1 : 0;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
