// yaml_to_json YAML JSON: a tool of the build.
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>

#include "fechatter_server/docs/yaml_json.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: yaml_to_json YAML JSON\n");
    return 2;
  }
  try {
    std::ifstream yaml{argv[1]};
    if (!yaml) throw std::runtime_error{"cannot be read"};
    const std::string text{std::istreambuf_iterator<char>{yaml}, {}};
    std::ofstream json;
    json.exceptions(std::ios::failbit | std::ios::badbit);
    json.open(argv[2]);
    json << fechatter::docs::yaml_to_json(text).dump() << '\n';
    json.close();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[1], error.what());
    return 1;
  }
  return 0;
}
