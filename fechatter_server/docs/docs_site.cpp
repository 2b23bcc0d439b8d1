#include "fechatter_server/docs/docs_site.hpp"

#include <spdlog/fmt/fmt.h>

namespace fechatter::server {
namespace {

// As docs/openapi has it, for a system on one's own machine.
constexpr std::string_view described_origin = "http://localhost:6687";

std::string description_with(const std::string& events_origin) {
  if (events_origin.empty()) return {};
  std::string text{api_description().bytes};
  for (auto at = text.find(described_origin); at != std::string::npos;
       at = text.find(described_origin, at + events_origin.size())) {
    text.replace(at, described_origin.size(), events_origin);
  }
  return text;
}

}  // namespace

// data: is for the icons inside Swagger UI's style sheet.
DocsSite::DocsSite(const std::string& events_origin)
    : text_{description_with(events_origin)},
      description_{text_.empty() ? api_description()
                                 : make_document("openapi.json", "application/json", text_)},
      policy_{fmt::format(
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
          "connect-src 'self'{}{}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          events_origin.empty() ? "" : " ", events_origin)} {}

}  // namespace fechatter::server
