#include "fechatter_server/auth/account_key.hpp"

#include <locale>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

// As lower() of PostgreSQL, which folds the letters of all scripts. Input is UTF-8 (json_body).
std::string folded(const std::string& text) {
  using Codec = std::codecvt<wchar_t, char, std::mbstate_t>;
  static const std::locale locale{"C.UTF-8"};
  std::wstring wide(text.size(), L'\0');
  std::mbstate_t state{};
  const char* read = nullptr;
  wchar_t* end = nullptr;
  std::use_facet<Codec>(locale).in(state, text.data(), text.data() + text.size(), read, wide.data(),
                                   wide.data() + wide.size(), end);
  std::use_facet<std::ctype<wchar_t>>(locale).tolower(wide.data(), end);
  const auto* bytes = reinterpret_cast<const char*>(wide.data());
  return {bytes, reinterpret_cast<const char*>(end)};
}

}  // namespace

std::optional<std::string> account_key(const http::Request& request) {
  if (request.caller) return folded(request.caller->email);
  try {
    const auto body = request.json_body();
    const auto email = body.find("email");
    if (email == body.end() || !email->is_string()) return std::nullopt;
    return folded(email->get<std::string>());
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace fechatter::server
