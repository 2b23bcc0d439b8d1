#include "tests/support/places.hpp"

namespace fechatter::test {

std::string source_path(std::string_view path) {
  return std::string{FECHATTER_SOURCE_DIR "/"}.append(path);
}

std::string server_program() {
  return FECHATTER_SERVER_BINARY;
}

std::string notify_program() {
  return NOTIFY_SERVER_BINARY;
}

std::string thumbnailer_program() {
  return FECHATTER_THUMBNAILER_BINARY;
}

std::string web_fixture_program() {
  return FIXTURE_WEB_SERVER_BINARY;
}

std::string scratch_file() {
  return FECHATTER_SCRATCH_FILE;
}

std::string moto_file() {
  return FECHATTER_MOTO_FILE;
}

}  // namespace fechatter::test
