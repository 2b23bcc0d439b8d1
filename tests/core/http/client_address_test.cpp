#include "fechatter_core/http/client_address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "fechatter_core/http/forwarding_notice.hpp"

namespace fechatter::http {
namespace {

using Headers = std::vector<std::string>;

Request request_from(const std::string& peer, const Headers& forwarded_for = {}) {
  Request request;
  request.peer_address = peer;
  for (const auto& value : forwarded_for) request.headers.emplace_back("x-forwarded-for", value);
  return request;
}

TEST(AddressGroup, IsTheAddressItselfInIpv4) {
  EXPECT_EQ(address_group("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_group("::ffff:192.0.2.1"), "192.0.2.1");
}

TEST(AddressGroup, IsTheNetworkOfACustomerInIpv6) {
  EXPECT_EQ(address_group("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(address_group("2001:db8:1:2::1"), address_group("2001:DB8:1:2:ffff::"));
  EXPECT_NE(address_group("2001:db8:1:2::1"), address_group("2001:db8:1:3::1"));
}

TEST(AddressGroup, OfNoAddressIsWhatWasSaid) {
  EXPECT_EQ(address_group(""), "");
}

TEST(NetworksOf, AreThoseThatCustomersAreGiven) {
  EXPECT_EQ(networks_of("192.0.2.1"), (Headers{"192.0.2.1", "192.0.2.0/24"}));
  EXPECT_EQ(networks_of("::ffff:192.0.2.1"), networks_of("192.0.2.1"));
  EXPECT_EQ(networks_of("2001:db8:1:2345::6"),
            (Headers{"2001:db8:1:2345::/64", "2001:db8:1:2300::/56", "2001:db8:1::/48"}));
  EXPECT_EQ(networks_of("unknown"), Headers{"unknown"});
}

TEST(TrustedProxies, AreNoneByDefault) {
  EXPECT_FALSE(TrustedProxies{}.contains("127.0.0.1"));
}

TEST(TrustedProxies, AreAddressesAndBlocks) {
  const TrustedProxies proxies{{"10.1.2.3", "172.16.0.0/12", "2001:db8::/33", "::1"}};
  for (const auto* inside : {"10.1.2.3", "172.16.0.1", "172.31.255.255", "::ffff:172.16.0.1",
                             "2001:db8::1", "2001:db8:7fff::", "::1"}) {
    EXPECT_TRUE(proxies.contains(inside)) << inside;
  }
  for (const auto* outside : {"10.1.2.4", "172.32.0.0", "172.15.255.255", "2001:db8:8000::", "::2",
                              "", "localhost", "10.1.2.3 "}) {
    EXPECT_FALSE(proxies.contains(outside)) << outside;
  }
}

TEST(TrustedProxies, CanBeAllAddresses) {
  const TrustedProxies proxies{{"0.0.0.0/0"}};
  EXPECT_TRUE(proxies.contains("192.0.2.1"));
  EXPECT_FALSE(proxies.contains("2001:db8::1"));
}

TEST(TrustedProxies, AreRefusedWhenTheyAreNoAddress) {
  for (const auto* bad : {"localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x",
                          "10.0.0/8", "::/129", "", "*"}) {
    EXPECT_THROW(TrustedProxies{{bad}}, std::invalid_argument) << bad;
  }
}

class BehindProxies : public testing::Test {
 protected:
  std::string client(const std::string& peer, const Headers& forwarded_for) const {
    return proxies.client_of(request_from(peer, forwarded_for));
  }
  const TrustedProxies proxies{{"10.0.0.0/8"}};
};

TEST_F(BehindProxies, TheClientIsTheLastAddressThatIsNoProxy) {
  EXPECT_EQ(client("10.0.0.1", {"192.0.2.7"}), "192.0.2.7");
  EXPECT_EQ(client("10.0.0.1", {"192.0.2.7, 10.0.0.2"}), "192.0.2.7");
  EXPECT_EQ(client("10.0.0.1", {"2001:db8::1"}), "2001:db8::1");
}

TEST_F(BehindProxies, WhatTheClientItselfSentIsNotBelieved) {
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.1, 192.0.2.7"}), "192.0.2.7");
  EXPECT_EQ(client("10.0.0.1", {"198.51.100.1", "192.0.2.7, 10.0.0.2"}), "192.0.2.7");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.9, 192.0.2.7"}), "192.0.2.7");
}

TEST_F(BehindProxies, IgnoreTheHeaderOfAClientThatIsNoProxy) {
  EXPECT_EQ(client("192.0.2.7", {"198.51.100.1"}), "192.0.2.7");
  EXPECT_EQ(client("192.0.2.7", {"10.0.0.1"}), "192.0.2.7");
}

TEST_F(BehindProxies, APortIsNoPartOfTheAddress) {
  EXPECT_EQ(client("10.0.0.1", {"192.0.2.7:4711"}), "192.0.2.7");
  EXPECT_EQ(client("10.0.0.1", {"[2001:db8::1]:4711"}), "2001:db8::1");
  EXPECT_EQ(client("10.0.0.1", {"[2001:db8::1]"}), "2001:db8::1");
}

TEST_F(BehindProxies, StopAtANodeThatIsNoAddress) {
  for (const auto* nonsense : {"unknown", "", ",", "192.0.2.7, ,", "[", "192.0.2.7, x, 10.0.0.2"}) {
    EXPECT_EQ(client("10.0.0.1", {nonsense}).substr(0, 3), "10.") << nonsense;
  }
}

TEST_F(BehindProxies, AProxyThatAsksForItselfIsTheClient) {
  EXPECT_EQ(client("10.0.0.1", {}), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", {"10.0.0.3, 10.0.0.2"}), "10.0.0.3");
}

TEST(InternalCallers, AreThisMachineAndTheListedNetworks) {
  const InternalCallers internal{{"10.0.0.0/8"}};
  for (const auto* peer : {"127.0.0.1", "127.1.2.3", "::1", "10.200.0.1"}) {
    EXPECT_TRUE(internal.contains(request_from(peer), {})) << peer;
  }
  for (const auto* peer : {"192.0.2.1", "11.0.0.1", ""}) {
    EXPECT_FALSE(internal.contains(request_from(peer), {})) << peer;
  }
}

TEST(InternalCallers, AreNotTheClientsOfAProxyOnThisMachine) {
  const InternalCallers internal;
  EXPECT_FALSE(internal.contains(request_from("127.0.0.1", {"192.0.2.1"}), {}));
  for (const auto* header : {"forwarded", "x-real-ip", "via"}) {
    auto request = request_from("127.0.0.1");
    request.headers.emplace_back(header, "1.1 gateway");
    EXPECT_FALSE(internal.contains(request, {})) << header;
  }
  const TrustedProxies proxies{{"127.0.0.1"}};
  EXPECT_FALSE(internal.contains(request_from("127.0.0.1", {"192.0.2.1"}), proxies));
  EXPECT_FALSE(internal.contains(request_from("127.0.0.1", {"127.0.0.1, 192.0.2.1"}), proxies));
  EXPECT_FALSE(internal.contains(request_from("127.0.0.1"), proxies));
}

TEST(InternalCallers, AreFoundBehindATrustedProxy) {
  const InternalCallers internal{{"10.0.0.0/8"}};
  const TrustedProxies proxies{{"192.0.2.9"}};
  EXPECT_TRUE(internal.contains(request_from("192.0.2.9", {"10.1.2.3"}), proxies));
  EXPECT_FALSE(internal.contains(request_from("192.0.2.8", {"10.1.2.3"}), proxies));
}

TEST(ForwardingNotice, WarnsOfAHeaderOfAnUntrustedPeerOnceAMinute) {
  ForwardingNotice::Clock::time_point time{std::chrono::hours{5}};
  ForwardingNotice notice{[&] { return time; }};
  const TrustedProxies proxies{{"10.0.0.0/8"}};
  EXPECT_FALSE(notice.check(request_from("10.0.0.1", {"192.0.2.1"}), proxies));
  EXPECT_FALSE(notice.check(request_from("172.17.0.1"), proxies));
  EXPECT_FALSE(notice.is_recent());
  const auto forwarded = request_from("172.17.0.1", {"192.0.2.1"});
  EXPECT_TRUE(notice.check(forwarded, proxies));
  EXPECT_FALSE(notice.check(forwarded, proxies));
  time += std::chrono::minutes{1};
  EXPECT_TRUE(notice.check(forwarded, proxies));
  EXPECT_TRUE(notice.is_recent());
  time += std::chrono::hours{1};
  EXPECT_FALSE(notice.is_recent());
}

}  // namespace
}  // namespace fechatter::http
