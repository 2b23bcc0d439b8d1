#include "fechatter_core/http/profile_routes.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <fstream>

#include "fechatter_core/auth/encoding.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "fechatter_core/observability/symbols.hpp"
#include "fechatter_core/steady_timer.hpp"

namespace fechatter::http {
namespace {

constexpr std::int64_t default_seconds = 30;
constexpr std::int64_t seconds_max = 300;
constexpr std::size_t symbols_max = 20'000;
constexpr std::size_t symbol_body_max = 512 * 1024;

// The password of Basic credentials (RFC 7617); empty when there is none.
std::string password_in(std::string_view credentials) {
  std::string text{credentials};
  while (text.ends_with('=')) text.pop_back();
  for (auto& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  const auto decoded = auth::base64url_decode(text);
  const auto colon = decoded ? decoded->find(':') : std::string::npos;
  return colon == std::string::npos ? std::string{} : decoded->substr(colon + 1);
}

std::string offered_token(const Request& request) {
  if (const auto bearer = request.bearer_token()) return std::string{*bearer};
  constexpr std::string_view scheme = "basic ";
  const auto* header = request.find_header("authorization");
  if (!header || header->size() <= scheme.size()) return {};
  const std::string_view value{*header};
  if (!equals_ignoring_case(value.substr(0, scheme.size()), scheme)) return {};
  return password_in(trimmed(value.substr(scheme.size())));
}

// By the hashes, so that the time of the comparison shows nothing of the token.
void require_token(const Request& request, const std::string& token) {
  const auto offered = auth::sha256(offered_token(request));
  const auto expected = auth::sha256(token);
  if (CRYPTO_memcmp(offered.data(), expected.data(), offered.size()) == 0) return;
  throw Error{ErrorCode::unauthenticated, "The token of admin.profile_token_file is needed."};
}

Response profile_response(std::string body) {
  Response response;
  response.content_type = "application/octet-stream";
  response.body = std::move(body);
  return response;
}

awaitable<Response> take_profile(observability::Profiler& profiler, std::int64_t seconds) {
  auto run = std::make_unique<observability::Profiler::Run>(profiler);
  SteadyTimer<Executor> timer{co_await asio::this_coro::executor};
  timer.expires_after(std::chrono::seconds{seconds});
  auto over = timer.async_wait(asio::use_awaitable_t<Executor>{});
  co_await std::move(over);
  co_return profile_response(run->finish());
}

// The name of the program alone: its arguments may hold a password.
std::string program_name() {
  std::ifstream file{"/proc/self/cmdline"};
  std::string name;
  std::getline(file, name, '\0');
  return name;
}

// Addresses in hexadecimal, with a plus sign between them.
std::string symbol_lines(std::string_view addresses) {
  const observability::Symbols symbols;
  std::string lines{"num_symbols: 1\n"};
  for (std::size_t count = 0; !addresses.empty() && count < symbols_max; ++count) {
    auto text = take_until(addresses, '+');
    if (text.starts_with("0x")) text.remove_prefix(2);
    std::uintptr_t address = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), address, 16);
    if (error != std::errc{} || end != text.end()) continue;
    lines += fmt::format("{:#x}\t{}\n", address, symbols.name_of(address));
  }
  return lines;
}

awaitable<Response> at_once(Response response) {
  co_return response;
}

}  // namespace

std::vector<Route> profile_routes(observability::Profiler& profiler, const std::string& token) {
  std::vector<Route> routes;
  const auto add = [&](Method method, std::string_view path, auto answer, BodyPolicy body = {}) {
    auto handler = [token, answer](const Request& request) {
      require_token(request, token);
      return answer(request);
    };
    routes.push_back({method, path, Access::anyone, std::move(handler), Rate::never, body});
  };
  add(Method::get, "/debug/pprof/profile", [&profiler](const Request& request) {
    return take_profile(profiler, request.query_number("seconds", default_seconds, 1, seconds_max));
  });
  add(Method::get, "/debug/pprof/heap",
      [](const Request&) { return at_once(profile_response(observability::Profiler::heap())); });
  add(Method::get, "/debug/pprof/cmdline",
      [](const Request&) { return at_once(text_response(200, program_name())); });
  add(Method::get, "/debug/pprof/symbol", [](const Request& request) {
    return at_once(text_response(200, symbol_lines(request.query)));
  });
  add(
      Method::post, "/debug/pprof/symbol",
      [](const Request& request) {
        return at_once(text_response(200, symbol_lines(request.body)));
      },
      buffered_body(symbol_body_max));
  return routes;
}

}  // namespace fechatter::http
