#include "fechatter_core/http/entity_tag.hpp"

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {

bool is_known_to_client(const Request& request, std::string_view tag) {
  const auto* header = request.find_header("if-none-match");
  if (!header) return false;
  std::string_view known{*header};
  while (!known.empty()) {
    auto named = trimmed(take_until(known, ','));
    if (named.starts_with("W/")) named.remove_prefix(2);
    if (named == tag || named == "*") return true;
  }
  return false;
}

}  // namespace fechatter::http
