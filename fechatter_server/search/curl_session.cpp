#include "fechatter_server/search/curl_session.hpp"

#include <curl/curl.h>

#include <array>

namespace fechatter::server {
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

// libcurl's callback: fewer bytes than came end the exchange.
std::size_t append(const char* bytes, std::size_t, std::size_t count, void* to) {
  auto& body = *static_cast<std::string*>(to);
  if (count > CurlSession::answer_length_max - body.size()) return 0;
  body.append(bytes, count);
  return count;
}

void start_library() {
  static const auto started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error{"libcurl does not start"};
}

}  // namespace

void CurlSession::Close::operator()(void* handle) const {
  curl_easy_cleanup(handle);
}

CurlSession::CurlSession(std::chrono::milliseconds connect_timeout,
                         std::chrono::milliseconds answer_timeout)
    : connect_timeout_{connect_timeout}, answer_timeout_{answer_timeout} {
  start_library();
  handle_.reset(curl_easy_init());
  if (!handle_) throw std::bad_alloc{};
}

CurlSession::Answer CurlSession::send(const Request& request) {
  auto* const curl = handle_.get();
  const auto headers = list_of(request.headers);
  std::array<char, CURL_ERROR_SIZE> cause{};
  Answer answer;

  curl_easy_reset(curl);  // keeps the connection
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_timeout_.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(answer_timeout_.count()));
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  if (!request.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, cause.data());

  const auto result = curl_easy_perform(curl);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, nullptr);
  if (result != CURLE_OK) {
    throw Failure{cause.front() != '\0' ? cause.data() : curl_easy_strerror(result)};
  }
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

}  // namespace fechatter::server
