#include "fechatter_core/file/s3_address.hpp"

#include <algorithm>
#include <stdexcept>

#include "fechatter_core/ascii.hpp"
#include "fechatter_core/file/disk_place.hpp"

namespace fechatter::file {
namespace {

constexpr std::size_t bucket_length_min = 3;
constexpr std::size_t bucket_length_max = 63;
constexpr std::size_t s3_prefix_length_max = 512;  // with the rest below S3's 1,024 bytes

template <class Allowed>
void require_text(const char* setting, std::string_view text, Allowed is_allowed) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_allowed)) return;
  throw std::invalid_argument{std::string{setting} + ": cannot be used"};
}

bool is_in_host(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == ':' || c == '[' || c == ']';
}

bool is_in_bucket(char c) {
  return (is_letter(c) && c >= 'a') || is_digit(c) || c == '-' || c == '.';
}

bool is_in_prefix(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == '/';
}

// The endpoint without its scheme, which is taken off.
std::string take_host(std::string endpoint, std::string& scheme) {
  for (const auto* known : {"https://", "http://"}) {
    if (endpoint.starts_with(known)) scheme = known;
  }
  endpoint.erase(0, scheme.size());
  if (endpoint.ends_with('/')) endpoint.pop_back();
  const std::string_view default_port = scheme == "https://" ? ":443" : ":80";
  if (endpoint.ends_with(default_port)) endpoint.resize(endpoint.size() - default_port.size());
  return endpoint;
}

// A path with an empty or a dotted component would be another one after libcurl's normalising.
void check_prefix(const std::string& prefix) {
  if (prefix.empty()) return;
  require_text("files.s3.prefix", prefix, is_in_prefix);
  const auto slashed = '/' + prefix;
  const bool is_plain = prefix.ends_with('/') && prefix.size() <= s3_prefix_length_max &&
                        slashed.find("//") == std::string::npos &&
                        slashed.find("/.") == std::string::npos;
  if (!is_plain) {
    throw std::invalid_argument{
        "files.s3.prefix: must be of the form folder/ or folder/folder/, without dots in front"};
  }
}

void check_names(const S3Settings& settings) {
  require_text("files.s3.bucket", settings.bucket, is_in_bucket);
  const auto length = settings.bucket.size();
  if (length < bucket_length_min || length > bucket_length_max || settings.bucket.front() == '.') {
    throw std::invalid_argument{"files.s3.bucket: is no name of a bucket"};
  }
  require_text("files.s3.region", settings.region, is_in_bucket);
  check_prefix(settings.prefix);
}

}  // namespace

S3Address::S3Address(const S3Settings& settings) : prefix_{settings.prefix} {
  check_names(settings);
  const auto endpoint = settings.endpoint.empty()
                            ? "https://s3." + settings.region + ".amazonaws.com"
                            : settings.endpoint;
  host_ = take_host(endpoint, scheme_);
  if (scheme_.empty()) {
    throw std::invalid_argument{"files.s3.endpoint: must begin with https:// or http://"};
  }
  require_text("files.s3.endpoint", host_, is_in_host);
  bucket_path_ = settings.path_style ? '/' + settings.bucket + '/' : "/";
  if (!settings.path_style) host_ = settings.bucket + '.' + host_;
}

std::string S3Address::path_of(std::string_view object) const {
  if (object.empty()) {
    return bucket_path_.size() == 1 ? bucket_path_
                                    : bucket_path_.substr(0, bucket_path_.size() - 1);
  }
  return bucket_path_ + aws_encoded(object, Slashes::kept);
}

std::string S3Address::url_of(std::string_view path, std::string_view query) const {
  auto url = scheme_ + host_;
  url += path;
  if (!query.empty()) url.append("?").append(query);
  return url;
}

std::string S3Address::object_of(const FileKey& key) const {
  const auto place = place_of(key);
  auto object = prefix_;
  for (const auto& folder : place.folders) object += folder + '/';
  return object + place.name;
}

std::optional<FileKey> S3Address::key_of(std::string_view object) const {
  if (!object.starts_with(prefix_)) return std::nullopt;
  const auto name = object.substr(prefix_.size());
  const auto first = name.find('/');
  const auto last = name.rfind('/');
  if (first == std::string_view::npos) return std::nullopt;
  const auto workspace = find_workspace(name.substr(0, first));
  if (!workspace) return std::nullopt;
  auto key = find_key(*workspace, name.substr(last + 1));
  if (!key || object_of(*key) != object) return std::nullopt;
  return key;
}

}  // namespace fechatter::file
