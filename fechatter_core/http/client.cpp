#include "fechatter_core/http/client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <new>

#include "fechatter_core/http/syntax.hpp"

namespace fechatter::http {
namespace {

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

HeaderList list_of(const std::vector<std::string>& headers) {
  HeaderList list;
  for (const auto& header : headers) {
    auto* longer = curl_slist_append(list.get(), header.c_str());
    if (longer == nullptr) throw std::bad_alloc{};
    if (!list) list.reset(longer);
  }
  return list;
}

// The response of one exchange while it comes.
struct Receiver {
  ClientLimits limits;
  ClientResponse response;
  std::size_t header_bytes = 0;
  const char* excess = nullptr;  // the limit that the response exceeds
};

// The callbacks of libcurl: a return value that is not `count` ends the exchange.
std::size_t receive_body(const char* bytes, std::size_t, std::size_t count, void* to) {
  auto& receiver = *static_cast<Receiver*>(to);
  auto& body = receiver.response.body;
  if (count > receiver.limits.body_bytes_max - body.size()) {
    receiver.excess = "the body of the response is too large";
    return 0;
  }
  body.append(bytes, count);
  return count;
}

std::size_t receive_header(const char* bytes, std::size_t, std::size_t count, void* to) {
  auto& receiver = *static_cast<Receiver*>(to);
  auto& headers = receiver.response.headers;
  receiver.header_bytes += count;
  if (receiver.header_bytes > receiver.limits.header_bytes_max) {
    receiver.excess = "the head of the response is too large";
    return 0;
  }
  std::string_view line{bytes, count};
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) headers.clear();  // of an interim response
  if (line.find(':') == std::string_view::npos) return count;
  auto name = to_lower(take_until(line, ':'));
  headers.emplace_back(std::move(name), trimmed(line));
  return count;
}

void start_library() {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error{"libcurl does not start"};
}

}  // namespace

const std::string* ClientResponse::find_header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& header) { return header.first == name; });
  return found == headers.end() ? nullptr : &found->second;
}

void Client::Close::operator()(void* handle) const {
  curl_easy_cleanup(handle);
}

Client::Client(const ClientLimits& limits) : limits_{limits} {
  start_library();
  handle_.reset(curl_easy_init());
  if (!handle_) throw std::bad_alloc{};
}

void Client::set_options(const ClientRequest& request) {
  auto* const curl = handle_.get();
  curl_easy_reset(curl);  // the connection stays open
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(limits_.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limits_.response_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  if (request.body.empty()) return;
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
}

ClientResponse Client::send(const ClientRequest& request) {
  auto* const curl = handle_.get();
  const auto headers = list_of(request.headers);
  std::array<char, CURL_ERROR_SIZE> cause{};
  Receiver receiver{limits_, {}};

  set_options(request);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &receiver);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &receiver);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, cause.data());

  const auto result = curl_easy_perform(curl);
  if (result == CURLE_OK) {
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &receiver.response.status);
  }
  curl_easy_reset(curl);  // nothing of this frame stays in the handle
  if (receiver.excess) throw Failure{receiver.excess};
  if (result == CURLE_OK) return std::move(receiver.response);
  throw Failure{cause.front() != '\0' ? cause.data() : curl_easy_strerror(result)};
}

}  // namespace fechatter::http
