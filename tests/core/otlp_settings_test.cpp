#include "fechatter_core/otlp/otlp_settings.hpp"

#include <gmock/gmock.h>

#include "fechatter_core/config.hpp"

namespace fechatter::otlp {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using Environment = std::map<std::string, std::string>;

Settings read(const Environment& environment) {
  return read_settings(environment, "fechatter_server");
}

Settings read_enabled(Environment environment) {
  environment.emplace("OTEL_TRACES_EXPORTER", "otlp");
  return read(environment);
}

TEST(OtlpSettings, ExportNothingUnlessAVariableSaysWhereTo) {
  EXPECT_FALSE(read({}).enabled);
  EXPECT_FALSE(read({{"OTEL_SERVICE_NAME", "chat"}}).enabled);
  EXPECT_FALSE(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", ""}}).enabled);
  EXPECT_FALSE(
      read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}, {"OTEL_TRACES_EXPORTER", "none"}})
          .enabled);
  EXPECT_FALSE(
      read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}, {"OTEL_SDK_DISABLED", "true"}})
          .enabled);
  EXPECT_TRUE(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}}).enabled);
  EXPECT_TRUE(read({{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318/v1/traces"}}).enabled);
}

TEST(OtlpSettings, AddTheStandardsPathToTheCommonEndpointAlone) {
  EXPECT_EQ(read_enabled({}).url, "http://localhost:4318/v1/traces");
  EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}}).url,
            "http://c:4318/v1/traces");
  EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c/otlp/"}}).url,
            "https://c/otlp/v1/traces");
  EXPECT_EQ(read({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"},
                  {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://t/"}})
                .url,
            "http://t/");
}

TEST(OtlpSettings, SampleAsTheStandardsSamplersDo) {
  const auto of = [](const std::string& sampler, const std::string& argument = "0.25") {
    return read_enabled({{"OTEL_TRACES_SAMPLER", sampler}, {"OTEL_TRACES_SAMPLER_ARG", argument}})
        .tracer.sampling;
  };
  EXPECT_EQ(read_enabled({}).tracer.sampling.ratio, 1);
  EXPECT_TRUE(read_enabled({}).tracer.sampling.parent_based);
  EXPECT_EQ(of("parentbased_traceidratio").ratio, 0.25);
  EXPECT_TRUE(of("parentbased_traceidratio").parent_based);
  EXPECT_FALSE(of("traceidratio").parent_based);
  EXPECT_EQ(of("always_off").ratio, 0);
  EXPECT_FALSE(of("always_on").parent_based);
  EXPECT_EQ(of("parentbased_always_off").ratio, 0);
}

TEST(OtlpSettings, DecodeHeadersAndAttributes) {
  const auto settings =
      read_enabled({{"OTEL_EXPORTER_OTLP_HEADERS", "a=1"},
                    {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", " api-key = s%3Dcret , x=y%20z,"},
                    {"OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test,service.name=no"},
                    {"OTEL_SERVICE_NAME", "chat"}});
  EXPECT_THAT(settings.headers, ElementsAre("api-key: s=cret", "x: y z"));
  EXPECT_THAT(settings.resource, Contains(Pair("service.name", "chat")));
  EXPECT_THAT(settings.resource, Contains(Pair("deployment.environment", "test")));
  EXPECT_THAT(settings.resource, Not(Contains(Pair("service.name", "no"))));
  EXPECT_THAT(settings.resource, Contains(Pair("service.version", FECHATTER_VERSION)));
}

TEST(OtlpSettings, NameTheServiceAfterTheProcess) {
  EXPECT_THAT(read_enabled({}).resource, Contains(Pair("service.name", "fechatter_server")));
}

TEST(OtlpSettings, TakeTheNumbersOfTheBatch) {
  const auto settings = read_enabled({{"OTEL_BSP_SCHEDULE_DELAY", "200"},
                                      {"OTEL_BSP_MAX_QUEUE_SIZE", "100"},
                                      {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "512"},
                                      {"OTEL_EXPORTER_OTLP_TIMEOUT", "1500"},
                                      {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/etc/ca.pem"}});
  EXPECT_EQ(settings.schedule_delay.count(), 200);
  EXPECT_EQ(settings.tracer.queue_max, 100U);
  EXPECT_EQ(settings.tracer.batch, 100U);  // no more than fits
  EXPECT_EQ(settings.timeout.count(), 1500);
  EXPECT_EQ(settings.ca_file, "/etc/ca.pem");
}

// A wrong one stops the start. The text names the variable, and not its value: it may be a secret.
TEST(OtlpSettings, RefuseWhatTheyCannotMean) {
  const Environment wrong{{"OTEL_TRACES_EXPORTER", "secret"},
                          {"OTEL_EXPORTER_OTLP_ENDPOINT", "secret:4317"},
                          {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "secret"},
                          {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                          {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"},
                          {"OTEL_EXPORTER_OTLP_HEADERS", "secret"},
                          {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "a=secret%0d%0ab: c"},
                          {"OTEL_RESOURCE_ATTRIBUTES", "=secret"},
                          {"OTEL_EXPORTER_OTLP_TIMEOUT", "secret"},
                          {"OTEL_TRACES_SAMPLER", "secret"},
                          {"OTEL_BSP_SCHEDULE_DELAY", "-1"},
                          {"OTEL_BSP_MAX_QUEUE_SIZE", "0"},
                          {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1e9"}};
  for (const auto& [name, value] : wrong) {
    try {
      read_enabled({{name, value}});
      ADD_FAILURE() << name;
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), HasSubstr(name));
      EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
    }
  }
  EXPECT_THROW(
      read_enabled({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "1.5"}}),
      ConfigError);
}

}  // namespace
}  // namespace fechatter::otlp
