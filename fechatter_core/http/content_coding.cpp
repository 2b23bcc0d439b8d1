#include "fechatter_core/http/content_coding.hpp"

#include <algorithm>
#include <optional>

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

constexpr int full_quality = 1000;  // thousandths

// qvalue = "0" ["." 0*3DIGIT] / "1" ["." 0*3"0"], in thousandths; nullopt for anything else.
std::optional<int> parse_quality(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int quality = (text[0] - '0') * full_quality;
  text.remove_prefix(1);
  if (text.empty()) return quality;
  if (text[0] != '.' || text.size() > 4) return std::nullopt;
  int unit = 100;
  for (const char c : text.substr(1)) {
    if (!is_digit(c)) return std::nullopt;
    quality += (c - '0') * unit;
    unit /= 10;
  }
  return quality <= full_quality ? std::optional{quality} : std::nullopt;
}

// Of the parameters behind a coding; nullopt when the quality is malformed.
std::optional<int> quality_of(std::string_view parameters) {
  while (!parameters.empty()) {
    auto value = trimmed(take_until(parameters, ';'));
    const auto name = trimmed(take_until(value, '='));
    if (equals_ignoring_case(name, "q")) return parse_quality(trimmed(value));
  }
  return full_quality;
}

// What a request says of each coding; nullopt: nothing.
struct Accepted {
  std::optional<int> br;
  std::optional<int> gzip;
  std::optional<int> identity;
  std::optional<int> others;  // "*"
};

std::optional<int>* find_coding(Accepted& accepted, std::string_view name) {
  if (equals_ignoring_case(name, "br")) return &accepted.br;
  if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip")) {
    return &accepted.gzip;
  }
  if (equals_ignoring_case(name, "identity")) return &accepted.identity;
  return name == "*" ? &accepted.others : nullptr;
}

void read_members(std::string_view list, Accepted& accepted) {
  while (!list.empty()) {
    auto member = take_until(list, ',');
    const auto name = trimmed(take_until(member, ';'));
    auto* quality = find_coding(accepted, name);
    if (const auto stated = quality_of(member); quality && stated) *quality = stated;
  }
}

Accepted accepted_codings(const Request& request) {
  Accepted accepted;
  for (const auto& [name, value] : request.headers) {
    if (name == "accept-encoding") read_members(value, accepted);
  }
  return accepted;
}

}  // namespace

std::string_view to_string(Coding coding) {
  switch (coding) {
    case Coding::gzip: return "gzip";
    case Coding::br: return "br";
    case Coding::identity: break;
  }
  return {};
}

// Identity that is not named is accepted, but not asked for: any coding that is named precedes it.
Coding choose_coding(const Request& request, const Codings& there) {
  const auto accepted = accepted_codings(request);
  const auto others = accepted.others.value_or(0);
  const int br = there.br ? accepted.br.value_or(others) : 0;
  const int gzip = there.gzip ? accepted.gzip.value_or(others) : 0;
  const int identity = accepted.identity.value_or(0);
  if (std::max(br, gzip) == 0 || identity > std::max(br, gzip)) return Coding::identity;
  return br >= gzip ? Coding::br : Coding::gzip;
}

}  // namespace fechatter::http
