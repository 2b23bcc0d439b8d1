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

// A client, the proxy, and the server behind it.
class ALink : public testing::Test {
 protected:
  ALink() { server.non_blocking(true); }

  // What the server has received so far.
  const std::string& heard() {
    std::array<char, 256> bytes{};
    error_code error;
    const auto size = server.read_some(asio::buffer(bytes), error);
    heard_.append(bytes.data(), size);
    server_ended = server_ended || (error && error != asio::error::would_block);
    return heard_;
  }
  bool hears(const std::string& text) {
    return eventually([&] { return heard() == text; });
  }
  bool answer_comes(const std::string& text) {
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
  std::string heard_;
};

TEST_F(ALink, PassesBothWays) {
  client.write("a question");
  EXPECT_TRUE(hears("a question"));
  asio::write(server, asio::buffer("an answer", 9));
  EXPECT_TRUE(answer_comes("an answer"));
}

TEST_F(ALink, EndsForBothWhenOneEnds) {
  client.close();
  EXPECT_TRUE(eventually([&] { return heard().empty() && server_ended; }));
}

TEST_F(ALink, EndsForBothWhenItIsCut) {
  proxy.cut(link);
  std::string nothing;
  EXPECT_FALSE(client.read(nothing, std::chrono::seconds{10}));
  EXPECT_TRUE(client.ended());
  EXPECT_TRUE(eventually([&] { return heard().empty() && server_ended; }));
}

TEST_F(ALink, PassesNothingWhileItIsSilentAndAllOfItAfterwards) {
  proxy.set(link, LinkFault::silent);
  client.write("a question");
  std::string nothing;
  EXPECT_FALSE(client.read(nothing, a_while));
  EXPECT_FALSE(client.ended());
  EXPECT_EQ(heard(), "");
  proxy.set(link, LinkFault::none);
  EXPECT_TRUE(hears("a question"));
}

TEST_F(ALink, LetsTheQuestionThroughAndDropsTheAnswer) {
  proxy.set(link, LinkFault::no_answers);
  client.write("a question");
  EXPECT_TRUE(hears("a question"));
  asio::write(server, asio::buffer("an answer", 9));
  std::string answer;
  EXPECT_FALSE(client.read(answer, std::chrono::seconds{10}));
  EXPECT_TRUE(client.ended());
}

TEST_F(ALink, PassesEverythingInItsOrderWhenItIsSlow) {
  proxy.delay(link, milliseconds{5});
  for (const auto* word : {"one ", "two ", "three"}) client.write(word);
  EXPECT_TRUE(hears("one two three"));
}

}  // namespace
}  // namespace fechatter::chaos
