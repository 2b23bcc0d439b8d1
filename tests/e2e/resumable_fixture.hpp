#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "fechatter_core/auth/encoding.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {

inline std::string base64(std::string_view bytes) {
  auto text = auth::base64url_encode(bytes);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return text.append((4 - text.size() % 4) % 4, '=');
}

inline std::string sha256_base64(std::string_view bytes) {
  const auto digest = auth::sha256(bytes);
  return base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

inline const std::string sha1_of_world = "fCEUM/AgcVl3Qeb/Wo6jR4mrv0M=";
inline constexpr const char* chunk_type = "application/offset+octet-stream";

// Text of that many bytes, which does not repeat.
inline std::string numbers(std::size_t size) {
  std::string text;
  text.reserve(size + 20);
  while (text.size() < size) text += fmt::format("{} ", text.size());
  text.resize(size);
  return text;
}

// Uploads of alice in chunks, by tus 1.0.
class ResumableUploads : public testing::Test {
 protected:
  explicit ResumableUploads(const Environment& settings = {}) : system{with(settings)} {}

  static SystemOptions with(const Environment& settings) {
    SystemOptions options;
    options.start_notify = false;
    options.server = settings;
    return options;
  }
  Headers tus(const Headers& more = {}) const {
    auto headers = alice.bearer();
    headers["Tus-Resumable"] = "1.0.0";
    headers.insert(more.begin(), more.end());
    return headers;
  }
  Reply create(std::uint64_t size, const Headers& more = {}) const {
    auto headers = tus({{"Upload-Length", std::to_string(size)}});
    headers.insert(more.begin(), more.end());
    return system.send("POST", "/api/files/resumable", {}, headers);
  }
  // The URL of a new upload.
  std::string created(std::uint64_t size) const {
    const auto reply = create(size);
    EXPECT_EQ(reply.status, 201) << reply.body;
    return reply.header("location");
  }
  Reply append(const std::string& url, std::int64_t offset, std::string_view bytes,
               const Headers& more = {}) const {
    auto headers = tus({{"Upload-Offset", std::to_string(offset)}});
    headers.insert(more.begin(), more.end());
    return system.send_bytes("PATCH", url, chunk_type, bytes, headers);
  }
  // Once no other request holds the upload.
  Reply append_when_free(const std::string& url, std::size_t offset, std::string_view bytes) const {
    Reply reply;
    EXPECT_TRUE(eventually([&] {
      reply = append(url, static_cast<std::int64_t>(offset), bytes);
      return reply.status != 423;
    }));
    EXPECT_EQ(reply.status, 204) << reply.body;
    return reply;
  }
  Reply head(const std::string& url) const { return system.send("HEAD", url, {}, tus()); }
  Reply remove(const std::string& url) const { return system.send("DELETE", url, {}, tus()); }
  // -1: there is no such upload.
  std::int64_t offset_of(const std::string& url) const {
    const auto offset = head(url).header("upload-offset");
    return offset.empty() ? -1 : std::stoll(offset);
  }
  // A PATCH whose body is still to be written.
  TcpConnection begin_chunk(const std::string& url, std::size_t offset, std::size_t length,
                            const std::string& more = {}) const {
    TcpConnection connection{system.server.port()};
    connection.write(fmt::format(
        "PATCH {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\n"
        "Content-Type: {}\r\nUpload-Offset: {}\r\nContent-Length: {}\r\n{}\r\n",
        url, alice.token(), chunk_type, offset, length, more));
    return connection;
  }
  // Whether a request has brought so many bytes that some are on the disk, and holds the upload.
  bool has_bytes_on_disk() const {
    const auto paths = partial_files();
    return std::any_of(paths.begin(), paths.end(),
                       [](const auto& path) { return std::filesystem::file_size(path) > 0; });
  }
  std::vector<std::string> partial_files() const {
    std::vector<std::string> paths;
    for (const auto& entry :
         std::filesystem::directory_iterator{system.folder.path("files/partial")}) {
      paths.push_back(entry.path());
    }
    return paths;
  }

  System system;
  Person alice = system.signs_up("alice");
};

}  // namespace fechatter::test
