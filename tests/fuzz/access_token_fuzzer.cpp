#include <openssl/evp.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "fechatter_core/auth/access_token.hpp"
#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/error.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "fechatter_core/utf8.hpp"
#include "tests/fuzz/fuzz.hpp"

// Access tokens. An input is used as a token, as the claims of a correctly signed token (if it has
// two lines, the first is the header), and as the full name of a user.
namespace fechatter::fuzz {
namespace {

using auth::base64url_decode;
using auth::base64url_encode;
using auth::Identity;

constexpr std::size_t remembered_max = 16;  // keeps the cache full
constexpr std::size_t name_bytes_max =
    400;  // a token contains it twice, each up to six times as long

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A constant key, used by this fuzzer only, so that signed tokens of the corpus stay valid.
auth::Key fixed_key() {
  const std::string seed(32, 'k');
  return auth::Key{
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size())};
}

std::vector<auth::Key> fixed_keys() {
  std::vector<auth::Key> keys;
  keys.push_back(fixed_key());
  return keys;
}

std::string signature_of(std::string_view text) {
  static const auto key = fixed_key();
  auto* const context = EVP_MD_CTX_new();
  std::string signature(64, '\0');
  std::size_t length = signature.size();
  const bool made = EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key.get()) == 1 &&
                    EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()),
                                   &length, bytes_of(text), text.size()) == 1;
  EVP_MD_CTX_free(context);
  require(made && length == signature.size(), "the fuzzer can sign");
  return base64url_encode(signature);
}

std::string with_signature(const std::string& header, const std::string& payload) {
  const auto text = base64url_encode(header) + "." + base64url_encode(payload);
  return text + "." + signature_of(text);
}

std::optional<Identity> verified(std::string_view token) {
  static const auth::TokenVerifier verifier{fixed_keys(), remembered_max};
  try {
    return verifier.verify(token);
  } catch (const Error& error) {
    require(error.code() == ErrorCode::unauthenticated, "a bad token is unauthenticated");
    return std::nullopt;
  }
}

// Changes one base64url character, or drops the last one.
std::string changed(std::string token, std::size_t at) {
  if (at == token.size()) {
    token.pop_back();
  } else {
    token[at] = token[at] == 'A' ? 'B' : 'A';
  }
  return token;
}

void check_accepted(const std::string& token, const Identity& identity) {
  const auto end = token.rfind('.');
  require(token.substr(end + 1) == signature_of(token.substr(0, end)),
          "only what this key has signed is accepted");
  require(identity.expires_at > now(), "and only before its end");
  require(identity.user_id.value > 0 && identity.workspace_id.value > 0 &&
              identity.session_id.value > 0,
          "a caller has ids");
  const auto again = verified(token);
  require(again && again->user_id == identity.user_id && again->email == identity.email &&
              again->session_id == identity.session_id,
          "a remembered token says the same");
  Choices choices{token};
  require(!verified(changed(token, end + 1 + choices.up_to(86 - 1))),
          "a changed signature is none");
  require(!verified(changed(token, choices.up_to(token.size()))), "nor is a changed token one");
}

void check_token(const std::string& token) {
  if (const auto identity = verified(token)) check_accepted(token, *identity);
}

void check_claims(std::string_view text) {
  std::string header = R"({"alg":"EdDSA","typ":"JWT"})";
  if (text.find('\n') != text.npos) header = http::take_until(text, '\n');
  check_token(with_signature(header, std::string{text}));
}

void check_name(std::string_view text) {
  if (!is_utf8(text) || text.size() > name_bytes_max) return;
  static const auth::TokenSigner signer{fixed_key()};
  const auto issued = std::chrono::floor<std::chrono::seconds>(now());
  const Identity alice{UserId{1},         WorkspaceId{2},    SessionId{3},
                       std::string{text}, std::string{text}, issued + std::chrono::minutes{30}};
  const auto token = signer.sign({alice, "Active", now()}, issued);
  auto payload = std::string_view{token};
  http::take_until(payload, '.');
  require(http::take_until(payload, '.').find_first_of("-_") == payload.npos,
          "the payload is plain base64 too");
  const auto identity = verified(token);
  require(identity && identity->fullname == text && identity->email == text,
          "a name comes back from its token");
}

void check_encoding(std::string_view text) {
  require(base64url_decode(base64url_encode(text)) == text, "bytes come back from base64url");
  const auto decoded = base64url_decode(text);
  if (decoded) require(base64url_encode(*decoded) == text, "bytes have one spelling");
  require(auth::from_bytea(auth::to_bytea(text)) == text, "bytes come back from a bytea");
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fechatter::fuzz::text_of(data, size);
  fechatter::fuzz::check_encoding(text);
  fechatter::fuzz::check_token(std::string{text});
  fechatter::fuzz::check_claims(text);
  fechatter::fuzz::check_name(text);
  return 0;
}
