#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/indexing_rounds.hpp"

namespace fechatter::bench {

struct IndexFigures {
  double messages_per_second = 0;  // of building it
  std::size_t words = 0;           // that typing errors may have been meant to be
  double documents_mib = 0;        // with the next one, and what else belongs to it
  double words_index_mib = 0;
  double search_words_mib = 0;
  double messages_mib = 0;  // the messages themselves, for comparison
};

struct QueryFigures {
  std::size_t chats = 0;  // of who asks
  Spread latency;
  double found_share = 0;  // of the questions
  double meant_share = 0;  // that show the word that was mistyped on their first page
};

struct KindFigures {
  std::string name;
  bool forgiving = false;
  std::vector<QueryFigures> readers;
};

struct SearchFigures {
  std::size_t messages = 0;
  unsigned seed = 0;
  IndexFigures index;
  std::vector<KindFigures> kinds;
  std::vector<LagFigures> lags;
  InTurns<SendRound> sending;
  std::size_t refused = 0;  // or never found
};

// Tables, and the line of JSON.
void report(const SearchFigures& figures);

}  // namespace fechatter::bench
