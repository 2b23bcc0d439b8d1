// bundle_openapi FOLDER JSON: a tool of the build. Writes the description of the API as one file.
#include <cstdio>
#include <exception>
#include <fstream>

#include "fechatter_server/docs/openapi_bundle.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bundle_openapi FOLDER JSON\n");
    return 2;
  }
  try {
    const auto document = fechatter::docs::bundle_openapi(argv[1]);
    std::ofstream json;
    json.exceptions(std::ios::failbit | std::ios::badbit);
    json.open(argv[2]);
    json << document.dump() << '\n';
    json.close();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bundle_openapi: %s\n", error.what());
    return 1;
  }
  return 0;
}
