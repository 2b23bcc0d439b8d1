#include "bench/page_rounds.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/report.hpp"
#include "tests/support/uploads.hpp"

namespace fechatter::bench {
namespace {

using nlohmann::json;
using Seconds = std::chrono::duration<double>;

constexpr std::size_t group = 5;
constexpr int messages = 60;
constexpr double page_warm_up = 1;
constexpr const char* emoji[] = {"%F0%9F%91%8D", "%F0%9F%8E%89", "%E2%9D%A4%EF%B8%8F"};

std::string text(int number) {
  return fmt::format("Message {} of a page, as long as most.", number);
}

}  // namespace

PageRounds::PageRounds(const PageOptions& options, const Stage& stage)
    : options_{options}, stage_{stage}, statements_{stage.database_url()} {
  plain_chat_ = stage.make_group(0, group);
  for (int i = 0; i < messages; ++i) stage.people().front().posts(plain_chat_, text(i));
  full_chat_ = stage.make_group(0, group);
  fill_full_chat();
}

void PageRounds::fill_full_chat() {
  const auto& people = stage_.people();
  std::int64_t previous = 0;
  for (int i = 0; i < messages; ++i) {
    check_not_stopped();
    const auto name = fmt::format("picture {}.png", i);
    const auto url = test::upload(stage_.owner_url(), people.front().id(), name);
    json draft{{"content", text(i)}, {"files", {url}}};
    if (previous != 0) draft["reply_to"] = previous;
    const auto sent = people.front().tries_to_post(full_chat_, draft);
    if (sent.status != 201) throw std::runtime_error{"not posted: " + sent.body};
    previous = sent.json().at("id");
    for (std::size_t person = 0; person < group; ++person) {
      for (const auto* kind : emoji) {
        const auto target =
            fmt::format("/api/chat/{}/messages/{}/reactions/{}", full_chat_, previous, kind);
        const auto reply = test::request(stage_.server_port(), "PUT", target, std::nullopt,
                                         people[person].bearer());
        if (reply.status != 200) throw std::runtime_error{"no reaction: " + reply.body};
      }
    }
  }
}

std::size_t PageRounds::run() {
  report(in_turns(
      options_.rounds, [this] { return measure(full_chat_); },
      [this] { return measure(plain_chat_); }));
  return refused_;
}

PageRounds::Round PageRounds::measure(std::int64_t chat) {
  const ClosedLoop::Next next = [chat](std::size_t) -> HttpRequest {
    return {"GET", fmt::format("/api/chat/{}/messages?limit=50", chat), {}};
  };
  const auto run_for = [this](double seconds) {
    loop_.run_until(Clock::now() + std::chrono::duration_cast<Clock::duration>(Seconds{seconds}));
  };
  ClosedLoop load{
      loop_, stage_.server_port(), stage_.people().front().token(), options_.connections, next,
      200};
  const auto statements_before = statements_.now();
  load.start();
  run_for(page_warm_up);
  load.take_latencies();
  const auto server_before = processor_seconds(stage_.server_process());
  run_for(options_.seconds);
  const auto latencies = load.take_latencies();
  const auto took = processor_seconds(stage_.server_process()) - server_before;
  load.finish();
  refused_ += load.refused();
  const auto statements = static_cast<double>(statements_.now() - statements_before);
  return {spread_of(latencies).p50, took * 1000 / static_cast<double>(latencies.size()),
          statements / static_cast<double>(load.answered())};
}

void PageRounds::report(const InTurns<Round>& turns) const {
  const auto row = [](const char* name, double p50, double processor, double statements) -> Row {
    return {name, fmt::format("{:.3f}", p50), fmt::format("{:.3f}", processor),
            fmt::format("{:.3f}", statements)};
  };
  print_table({{"GET 50 messages", "p50 ms", "CPU ms", "statements"},
               row("texts alone", turns.its(&Round::p50), turns.its(&Round::processor_ms),
                   turns.its(&Round::statements)),
               row("with reactions, answers, files", turns.our(&Round::p50),
                   turns.our(&Round::processor_ms), turns.our(&Round::statements))});
  const auto ratio = turns.ratio(&Round::p50);
  fmt::print(
      "\nMedians of {} rounds of each, in turns; the full page takes {:.2f} of the other.\n\n",
      options_.rounds, ratio);
  print_json("rest_page", {{"rounds", options_.rounds},
                           {"seconds", options_.seconds},
                           {"connections", options_.connections},
                           {"plain_p50_ms", rounded(turns.its(&Round::p50))},
                           {"full_p50_ms", rounded(turns.our(&Round::p50))},
                           {"p50_ratio", rounded(ratio)},
                           {"processor_ratio", rounded(turns.ratio(&Round::processor_ms))},
                           {"full_statements", rounded(turns.our(&Round::statements))},
                           {"refused", refused_}});
}

}  // namespace fechatter::bench
