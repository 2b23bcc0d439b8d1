#include <fmt/format.h>

#include "bench/search_figures.hpp"

namespace fechatter::bench {
namespace {

using nlohmann::ordered_json;

std::string one_decimal(double value) {
  return fmt::format("{:.1f}", value);
}

std::string percent(double share) {
  return fmt::format("{:.0f} %", share * 100);
}

Row row_of(const KindFigures& kind) {
  Row row{kind.name};
  for (const auto& reader : kind.readers) {
    row.push_back(one_decimal(reader.latency.p50));
    row.push_back(one_decimal(reader.latency.p99));
    row.push_back(percent(reader.found_share));
    if (kind.forgiving) row.back() += fmt::format(" ({})", percent(reader.meant_share));
  }
  return row;
}

ordered_json report_queries(const std::vector<KindFigures>& kinds) {
  Row head{"POST /api/search/messages, ms"};
  for (const auto& reader : kinds.front().readers) {
    head.push_back(fmt::format("{} chats: p50", reader.chats));
    head.insert(head.end(), {"p99", "found"});
  }
  std::vector<Row> table{head};
  auto lines = ordered_json::array();
  for (const auto& kind : kinds) {
    table.push_back(row_of(kind));
    for (const auto& reader : kind.readers) {
      lines.push_back({{"kind", kind.name},
                       {"chats", reader.chats},
                       {"queries", reader.latency.samples},
                       {"p50_ms", rounded(reader.latency.p50)},
                       {"p99_ms", rounded(reader.latency.p99)},
                       {"max_ms", rounded(reader.latency.max)},
                       {"found_share", rounded(reader.found_share)}});
      if (kind.forgiving) lines.back()["meant_share"] = rounded(reader.meant_share);
    }
  }
  print_table(table);
  fmt::print(
      "\nFound: that found something (the word that was meant, on the first page).\n"
      "Expected: p99 under 50 ms, with typing errors under 150 ms.\n\n");
  return lines;
}

ordered_json report_index(const IndexFigures& index) {
  const auto mib = [](const std::string& name, double size) -> Row {
    return {name, one_decimal(size)};
  };
  print_table({{"index", ""},
               {"messages indexed/s", fmt::format("{:.0f}", index.messages_per_second)},
               mib("documents with their indexes, MiB", index.documents_mib),
               mib("the index of words in it, MiB", index.words_index_mib),
               {"words for typing errors", std::to_string(index.words)},
               mib("these with their indexes, MiB", index.search_words_mib),
               mib("messages with their indexes, MiB", index.messages_mib)});
  fmt::print("\n");
  return {{"messages_per_second", rounded(index.messages_per_second)},
          {"documents_mib", rounded(index.documents_mib)},
          {"words_index_mib", rounded(index.words_index_mib)},
          {"search_words", index.words},
          {"search_words_mib", rounded(index.search_words_mib)},
          {"messages_mib", rounded(index.messages_mib)}};
}

ordered_json report_lags(const std::vector<LagFigures>& lags) {
  std::vector<Row> table{{"messages/s", "sent", "201 p50 ms", "201 p99 ms", "found p50 ms",
                          "found p99 ms", "max", "sought", "never"}};
  auto lines = ordered_json::array();
  for (const auto& lag : lags) {
    const auto sought = lag.found.samples + lag.never_found;
    table.push_back(
        {fmt::format("{:g}", lag.rate), std::to_string(lag.sent), one_decimal(lag.answered.p50),
         one_decimal(lag.answered.p99), one_decimal(lag.found.p50), one_decimal(lag.found.p99),
         one_decimal(lag.found.max), std::to_string(sought), std::to_string(lag.never_found)});
    lines.push_back({{"rate", lag.rate},
                     {"sent", lag.sent},
                     {"answered_p50_ms", rounded(lag.answered.p50)},
                     {"answered_p99_ms", rounded(lag.answered.p99)},
                     {"found_p50_ms", rounded(lag.found.p50)},
                     {"found_p99_ms", rounded(lag.found.p99)},
                     {"found_max_ms", rounded(lag.found.max)},
                     {"sought", sought},
                     {"never_found", lag.never_found}});
  }
  print_table(table);
  fmt::print("\nFound: from the 201 on. Expected: p99 under 1 s.\n\n");
  return lines;
}

ordered_json report_sending(const InTurns<SendRound>& sending) {
  const auto rate = &SendRound::per_second;
  const auto p50 = &SendRound::p50_ms;
  const auto p99 = &SendRound::p99_ms;
  const auto row = [](const std::string& name, double per_second, double p50_ms,
                      double p99_ms) -> Row {
    return {name, fmt::format("{:.0f}", per_second), one_decimal(p50_ms), one_decimal(p99_ms)};
  };
  print_table(
      {{"POST message, 16 connections", "acknowledged/s", "p50 ms", "p99 ms"},
       row("while it is indexed", sending.our(rate), sending.our(p50), sending.our(p99)),
       row("while the indexer waits", sending.its(rate), sending.its(p50), sending.its(p99))});
  fmt::print(
      "\nMedians of {} rounds of each, in turns: {:.2f} of the messages/s (expected: 0.9).\n\n",
      sending.ours.size(), sending.ratio(rate));
  return {{"rounds", sending.ours.size()},
          {"indexed_per_second", rounded(sending.our(rate))},
          {"indexed_p50_ms", rounded(sending.our(p50))},
          {"indexed_p99_ms", rounded(sending.our(p99))},
          {"held_per_second", rounded(sending.its(rate))},
          {"held_p50_ms", rounded(sending.its(p50))},
          {"held_p99_ms", rounded(sending.its(p99))},
          {"ratio", rounded(sending.ratio(rate))}};
}

}  // namespace

void report(const SearchFigures& figures) {
  const auto index = report_index(figures.index);
  ordered_json queries;
  if (!figures.kinds.empty()) queries = report_queries(figures.kinds);
  const auto lags = report_lags(figures.lags);
  ordered_json sending;
  if (!figures.sending.ours.empty()) sending = report_sending(figures.sending);
  print_json("search", {{"messages", figures.messages},
                        {"seed", figures.seed},
                        {"index", index},
                        {"queries", queries},
                        {"lag", lags},
                        {"sending", sending},
                        {"refused", figures.refused}});
}

}  // namespace fechatter::bench
