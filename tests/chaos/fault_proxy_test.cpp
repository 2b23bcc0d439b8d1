#include "tests/chaos/fault_proxy.hpp"

#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"

namespace fechatter::chaos {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;
using test::eventually;

constexpr milliseconds a_while{100};

// A client, a link of the proxy, and the server behind it.
class FaultProxyLink : public testing::Test {
 protected:
  FaultProxyLink() { server.non_blocking(true); }

  // What the server has received so far.
  const std::string& received() {
    std::array<char, 256> bytes{};
    error_code error;
    const auto size = server.read_some(asio::buffer(bytes), error);
    received_.append(bytes.data(), size);
    server_ended = server_ended || (error && error != asio::error::would_block);
    return received_;
  }
  bool server_receives(const std::string& text) {
    return eventually([&] { return received() == text; });
  }
  bool client_receives(const std::string& text) {
    std::string answer;
    while (answer.size() < text.size() && client.read(answer, std::chrono::seconds{10})) {}
    return answer == text;
  }

  asio::io_context io;
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  FaultProxy proxy;
  std::size_t link = proxy.add_link(acceptor.local_endpoint().port());
  test::TcpConnection client{proxy.port(link)};
  tcp::socket server = acceptor.accept();
  bool server_ended = false;

 private:
  std::string received_;
};

TEST_F(FaultProxyLink, BytesPassInBothDirections) {
  client.write("a request");
  EXPECT_TRUE(server_receives("a request"));
  asio::write(server, asio::buffer("an answer", 9));
  EXPECT_TRUE(client_receives("an answer"));
}

TEST_F(FaultProxyLink, TheEndOfOneSideEndsTheOther) {
  client.close();
  EXPECT_TRUE(eventually([&] { return received().empty() && server_ended; }));
}

TEST_F(FaultProxyLink, ACutEndsBothSides) {
  proxy.cut(link);
  std::string nothing;
  EXPECT_FALSE(client.read(nothing, std::chrono::seconds{10}));
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(eventually([&] { return received().empty() && server_ended; }));
}

TEST_F(FaultProxyLink, ASilentLinkPassesItsBytesAfterTheFault) {
  proxy.set(link, LinkFault::silent);
  client.write("a request");
  std::string nothing;
  EXPECT_FALSE(client.read(nothing, a_while));
  EXPECT_FALSE(client.ended());
  EXPECT_EQ(received(), "");
  proxy.set(link, LinkFault::none);
  EXPECT_TRUE(server_receives("a request"));
}

TEST_F(FaultProxyLink, ALinkWithoutAnswersPassesTheRequestAndDropsTheAnswer) {
  proxy.set(link, LinkFault::no_answers);
  client.write("a request");
  EXPECT_TRUE(server_receives("a request"));
  asio::write(server, asio::buffer("an answer", 9));
  std::string answer;
  EXPECT_FALSE(client.read(answer, std::chrono::seconds{10}));
  EXPECT_TRUE(client.ended());
}

TEST_F(FaultProxyLink, ASlowLinkKeepsTheOrder) {
  proxy.delay(link, milliseconds{5});
  for (const auto* word : {"one ", "two ", "three"}) client.write(word);
  EXPECT_TRUE(server_receives("one two three"));
}

}  // namespace
}  // namespace fechatter::chaos
