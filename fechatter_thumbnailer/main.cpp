#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "fechatter_thumbnailer/picture.hpp"
#include "fechatter_thumbnailer/sandbox.hpp"

// Reads a picture, which standard input is open for, and writes what it has found to standard
// output as file/picture_report.hpp describes; then it ends, with 0. fechatter_server starts one
// for each picture, and ends one that takes too long. Any other end is a failure.
namespace fechatter::thumbnailer {
namespace {

bool write_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = write(to, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool describe_standard_input() {
  set_limits();
  start_vips();
  enter_sandbox();
  const auto report = describe_picture(STDIN_FILENO);
  return write_all(STDOUT_FILENO, file::to_frames(report));
}

// Why the process could not do its work at all. Of a picture it says nothing.
void complain(std::string_view reason) {
  write_all(STDERR_FILENO, "fechatter_thumbnailer: ");
  write_all(STDERR_FILENO, reason);
  write_all(STDERR_FILENO, "\n");
}

}  // namespace
}  // namespace fechatter::thumbnailer

int main() {
  bool done = false;
  try {
    done = fechatter::thumbnailer::describe_standard_input();
  } catch (const std::exception& error) {
    fechatter::thumbnailer::complain(error.what());
  }
  // What libraries do at the end is not needed, and not allowed.
  _exit(done ? EXIT_SUCCESS : EXIT_FAILURE);
}
