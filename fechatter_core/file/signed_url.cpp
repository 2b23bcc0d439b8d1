#include "fechatter_core/file/signed_url.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <array>
#include <charconv>
#include <stdexcept>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/http/syntax.hpp"

namespace fechatter::file {
namespace {

using std::chrono::days;
using std::chrono::sys_seconds;

constexpr std::size_t url_secret_bytes_min = 32;

// Another instance may have begun the next day already.
constexpr std::chrono::minutes clock_lead_max{1};

std::string text_of(const auth::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// The path stands last, so that no two grants have one text.
std::string signature_of(std::string_view path, const UrlGrant& grant, std::string_view key) {
  const auto text = fmt::format("fechatter file url\n{}\n{}\n{}", grant.user.value,
                                grant.expires_at.time_since_epoch().count(), path);
  return text_of(auth::hmac_sha256(key, text));
}

// A positive number in its one spelling.
std::optional<std::int64_t> find_positive(std::string_view text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number <= 0 || text.front() == '0') {
    return std::nullopt;
  }
  return number;
}

// The value of a parameter that the query has exactly once.
std::optional<std::string_view> find_only(std::string_view query, std::string_view name) {
  std::optional<std::string_view> found;
  while (!query.empty()) {
    auto value = http::take_until(query, '&');
    if (http::take_until(value, '=') != name) continue;
    if (found) return std::nullopt;
    found = value;
  }
  return found;
}

struct SignedQuery {
  UrlGrant grant;
  std::string signature;
};

std::optional<SignedQuery> parse_signed_query(std::string_view query) {
  const auto expires = find_positive(find_only(query, "expires").value_or(""));
  const auto user = find_positive(find_only(query, "user").value_or(""));
  auto signature = auth::base64url_decode(find_only(query, "signature").value_or(""));
  if (!expires || !user || !signature) return std::nullopt;
  if (signature->size() != auth::Digest{}.size()) return std::nullopt;
  return SignedQuery{{UserId{*user}, sys_seconds{std::chrono::seconds{*expires}}},
                     std::move(*signature)};
}

}  // namespace

UrlKeys::UrlKeys(std::string secret) : secret_{std::move(secret)} {
  if (secret_.size() < url_secret_bytes_min) {
    throw std::invalid_argument{"the secret of the signed URLs is too short"};
  }
}

std::string UrlKeys::key_at(Timestamp now) const {
  const auto epoch = std::chrono::floor<days>(now).time_since_epoch().count();
  return text_of(auth::hmac_sha256(secret_, fmt::format("files{}", epoch)));
}

std::string sign_url(std::string_view url, const UrlGrant& grant, std::string_view key) {
  return fmt::format("{}?expires={}&user={}&signature={}", url,
                     grant.expires_at.time_since_epoch().count(), grant.user.value,
                     auth::base64url_encode(signature_of(url, grant, key)));
}

std::optional<UrlGrant> verify_url(std::string_view path, std::string_view query, Timestamp now,
                                   const UrlKeys& keys) {
  const auto parsed = parse_signed_query(query);
  if (!parsed || parsed->grant.expires_at <= std::chrono::floor<std::chrono::seconds>(now)) {
    return std::nullopt;
  }
  bool good = false;
  for (const auto& moment : {now, now - days{1}, now + clock_lead_max}) {
    const auto expected = signature_of(path, parsed->grant, keys.key_at(moment));
    good |= CRYPTO_memcmp(expected.data(), parsed->signature.data(), expected.size()) == 0;
  }
  if (!good) return std::nullopt;
  return parsed->grant;
}

}  // namespace fechatter::file
