#include "fechatter_core/file/signed_url.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace fechatter::file {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

const std::string signed_path = "/files/7/2cf/24d/" + std::string(64, 'a') + ".png";

class SignedUrl : public testing::Test {
 protected:
  std::string query_at(Timestamp moment, const UrlGrant& of) const {
    return sign_url(signed_path, of, keys.key_at(moment)).substr(signed_path.size() + 1);
  }
  std::string query() const { return query_at(noon, grant); }
  std::optional<UrlGrant> verify(std::string_view of, std::string_view query) const {
    return verify_url(of, query, noon, keys);
  }

  const UrlKeys keys{std::string(32, 's')};
  const Timestamp noon = parse_rfc3339("2026-03-05T12:00:00Z").value();
  const UrlGrant grant{UserId{42}, std::chrono::floor<std::chrono::seconds>(noon) + 300s};
};

// `text` with the first `from` replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const auto at = text.find(from);
  if (at == std::string::npos) throw std::logic_error{"nothing to replace"};
  return text.replace(at, from.size(), to);
}

TEST_F(SignedUrl, ItSaysTheUserAndTheExpiryThatWereSigned) {
  EXPECT_EQ(verify(signed_path, query()), grant);
}

TEST_F(SignedUrl, ItHasThePathAndTheParametersInPlainSight) {
  const auto url = sign_url(signed_path, grant, keys.key_at(noon));
  EXPECT_TRUE(url.starts_with(signed_path + "?expires=1772712300&user=42&signature=")) << url;
  EXPECT_EQ(url.size() - url.find("signature="), std::string_view{"signature="}.size() + 43);
}

TEST_F(SignedUrl, ItIsGoodOnAnotherInstanceAndInAnyOrderOfItsParameters) {
  const UrlKeys others{std::string(32, 's')};
  auto rest = query();
  const auto signature = rest.substr(rest.find("signature="));
  rest.resize(rest.size() - signature.size() - 1);
  EXPECT_EQ(verify_url(signed_path, signature + "&" + rest, noon, others), grant);
}

TEST_F(SignedUrl, AParameterThatItDoesNotCoverIsNotLookedAt) {
  EXPECT_EQ(verify(signed_path, query() + "&size=360"), grant);
}

TEST_F(SignedUrl, AnyOtherPathIsRefused) {
  for (const auto& other :
       {replaced(signed_path, "/7/", "/8/"), replaced(signed_path, "aaaa", "aaab"),
        replaced(signed_path, ".png", ".jpg"), replaced(signed_path, "/files", "//files"),
        signed_path + "/", std::string{}}) {
    EXPECT_EQ(verify(other, query()), std::nullopt) << other;
  }
}

TEST_F(SignedUrl, AnotherUserOrExpiryIsRefused) {
  EXPECT_EQ(verify(signed_path, replaced(query(), "user=42", "user=43")), std::nullopt);
  EXPECT_EQ(verify(signed_path, replaced(query(), "user=42", "user=4")), std::nullopt);
  EXPECT_EQ(verify(signed_path, replaced(query(), "1772712300", "1772712301")), std::nullopt);
  EXPECT_EQ(verify(signed_path, replaced(query(), "1772712300", "17727123000")), std::nullopt);
}

TEST_F(SignedUrl, EachCharacterOfTheSignatureCounts) {
  const auto good = query();
  for (auto at = good.find("signature=") + 10; at < good.size(); ++at) {
    auto bad = good;
    bad[at] = bad[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(verify(signed_path, bad), std::nullopt) << at;
  }
}

TEST_F(SignedUrl, ASignatureOfAnotherSecretIsRefused) {
  const UrlKeys others{std::string(32, 't')};
  EXPECT_EQ(verify_url(signed_path, query(), noon, others), std::nullopt);
}

TEST_F(SignedUrl, WhatIsMissingRepeatedOrMalformedIsRefused) {
  const auto good = query();
  const auto signature = good.substr(good.find("&signature="));
  for (const auto& bad :
       {std::string{},
        std::string{"&&&"},
        good.substr(0, good.find("&signature=")),
        good.substr(good.find('&') + 1),
        replaced(good, "user=42&", ""),
        good + "&user=42",
        good + "&user=43",
        "user=43&" + good,
        good + "&expires=1772712300",
        good + signature,
        replaced(good, "user=42", "user="),
        replaced(good, "user=42", "user"),
        replaced(good, "user=42", "user=042"),
        replaced(good, "user=42", "user=+42"),
        replaced(good, "user=42", "user=-42"),
        replaced(good, "user=42", "user=42.0"),
        replaced(good, "user=42", "user=%342"),
        replaced(good, "user=42", "user= 42"),
        replaced(good, "user=42", "user=99999999999999999999"),
        replaced(good, "user=42", "User=42"),
        replaced(good, "expires=", "expires=0"),
        replaced(good, "1772712300", "9223372036854775807"),
        replaced(good, "1772712300", "9223372036854775808"),
        good + "=",
        good + "A",
        good + "AA",
        good.substr(0, good.size() - 1),
        good.substr(0, good.find("signature=") + 10),
        std::string{"expires=1772712300&user=42&signature="} + std::string(43, '*')}) {
    EXPECT_EQ(verify(signed_path, bad), std::nullopt) << bad;
  }
}

TEST_F(SignedUrl, ItEndsInTheSecondOfItsExpiry) {
  EXPECT_EQ(verify_url(signed_path, query(), noon + 299'999'999us, keys), grant);
  EXPECT_EQ(verify_url(signed_path, query(), noon + 300s, keys), std::nullopt);
}

TEST_F(SignedUrl, AKeyIsGoodUntilTheEndOfTheDayAfterItsOwn) {
  const UrlGrant lasting{UserId{42}, grant.expires_at + days{30}};
  const auto signed_at_noon = query_at(noon, lasting);
  const auto midnight = std::chrono::floor<days>(noon) + days{1};
  EXPECT_EQ(verify_url(signed_path, signed_at_noon, midnight, keys), lasting);
  EXPECT_EQ(verify_url(signed_path, signed_at_noon, midnight + 23h + 59min, keys), lasting);
  EXPECT_EQ(verify_url(signed_path, signed_at_noon, midnight + days{1}, keys), std::nullopt);
}

TEST_F(SignedUrl, AnInstanceWhoseClockIsAMinuteAheadMaySignWithTheNextDaysKey) {
  const Timestamp midnight = std::chrono::floor<days>(noon) + days{1};
  const UrlGrant lasting{UserId{42}, grant.expires_at + days{30}};
  const auto early = query_at(midnight, lasting);
  EXPECT_EQ(verify_url(signed_path, early, midnight - 60s, keys), lasting);
  EXPECT_EQ(verify_url(signed_path, early, midnight - 61s, keys), std::nullopt);
}

TEST_F(SignedUrl, TheKeysOfTwoDaysDifferAndThoseOfADayDoNot) {
  EXPECT_EQ(keys.key_at(noon), keys.key_at(noon + 11h + 59min));
  EXPECT_NE(keys.key_at(noon), keys.key_at(noon + 12h));
  EXPECT_EQ(keys.key_at(noon).size(), 32U);
}

TEST_F(SignedUrl, AShortSecretIsRefused) {
  EXPECT_THROW(UrlKeys{"short"}, std::invalid_argument);
}

}  // namespace
}  // namespace fechatter::file
