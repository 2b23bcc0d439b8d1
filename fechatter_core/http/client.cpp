#include "fechatter_core/http/client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <exception>
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

// The body of one exchange while it goes.
struct Sender {
  const ClientUpload& upload;
  std::uint64_t offset = 0;
  std::exception_ptr failure = nullptr;
};

std::size_t send_body(char* to, std::size_t, std::size_t count, void* from) {
  auto& sender = *static_cast<Sender*>(from);
  const auto wanted = std::min<std::uint64_t>(count, sender.upload.size - sender.offset);
  if (wanted == 0) return 0;
  try {
    const auto copied = sender.upload.read(sender.offset, to, static_cast<std::size_t>(wanted));
    sender.offset += copied;
    if (copied > 0) return copied;
  } catch (...) {
    sender.failure = std::current_exception();
  }
  return CURL_READFUNC_ABORT;
}

// libcurl sends again what went to a connection that the server had closed.
int go_to(void* from, curl_off_t offset, int origin) {
  auto& sender = *static_cast<Sender*>(from);
  if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_FAIL;
  sender.offset = std::min(static_cast<std::uint64_t>(offset), sender.upload.size);
  return CURL_SEEKFUNC_OK;
}

int is_cancelled(void* flag, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0;
}

void set_upload(CURL* curl, Sender& sender) {
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(sender.upload.size));
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, send_body);
  curl_easy_setopt(curl, CURLOPT_READDATA, &sender);
  curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, go_to);
  curl_easy_setopt(curl, CURLOPT_SEEKDATA, &sender);
}

void set_ends(CURL* curl, const ClientRequest& request, const ClientLimits& limits) {
  const auto timeout = request.response_timeout.value_or(limits.response_timeout);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(limits.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  if (request.stall_timeout.count() > 0) {
    constexpr long bytes_per_second_min = 1024;
    const auto seconds = static_cast<long>(request.stall_timeout.count());
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, bytes_per_second_min);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, seconds);
  }
  if (limits.cancelled == nullptr) return;
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_cancelled);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, limits.cancelled);
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
  set_ends(curl, request, limits_);
  if (!limits_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, limits_.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method == "HEAD") curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  // A POST without a body has a Content-Length all the same, which some servers ask for.
  if (request.upload || (request.body.empty() && request.method != "POST")) return;
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
}

ClientResponse Client::send(const ClientRequest& request) {
  auto* const curl = handle_.get();
  const auto headers = list_of(request.headers);
  std::array<char, CURL_ERROR_SIZE> cause{};
  Receiver receiver{limits_, {}};
  static const ClientUpload none;
  Sender sender{request.upload ? *request.upload : none};

  set_options(request);
  if (request.upload) set_upload(curl, sender);
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
  if (sender.failure) std::rethrow_exception(sender.failure);
  if (receiver.excess) throw Failure{receiver.excess};
  if (result == CURLE_OK) return std::move(receiver.response);
  throw Failure{cause.front() != '\0' ? cause.data() : curl_easy_strerror(result)};
}

}  // namespace fechatter::http
