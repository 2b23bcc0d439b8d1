#include "fechatter_server/command/doctor_public.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "fechatter_core/http/client.hpp"
#include "fechatter_server/command/password_input.hpp"

namespace fechatter::server {
namespace {

using Clock = std::chrono::steady_clock;
using State = Finding::State;

constexpr std::chrono::milliseconds first_event_wanted{500};
constexpr long first_event_timeout_ms = 10'000;

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What has come of a stream, until its first event is there.
struct FirstEvent {
  std::string text;
  bool seen = false;
};

std::size_t take_piece(char* bytes, std::size_t size, std::size_t count, void* user) {
  constexpr std::size_t bytes_max = 64 * 1024;
  auto& first = *static_cast<FirstEvent*>(user);
  first.text.append(bytes, size * count);
  first.seen = first.text.find("event: CaughtUp") != std::string::npos;
  // Another number than was given ends the exchange.
  return first.seen || first.text.size() > bytes_max ? 0 : size * count;
}

// The time until the first event of a new stream, or nothing when none came.
std::optional<std::chrono::milliseconds> wait_for_event(const std::string& url,
                                                        const std::string& token) {
  const std::unique_ptr<CURL, CloseHandle> handle{curl_easy_init()};
  const auto bearer = "Authorization: Bearer " + token;
  const std::unique_ptr<curl_slist, FreeList> headers{curl_slist_append(nullptr, bearer.c_str())};
  FirstEvent first;
  curl_easy_setopt(handle.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_TIMEOUT_MS, first_event_timeout_ms);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, take_piece);
  curl_easy_setopt(handle.get(), CURLOPT_WRITEDATA, &first);
  const auto begin = Clock::now();
  curl_easy_perform(handle.get());
  if (!first.seen) return std::nullopt;
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

void check_answer(Findings& findings, http::Client& client, const std::string& check,
                  const std::string& url, long wanted) {
  const auto response = client.send({"GET", url, {}, {}});
  const bool good = response.status == wanted;
  findings.push_back({check, good ? State::good : State::bad,
                      fmt::format("{} answers {}{}", url, response.status,
                                  good ? "" : fmt::format(", not {}", wanted))});
}

void check_public_stream(Findings& findings, http::Client& client, const PublicAddress& address) {
  const nlohmann::json who{{"email", address.email}, {"password", ask_for_password(address.email)}};
  const std::vector<std::string> json{"Content-Type: application/json"};
  const auto signed_in = client.send({"POST", address.url + "/api/signin", json, who.dump()});
  if (signed_in.status != 200) {
    findings.push_back(
        {"public.stream", State::bad, fmt::format("signing in answers {}", signed_in.status)});
    return;
  }
  const auto token = nlohmann::json::parse(signed_in.body).at("access_token").get<std::string>();
  const auto took = wait_for_event(address.url + "/events", token);
  client.send({"POST", address.url + "/api/logout", {"Authorization: Bearer " + token}, {}});
  if (!took) {
    findings.push_back({"public.stream", State::bad,
                        "no event came: does the gateway hold answers back (proxy_buffering)?"});
    return;
  }
  findings.push_back({"public.stream", *took <= first_event_wanted ? State::good : State::warning,
                      fmt::format("the first event came after {} ms", took->count())});
}

}  // namespace

void check_public_address(Findings& findings, const PublicAddress& address) {
  try {
    http::Client client;
    // Each is answered by one of the servers; /events without a token by notify_server.
    check_answer(findings, client, "public.server", address.url + "/api/users", 401);
    check_answer(findings, client, "public.events", address.url + "/events", 401);
    if (!address.email.empty()) check_public_stream(findings, client, address);
  } catch (const http::Client::Failure& error) {
    findings.push_back({"public.address", State::unreachable, error.what()});
  } catch (const std::exception& error) {
    findings.push_back({"public.address", State::bad, error.what()});
  }
}

}  // namespace fechatter::server
