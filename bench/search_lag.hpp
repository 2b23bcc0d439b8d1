#pragma once

#include <deque>
#include <string>
#include <vector>

#include "bench/history.hpp"
#include "bench/http_streams.hpp"
#include "bench/report.hpp"
#include "bench/stage.hpp"

namespace fechatter::bench {

// One of the history's readers, who sends messages to the chats of the reader.
class Talker {
 public:
  Talker(const Stage& stage, const People& people, const History& history,
         MessageGenerator& generator, std::size_t reader)
      : port_{stage.server_port()},
        token_{people.token(reader)},
        history_{history},
        generator_{generator},
        chats_{history.chats_of(reader)} {}

  std::uint16_t port() const { return port_; }
  const std::string& token() const { return token_; }
  // The next message, to the next chat; `word` stands at its end.
  HttpRequest message(const std::string& word = {});

 private:
  const std::uint16_t port_;
  const std::string token_;
  const History& history_;
  MessageGenerator& generator_;
  const std::vector<std::size_t> chats_;
  std::size_t sent_ = 0;
};

struct LagFigures {
  double rate = 0;
  std::size_t sent = 0;
  std::size_t refused = 0;
  std::size_t never_found = 0;
  Spread answered;  // ms from POST to 201
  Spread found;     // ms from 201 to the first search that finds it
};

// How long after its 201 a message is found: messages go out at a steady rate, each with a word of
// its own, and some are sought, every 5 ms, until they are found. One thread.
class SearchLag {
 public:
  explicit SearchLag(Talker& talker);

  // Sends `rate` messages a second for ten seconds, 30 messages at least, and seeks 100 of them at
  // most.
  LagFigures measure(double rate);

 private:
  struct Sought {
    Sought(SearchLag& lag, std::string unique_word);

    const std::string word;
    HttpConnection connection;
    Clock::time_point answered;
    Clock::time_point due;
    bool is_sent = false;
    bool is_found = false;
  };

  void send(bool is_sought);
  void note_sent(std::size_t sender, const Answer& answer);
  void note_asked(Sought& sought, const Answer& answer);
  // Serves the loop and asks, when it is time, for what is not found yet.
  void serve_until(Clock::time_point end);
  bool all_is_found() const;

  Talker& talker_;
  EventLoop loop_;
  std::deque<HttpConnection> senders_;
  std::vector<Sought*> sent_by_;  // by sender: what it is sending, if that is sought
  std::deque<Sought> sought_;
  std::size_t words_ = 0;
  std::size_t next_sender_ = 0;
  std::size_t refused_ = 0;
  std::vector<double> answered_;
  std::vector<double> found_;
};

}  // namespace fechatter::bench
