#include "fechatter_core/observability/process_metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fechatter_core/clock.hpp"
#include "fechatter_core/log_lines.hpp"
#include "fechatter_core/observability/health.hpp"

namespace fechatter::observability {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / micros_per_second;
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

double virtual_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t pages = 0;
  statm >> pages;
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double count_entries(const char* folder) {
  const std::filesystem::directory_iterator entries{folder};
  return static_cast<double>(std::distance(begin(entries), end(entries)));
}

double descriptors_max() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

void add_usage(Metrics& metrics) {
  metrics.counter("process_cpu_seconds_total", "User and system time of the process.",
                  [](Samples& samples) { samples.add(processor_seconds()); });
  metrics.gauge("process_resident_memory_bytes", "Resident memory, as memory_usage of /health.",
                [](Samples& samples) { samples.add(static_cast<double>(resident_bytes())); });
  metrics.gauge("process_virtual_memory_bytes", "Virtual memory.",
                [](Samples& samples) { samples.add(virtual_bytes()); });
  metrics.gauge("process_open_fds", "Open file descriptors.",
                [](Samples& samples) { samples.add(count_entries("/proc/self/fd")); });
  metrics.gauge("process_max_fds", "Limit of open file descriptors.",
                [](Samples& samples) { samples.add(descriptors_max()); });
  metrics.gauge("process_threads", "Threads of the process.",
                [](Samples& samples) { samples.add(count_entries("/proc/self/task")); });
  const auto begun = static_cast<double>(to_unix_micros(now())) / micros_per_second;
  metrics.gauge("process_start_time_seconds", "Start of the process since the Unix epoch.",
                [begun](Samples& samples) { samples.add(begun); });
}

}  // namespace

void add_process_metrics(Metrics& metrics) {
  metrics.gauge("fechatter_build_info", "1; the labels say what was built.", [](Samples& samples) {
    samples.add(1, {{"version", FECHATTER_VERSION}, {"compiler", __VERSION__}});
  });
  metrics.counter("fechatter_log_lines_total", "Lines that were written to the log.",
                  [](Samples& samples) {
                    const auto* lines = find_log_lines();
                    if (!lines) return;
                    for (const auto level : LogLines::levels) {
                      samples.add(static_cast<double>(lines->count(level)),
                                  {{"level", LogLines::name_of(level)}});
                    }
                  });
  add_usage(metrics);
}

}  // namespace fechatter::observability
