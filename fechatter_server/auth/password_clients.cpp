#include "fechatter_server/auth/password_clients.hpp"

#include <fmt/format.h>

#include "fechatter_server/app.hpp"
#include "fechatter_server/auth/account_key.hpp"

namespace fechatter::server {
namespace {

constexpr const char* cookie_name = "__Host-device";

std::optional<auth::KnownDevice> device_of(const http::Request& request,
                                           const auth::DeviceTokens& devices) {
  const auto tokens = request.cookies(cookie_name);  // a browser has one of this prefix at most
  return tokens.empty() ? std::nullopt : devices.find(tokens.front());
}

}  // namespace

PasswordClient password_client(const http::Request& request, App& app) {
  const auto address = app.edge().proxies.client_of(request);
  PasswordClient client;
  client.device = device_of(request, app.sign_in_guard().devices());
  client.network = http::networks_of(address).back();
  if (app.edge().limits) {
    client.charge_as_stranger = [&request, &app, address] {
      app.edge().limits->charge_stranger(request, address, request.rate_report());
    };
  }
  return client;
}

http::PasswordTries password_tries(const auth::DeviceTokens& devices) {
  http::PasswordTries tries;
  tries.account_of = [&devices](const http::Request& request) -> std::optional<std::string> {
    const auto key = account_key(request);
    if (!key) return std::nullopt;
    return devices.account_tag(*key);
  };
  tries.device_of =
      [&devices](const http::Request& request) -> std::optional<http::PasswordTries::Device> {
    auto device = device_of(request, devices);
    if (!device) return std::nullopt;
    auto family = device->account + std::to_string(device->password_version);
    return http::PasswordTries::Device{std::move(device->id), std::move(device->account),
                                       std::move(family)};
  };
  return tries;
}

// SameSite=Strict, and the prefix keeps a sibling host from setting another one.
void set_device_cookie(http::Response& response, const std::string& device_token, App& app) {
  response.with_header(
      "Set-Cookie",
      fmt::format("{}={}; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age={}", cookie_name,
                  device_token, app.sign_in_guard().devices().life().count()));
}

}  // namespace fechatter::server
