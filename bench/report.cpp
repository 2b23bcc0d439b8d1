#include "bench/report.hpp"

#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <thread>

namespace fechatter::bench {
namespace {

const std::string build_type = FECHATTER_BUILD_TYPE;

double at_rank(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

bool scratch_in_memory() {
  struct statfs status = {};
  const auto folder = std::filesystem::temp_directory_path();
  return statfs(folder.c_str(), &status) == 0 && status.f_type == TMPFS_MAGIC;
}

nlohmann::ordered_json machine() {
  utsname names{};
  uname(&names);
  return {{"cores", std::thread::hardware_concurrency()},
          {"kernel", names.release},
          {"build", build_type},
          {"scratch", scratch_in_memory() ? "memory" : "disk"}};
}

}  // namespace

double milliseconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return {values.size(), at_rank(values, 0.50), at_rank(values, 0.99), values.back()};
}

void print_table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    auto line = fmt::format("{:<{}}", row.front(), widths.front());
    for (std::size_t i = 1; i < row.size(); ++i) {
      line += fmt::format("  {:>{}}", row[i], widths[i]);
    }
    fmt::print("{}\n", line);
  }
}

void print_json(const std::string& name, const nlohmann::ordered_json& figures) {
  nlohmann::ordered_json line{{"bench", name}};
  line.update(figures);
  line["machine"] = machine();
  fmt::print("{}\n", line.dump());
  std::fflush(stdout);  // before messages of main on stderr
}

void warn_of_circumstances() {
  if (build_type != "Release") {
    fmt::print(stderr, "note: this is a {} build; figures are of the release build\n", build_type);
  }
  if (scratch_in_memory()) {
    fmt::print(stderr,
               "note: the scratch folder is in memory, fsync costs nothing there; set "
               "TMPDIR to a folder on a disk\n");
  }
}

}  // namespace fechatter::bench
