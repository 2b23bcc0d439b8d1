#include "fechatter_core/file/aws_signature.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/auth/encoding.hpp"

// The examples of AWS' documentation ("Signature Calculations for the Authorization Header") and of
// its test suite.
namespace fechatter::file {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

const AwsKey example_key{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const auto example_time =
    std::chrono::sys_days{std::chrono::year{2013} / 5 / 24} + std::chrono::seconds{0};
const AwsScope example_scope{"us-east-1", "s3", example_time};

std::string hash_of_payload(std::string_view bytes) {
  return auth::to_bytea(auth::sha256(bytes)).substr(2);
}

AwsRequest example(const std::string& method, const std::string& path, const AwsFields& query,
                   AwsFields headers, std::string_view payload = "") {
  const auto hash = hash_of_payload(payload);
  headers.emplace_back("host", "examplebucket.s3.amazonaws.com");
  headers.emplace_back("x-amz-content-sha256", hash);
  headers.emplace_back("x-amz-date", "20130524T000000Z");
  return {method, path, query, std::move(headers), hash};
}

TEST(AwsSignature, ARangeOfAnObjectIsSignedAsInTheDocumentation) {
  const auto request = example("GET", "/test.txt", {}, {{"range", "bytes=0-9"}});
  EXPECT_EQ(aws_authorization(request, example_key, example_scope),
            "AWS4-HMAC-SHA256 "
            "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(AwsSignature, AnUploadIsSignedAsInTheDocumentation) {
  const auto path = '/' + aws_encoded("test$file.text", Slashes::kept);
  EXPECT_EQ(path, "/test%24file.text");
  const auto request = example(
      "PUT", path, {},
      {{"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
      "Welcome to Amazon S3.");
  EXPECT_THAT(aws_authorization(request, example_key, example_scope),
              EndsWith("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST(AwsSignature, AQueryIsSignedAsInTheDocumentation) {
  const auto lifecycle = example("GET", "/", {{"lifecycle", ""}}, {});
  EXPECT_THAT(aws_authorization(lifecycle, example_key, example_scope),
              EndsWith("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
  const auto list = example("GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {});
  EXPECT_THAT(aws_authorization(list, example_key, example_scope),
              EndsWith("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(AwsSignature, ARequestOfTheTestSuiteIsSignedAsThere) {
  const AwsKey key{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
  const auto time = std::chrono::sys_days{std::chrono::year{2015} / 8 / 30} +
                    std::chrono::hours{12} + std::chrono::minutes{36};
  const AwsRequest vanilla{"GET",
                           "/",
                           {},
                           {{"host", "example.amazonaws.com"}, {"x-amz-date", "20150830T123600Z"}},
                           hash_of_payload("")};
  EXPECT_THAT(aws_authorization(vanilla, key, {"us-east-1", "service", time}),
              EndsWith("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"));
}

TEST(AwsSignature, EachPartOfARequestIsCovered) {
  const auto request = example("GET", "/test.txt", {{"a", "b"}}, {{"range", "bytes=0-9"}});
  const auto signature = aws_authorization(request, example_key, example_scope);
  const auto differs = [&](auto change) {
    auto other = request;
    change(other);
    return aws_authorization(other, example_key, example_scope) != signature;
  };
  EXPECT_TRUE(differs([](AwsRequest& other) { other.method = "PUT"; }));
  EXPECT_TRUE(differs([](AwsRequest& other) { other.path = "/test.tx"; }));
  EXPECT_TRUE(differs([](AwsRequest& other) { other.query[0].second = "c"; }));
  EXPECT_TRUE(differs([](AwsRequest& other) { other.headers[0].second = "bytes=0-8"; }));
  EXPECT_TRUE(differs([](AwsRequest& other) { other.payload_hash.front() ^= 1; }));
  const auto later = example_time + std::chrono::seconds{1};
  EXPECT_NE(aws_authorization(request, example_key, {"us-east-1", "s3", later}), signature);
  EXPECT_THAT(signature, testing::Not(HasSubstr(example_key.secret)));
}

TEST(AwsSignature, TextsAreEncodedAsRfc3986Wants) {
  EXPECT_EQ(aws_encoded("a b/ü~-._+", Slashes::encoded), "a%20b%2F%C3%BC~-._%2B");
  EXPECT_EQ(aws_encoded("a/b c", Slashes::kept), "a/b%20c");
  EXPECT_EQ(aws_query({{"prefix", "x/y"}, {"list-type", "2"}, {"uploads", ""}}),
            "list-type=2&prefix=x%2Fy&uploads=");
}

}  // namespace
}  // namespace fechatter::file
