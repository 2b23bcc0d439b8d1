#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "bench/bare_chain.hpp"
#include "bench/event_loop.hpp"

namespace fechatter::bench {
namespace {

constexpr auto npos = std::string_view::npos;

std::int64_t number_after(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  std::int64_t number = 0;
  if (at == npos) return number;
  std::from_chars(text.data() + at + name.size(), text.data() + text.size(), number);
  return number;
}

// Does not decode escapes.
std::string_view string_after(std::string_view text, std::string_view name) {
  const auto begin = text.find(name) + name.size();
  return text.substr(begin, text.find('"', begin) - begin);
}

struct Post {
  int descriptor = -1;
  BareMessage message;
};

// Stores all waiting posts with one statement, repeatedly, on its own thread.
class BareWriter {
 public:
  explicit BareWriter(const BareChain& chain)
      : workspace_{chain.workspace},
        database_{chain.database_url, chain.workspace, GroupCommit::Events::published},
        connection_{{chain.nats_url, "bare api"}},
        thread_{[this] { run(); }} {}

  void push(Post post) {
    const std::lock_guard lock{mutex_};
    waiting_.push_back(std::move(post));
    if (waiting_.size() == 1) wake_.notify_one();
  }

 private:
  void run() {
    while (true) {
      std::vector<Post> posts;
      {
        std::unique_lock lock{mutex_};
        wake_.wait(lock, [this] { return !waiting_.empty(); });
        posts.swap(waiting_);
      }
      store(posts);
    }
  }

  void store(const std::vector<Post>& posts) {
    std::vector<BareMessage> batch;
    for (const auto& post : posts) batch.push_back(post.message);
    const auto stored = database_.store(batch);
    for (std::size_t i = 0; i < stored.size(); ++i) {
      const auto answer = fmt::format(
          "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
          stored[i].data.size(), stored[i].data);
      if (send(posts[i].descriptor, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) fail("send");
    }
    for (std::size_t i = 0; i < stored.size(); ++i) {
      connection_.publish(fmt::format("bare.{}.{}", workspace_, posts[i].message.chat), "bare_acks",
                          {{"Nats-Msg-Id", std::to_string(stored[i].event_id)}}, stored[i].data);
    }
  }

  const std::int64_t workspace_;
  GroupCommit database_;
  nats::Connection connection_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Post> waiting_;
  std::thread thread_;
};

class BareApi {
 public:
  explicit BareApi(const BareChain& chain)
      : writer_{chain},
        epoll_{epoll_create1(EPOLL_CLOEXEC)},
        listener_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(chain.post_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, SOMAXCONN) != 0) {
      fail("listen");
    }
    watch(listener_);
  }

  void run() {
    std::array<epoll_event, 256> events{};
    while (true) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1000);
      check_not_stopped();
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_) {
          accept_one();
        } else {
          read_request(fd);
        }
      }
    }
  }

 private:
  void watch(int descriptor) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
  }

  void accept_one() {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(fd);
  }

  void read_request(int descriptor) {
    std::array<char, 8192> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const auto received = recv(descriptor, bytes.data(), bytes.size(), 0);
    auto& unread = unread_[descriptor];
    if (received <= 0) {
      close(descriptor);
      unread.clear();
      return;
    }
    unread.append(bytes.data(), static_cast<std::size_t>(received));
    const auto head_end = unread.find("\r\n\r\n");
    if (head_end == std::string::npos) return;
    const auto head = std::string_view{unread}.substr(0, head_end);
    const auto length = static_cast<std::size_t>(number_after(head, "Content-Length: "));
    if (unread.size() < head_end + 4 + length) return;
    const auto body = std::string_view{unread}.substr(head_end + 4, length);
    writer_.push({descriptor,
                  {number_after(head, "/api/chat/"), number_after(head, "Bearer "),
                   std::string{string_after(body, "\"content\":\"")}}});
    unread.clear();
  }

  BareWriter writer_;
  const int epoll_;
  const int listener_;
  std::unordered_map<int, std::string> unread_;
};

}  // namespace

void run_bare_api(const BareChain& chain) {
  BareApi{chain}.run();
}

}  // namespace fechatter::bench
