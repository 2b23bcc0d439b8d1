#include "fechatter_core/http/request_target.hpp"

#include <algorithm>

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

// The text behind the scheme; nullopt for a scheme that is not served. Schemes have no case.
std::optional<std::string_view> find_behind_scheme(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      return target.substr(scheme.size());
    }
  }
  return std::nullopt;
}

RequestTarget split_origin_form(std::string_view target) {
  const auto path = take_until(target, '?');
  return {{}, path, target};
}

}  // namespace

bool may_be_authority(std::string_view text) {
  constexpr std::string_view others = "-._~:[]%!$&'()*+;=";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
  });
}

std::optional<RequestTarget> parse_target(std::string_view target) {
  const auto visible = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
  if (!std::all_of(target.begin(), target.end(), visible)) return std::nullopt;
  if (target.starts_with('/')) return split_origin_form(target);
  const auto rest = find_behind_scheme(target);
  if (!rest) return std::nullopt;
  const auto authority = rest->substr(0, rest->find_first_of("/?"));
  // RFC 9110 §4.2.1: an empty host is invalid.
  const bool has_host = !authority.empty() && authority.front() != ':';
  if (!has_host || !may_be_authority(authority)) return std::nullopt;
  auto parsed = split_origin_form(rest->substr(authority.size()));
  parsed.authority = authority;
  if (parsed.path.empty()) parsed.path = "/";
  return parsed;
}

}  // namespace fechatter::http
