#include "bench/file_transfers.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

namespace fechatter::bench {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr std::string_view form_boundary = "----a-boundary-of-benchmarks";
constexpr std::uint64_t fast_piece = 1 << 20;
constexpr std::uint64_t paced_piece = 64 << 10;
constexpr std::size_t answer_piece = 256 << 10;
constexpr timeval transfer_timeout{60, 0};

std::string next_mark() {
  static std::atomic<std::uint64_t> count = 0;
  return fmt::format("a file of a benchmark, number {:016x} of {:016x}\n", ++count,
                     Clock::now().time_since_epoch().count());
}

// Whether an interrupted call is to be repeated.
bool was_interrupted() {
  if (errno != EINTR) return false;
  check_not_stopped();
  return true;
}

// Its calls return false, or 0, when the connection has ended or nothing moves for a minute.
class BlockingSocket {
 public:
  explicit BlockingSocket(std::uint16_t port) : socket_{port} {
    const auto set_timeout = [this](int direction) {
      return setsockopt(number(), SOL_SOCKET, direction, &transfer_timeout,
                        sizeof(transfer_timeout));
    };
    if (fcntl(number(), F_SETFL, 0) != 0 || set_timeout(SO_RCVTIMEO) != 0 ||
        set_timeout(SO_SNDTIMEO) != 0) {
      fail("fcntl or setsockopt");
    }
  }

  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto sent = ::send(number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && was_interrupted()) continue;
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  bool send_from(int file, std::uint64_t offset, std::uint64_t count) const {
    auto from = static_cast<off_t>(offset);
    while (count > 0) {
      const auto sent = sendfile(number(), file, &from, count);
      if (sent < 0 && was_interrupted()) continue;
      if (sent <= 0) return false;
      count -= static_cast<std::uint64_t>(sent);
    }
    return true;
  }
  std::size_t receive(std::vector<char>& bytes) const {
    while (true) {
      const auto received = recv(number(), bytes.data(), bytes.size(), 0);
      if (received < 0 && was_interrupted()) continue;
      return received < 0 ? 0 : static_cast<std::size_t>(received);
    }
  }

 private:
  int number() const { return socket_.descriptor(); }

  Socket socket_;
};

std::uint64_t number_behind(std::string_view text, std::string_view name) {
  std::uint64_t number = 0;
  const auto at = text.find(name);
  if (at == std::string_view::npos) return 0;
  std::from_chars(text.data() + at + name.size(), text.data() + text.size(), number);
  return number;
}

// Reads an answer, whose body is kept in `body` when it is not null, and counted otherwise.
void receive_answer(const BlockingSocket& socket, Transfer& transfer, std::string* body) {
  std::vector<char> piece(answer_piece);
  std::string head;
  auto end = std::string::npos;
  while (end == std::string::npos) {
    const auto count = socket.receive(piece);
    if (count == 0) return;
    head.append(piece.data(), count);
    end = head.find("\r\n\r\n");
  }
  const auto length = number_behind(head, "\r\nContent-Length: ");
  std::uint64_t received = head.size() - end - 4;
  if (body) *body = head.substr(end + 4);
  while (received < length) {
    const auto count = socket.receive(piece);
    if (count == 0) return;
    if (body) body->append(piece.data(), count);
    received += count;
  }
  transfer.status = static_cast<int>(number_behind(head, "HTTP/1.1 "));
  if (!body) transfer.size = received;
}

// False when the upload was stopped, or its connection has ended.
bool send_content(const UploadOrder& order, const SourceFile& source, const BlockingSocket& socket,
                  std::uint64_t size) {
  const auto began = Clock::now();
  const auto piece = order.bytes_per_second > 0 ? paced_piece : fast_piece;
  for (std::uint64_t sent = 0; sent < size;) {
    if (order.stopped && *order.stopped) return false;
    if (order.bytes_per_second > 0) {
      const Seconds due{static_cast<double>(sent) / order.bytes_per_second};
      std::this_thread::sleep_until(began + std::chrono::duration_cast<Clock::duration>(due));
    }
    const auto offset = sent % source.size();
    const auto count = std::min({piece, size - sent, source.size() - offset});
    if (!socket.send_from(source.descriptor(), offset, count)) return false;
    if (order.sent) *order.sent += count;
    sent += count;
  }
  return true;
}

}  // namespace

SourceFile::SourceFile(std::string path, std::uint64_t size)
    : path_{std::move(path)},
      size_{size},
      descriptor_{open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)} {
  if (descriptor_ < 0) fail("open");
  std::vector<std::uint64_t> words(fast_piece / sizeof(std::uint64_t));
  std::uint64_t state = 0x9e3779b97f4a7c15;
  for (std::uint64_t written = 0; written < size_;) {
    for (auto& word : words) {  // xorshift64
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      word = state;
    }
    check_not_stopped();
    const auto count = write(descriptor_, words.data(), std::min(fast_piece, size_ - written));
    if (count < 0) fail("write of the source");
    written += static_cast<std::uint64_t>(count);
  }
  if (fdatasync(descriptor_) != 0) fail("fdatasync");
}

SourceFile::~SourceFile() {
  close(descriptor_);
}

Transfer upload(const UploadOrder& order, const SourceFile& source) {
  const auto mark = next_mark();
  const auto begin = fmt::format(
      "--{}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"bench.bin\"\r\n\r\n{}",
      form_boundary, mark);
  const auto end = fmt::format("\r\n--{}--\r\n", form_boundary);
  const auto rest = order.size - std::min<std::uint64_t>(order.size, mark.size());
  const auto head = fmt::format(
      "POST /api/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n"
      "Content-Type: multipart/form-data; boundary={}\r\nContent-Length: {}\r\n\r\n",
      order.token, form_boundary, begin.size() + rest + end.size());
  Transfer transfer;
  transfer.size = mark.size() + rest;
  const auto began = Clock::now();
  const BlockingSocket socket{order.port};
  const bool whole =
      socket.send(head + begin) && send_content(order, source, socket, rest) && socket.send(end);
  const bool is_stopped = order.stopped && *order.stopped;
  // One that was refused may have its answer, although not all of it could be sent.
  if (whole || !is_stopped) receive_answer(socket, transfer, &transfer.answer);
  transfer.seconds = Seconds{Clock::now() - began}.count();
  return transfer;
}

Transfer download(std::uint16_t port, const std::string& target, const std::string& token) {
  Transfer transfer;
  const auto began = Clock::now();
  const BlockingSocket socket{port};
  socket.send(fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\r\n",
                          target, token));
  receive_answer(socket, transfer, nullptr);
  transfer.seconds = Seconds{Clock::now() - began}.count();
  return transfer;
}

std::string path_in(const Transfer& uploaded) {
  if (uploaded.status != 200) {
    throw std::runtime_error{
        fmt::format("an upload was refused: {} {}", uploaded.status, uploaded.answer)};
  }
  return nlohmann::json::parse(uploaded.answer).at(0);
}

}  // namespace fechatter::bench
