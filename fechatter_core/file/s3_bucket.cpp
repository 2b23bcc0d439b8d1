#include "fechatter_core/file/s3_bucket.hpp"

#include "fechatter_core/error.hpp"

namespace fechatter::file {
namespace {

constexpr std::uint64_t transfer_rate_min = 256 * 1024;  // bytes a second
constexpr std::chrono::seconds completion_time{60};      // of many parts, which S3 puts together

S3Deadline with_transfer(S3Deadline deadline, std::uint64_t bytes) {
  return deadline + std::chrono::seconds{bytes / transfer_rate_min};
}

[[noreturn]] void fail_as_no_answer(const char* what) {
  log_s3_failure(what, "the answer is not one of S3");
  throw Error{ErrorCode::storage_unavailable, "The file store does not answer."};
}

std::string range_header(std::uint64_t first, std::uint64_t last) {
  return "bytes=" + std::to_string(first) + '-' + std::to_string(last);
}

// A store that answers with the whole object, or another part of it, would damage what is sent.
bool has_range(const http::ClientResponse& response, std::uint64_t offset, std::size_t count) {
  const auto* const header = response.find_header("content-range");
  const auto range = header == nullptr ? std::nullopt : parse_content_range(*header);
  return response.status == 206 && response.body.size() == count && range &&
         range->first == offset && range->last == offset + count - 1;
}

}  // namespace

S3Bucket::S3Bucket(const S3Settings& settings, const S3Address& address,
                   const std::atomic<bool>& stopped)
    : settings_{settings}, client_{settings, address, stopped} {}

std::optional<std::uint64_t> S3Bucket::find_size(const std::string& object, S3Deadline deadline) {
  try {
    const auto response = client_.send({"HEAD", object}, deadline);
    const auto* const length = response.find_header("content-length");
    const auto size = length == nullptr ? std::nullopt : parse_size(*length);
    if (!size) fail_as_no_answer("HEAD");
    return size;
  } catch (const S3Refusal& refusal) {
    if (refusal.is_absent()) return std::nullopt;
    throw;
  }
}

// The response to HEAD has no body that says what is absent; that to GET has one.
std::optional<std::uint64_t> S3Bucket::find_size_in_bucket(const std::string& object,
                                                           S3Deadline deadline) {
  auto size = find_size(object, deadline);
  if (size) return size;
  try {
    S3Request request{"GET", object};
    request.headers.emplace_back("range", range_header(0, 0));
    client_.send(request, deadline);
  } catch (const S3Refusal& refusal) {
    if (refusal.is_absent() && refusal.code() == "NoSuchKey") return std::nullopt;
    throw;
  }
  // It has come meanwhile.
  return find_size(object, deadline);
}

std::string S3Bucket::read(const std::string& object, std::uint64_t offset, std::size_t count,
                           S3Deadline deadline) {
  S3Request request{"GET", object};
  request.headers.emplace_back("range", range_header(offset, offset + count - 1));
  auto response = client_.send(request, with_transfer(deadline, count));
  if (!has_range(response, offset, count)) fail_as_no_answer("GET of a range");
  return std::move(response.body);
}

AwsFields S3Bucket::new_object_headers() const {
  // What a file is, the server says; no browser asks the bucket.
  AwsFields headers{{"content-type", "application/octet-stream"}};
  if (settings_.encryption == "none") return headers;
  headers.emplace_back("x-amz-server-side-encryption", settings_.encryption);
  if (settings_.encryption == "aws:kms" && !settings_.kms_key_id.empty()) {
    headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", settings_.kms_key_id);
  }
  return headers;
}

void S3Bucket::put(const std::string& object, const S3Content& content, S3Deadline deadline) {
  S3Request request{"PUT", object};
  request.headers = new_object_headers();
  request.upload = content.upload;
  request.upload_hash = content.hash;
  client_.send(request, with_transfer(deadline, content.upload.size));
}

void S3Bucket::remove(const std::string& object, S3Deadline deadline) {
  try {
    client_.send({"DELETE", object}, deadline);
  } catch (const S3Refusal& refusal) {
    if (!refusal.is_absent() || refusal.code() == "NoSuchBucket") throw;
  }
}

S3Page S3Bucket::list(const std::string& prefix, const std::string& after, std::size_t count,
                      S3Deadline deadline) {
  S3Request request{"GET", ""};
  request.query = {{"list-type", "2"}, {"max-keys", std::to_string(count)}, {"prefix", prefix}};
  if (!after.empty()) request.query.emplace_back("start-after", after);
  const auto response = client_.send(request, deadline);
  auto page = parse_page(response.body);
  if (!page) fail_as_no_answer("the list of objects");
  return std::move(*page);
}

std::string S3Bucket::begin_upload(const std::string& object, S3Deadline deadline) {
  S3Request request{"POST", object};
  request.query.emplace_back("uploads", "");
  request.headers = new_object_headers();
  const auto response = client_.send(request, deadline);
  auto id = parse_upload_id(response.body);
  if (!id) fail_as_no_answer("the begin of an upload");
  return std::move(*id);
}

std::string S3Bucket::put_part(const std::string& object, const std::string& id, std::size_t number,
                               const S3Content& content, S3Deadline deadline) {
  S3Request request{"PUT", object};
  request.query = {{"partNumber", std::to_string(number)}, {"uploadId", id}};
  request.upload = content.upload;
  request.upload_hash = content.hash;
  const auto response = client_.send(request, with_transfer(deadline, content.upload.size));
  const auto* const tag = response.find_header("etag");
  if (tag == nullptr || tag->empty()) fail_as_no_answer("a part of an upload");
  return *tag;
}

// A repetition may meet an upload that the first request has completed, whose answer was lost.
void S3Bucket::complete_upload(const std::string& object, const std::string& id,
                               const std::vector<std::string>& entity_tags, std::uint64_t size,
                               S3Deadline deadline) {
  S3Request request{"POST", object};
  request.query.emplace_back("uploadId", id);
  request.headers.emplace_back("content-type", "application/xml");
  request.body = completion_of(entity_tags);
  try {
    const auto response = client_.send(request, deadline + completion_time);
    if (!is_completed(response.body)) fail_as_no_answer("the completion of an upload");
  } catch (const S3Refusal& refusal) {
    if (refusal.code() != "NoSuchUpload" || find_size(object, deadline) != size) throw;
  }
}

void S3Bucket::abort_upload(const std::string& object, const std::string& id, S3Deadline deadline) {
  S3Request request{"DELETE", object};
  request.query.emplace_back("uploadId", id);
  try {
    client_.send(request, deadline);
  } catch (const S3Refusal& refusal) {
    if (!refusal.is_absent()) throw;
  }
}

S3Uploads S3Bucket::list_uploads(const std::string& prefix, const S3Uploads& after,
                                 S3Deadline deadline) {
  S3Request request{"GET", ""};
  request.query = {{"uploads", ""}, {"prefix", prefix}};
  if (!after.next_object.empty()) {
    request.query.emplace_back("key-marker", after.next_object);
    request.query.emplace_back("upload-id-marker", after.next_id);
  }
  const auto response = client_.send(request, deadline);
  auto uploads = parse_uploads(response.body);
  if (!uploads) fail_as_no_answer("the list of uploads");
  return std::move(*uploads);
}

}  // namespace fechatter::file
