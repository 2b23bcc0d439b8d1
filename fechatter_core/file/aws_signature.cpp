#include "fechatter_core/file/aws_signature.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/auth/encoding.hpp"

namespace fechatter::file {
namespace {

constexpr std::string_view signature_algorithm = "AWS4-HMAC-SHA256";

bool is_unreserved(char c) {
  return is_digit(c) || is_letter(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string hex_of(const auth::Digest& digest) {
  return auth::to_bytea(digest).substr(2);
}

std::string_view bytes_of_digest(const auth::Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string signed_names(const AwsFields& headers) {
  std::string names;
  for (const auto& [name, value] : headers) {
    if (!names.empty()) names += ';';
    names += name;
  }
  return names;
}

std::string canonical_request(const AwsRequest& request, const AwsFields& headers) {
  std::string text = request.method + '\n' + request.path + '\n' + aws_query(request.query) + '\n';
  for (const auto& [name, value] : headers) text += name + ':' + value + '\n';
  return text + '\n' + signed_names(headers) + '\n' + request.payload_hash;
}

// "20130524/us-east-1/s3/aws4_request"
std::string credential_scope(const AwsScope& scope) {
  return fmt::format("{}/{}/{}/aws4_request", aws_time(scope.time).substr(0, 8), scope.region,
                     scope.service);
}

auth::Digest signing_key(const AwsKey& key, const AwsScope& scope) {
  auto digest = auth::hmac_sha256("AWS4" + key.secret, aws_time(scope.time).substr(0, 8));
  for (const std::string_view part :
       {std::string_view{scope.region}, std::string_view{scope.service},
        std::string_view{"aws4_request"}}) {
    digest = auth::hmac_sha256(bytes_of_digest(digest), part);
  }
  return digest;
}

}  // namespace

std::string aws_encoded(std::string_view text, Slashes slashes) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c) || (c == '/' && slashes == Slashes::kept)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string aws_query(const AwsFields& query) {
  AwsFields encoded;
  for (const auto& [name, value] : query) {
    encoded.emplace_back(aws_encoded(name, Slashes::encoded), aws_encoded(value, Slashes::encoded));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const auto& [name, value] : encoded) {
    if (!text.empty()) text += '&';
    text += name + '=' + value;
  }
  return text;
}

std::string aws_time(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string aws_authorization(const AwsRequest& request, const AwsKey& key, const AwsScope& scope) {
  auto headers = request.headers;
  std::sort(headers.begin(), headers.end());
  const auto request_hash = hex_of(auth::sha256(canonical_request(request, headers)));
  const auto to_sign = fmt::format("{}\n{}\n{}\n{}", signature_algorithm, aws_time(scope.time),
                                   credential_scope(scope), request_hash);
  const auto signing = signing_key(key, scope);
  const auto signature = hex_of(auth::hmac_sha256(bytes_of_digest(signing), to_sign));
  return fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", signature_algorithm,
                     key.id, credential_scope(scope), signed_names(headers), signature);
}

}  // namespace fechatter::file
