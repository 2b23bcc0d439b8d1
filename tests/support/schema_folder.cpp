#include "tests/support/schema_folder.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "tests/support/places.hpp"

namespace fechatter::test {

SchemaFolder::SchemaFolder() {
  std::filesystem::copy(source_path("migrations"), folder_.path(),
                        std::filesystem::copy_options::recursive);
}

void SchemaFolder::set_release(int release) const {
  std::ofstream{folder_.path("release")} << release << '\n';
}

void SchemaFolder::edit(const std::string& file, const std::string& from,
                        const std::string& to) const {
  auto text = read_file(folder_.path(file));
  const auto at = text.find(from);
  if (at == std::string::npos || text.find(from, at + 1) != std::string::npos) {
    throw std::runtime_error{file + ": not once: " + from};
  }
  std::ofstream{folder_.path(file)} << text.replace(at, from.size(), to);
}

void SchemaFolder::append(const std::string& file, const std::string& sql) const {
  std::ofstream{folder_.path(file), std::ios::app} << sql << '\n';
}

void SchemaFolder::remove(const std::string& file) const {
  std::filesystem::remove(folder_.path(file));
}

postgres::Schema SchemaFolder::read() const {
  return postgres::read_schema(folder_.path());
}

postgres::Schema our_schema() {
  return postgres::read_schema(source_path("migrations"));
}

}  // namespace fechatter::test
