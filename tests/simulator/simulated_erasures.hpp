#pragma once

#include "fechatter_server/outbox/eraser.hpp"
#include "tests/simulator/simulated_database.hpp"

namespace fechatter::simulator {

// The records of erasures over a connection of its own, as the eraser and the readers of the stream
// use them. Now and then a reader gets no answer.
class SimulatedErasures final : public server::ErasureStore, public event::ErasureSource {
 public:
  SimulatedErasures(Simulation& simulation, SimulatedDatabase& database, const bool& cut_off)
      : simulation_{simulation}, database_{database}, cut_off_{cut_off} {}

  std::vector<server::OpenErasure> open(std::size_t max) override;
  std::vector<std::uint64_t> ask(const std::vector<event::Erasure>& erasures) override;
  void settle(const std::vector<event::Position>& erased,
              const std::vector<event::Position>& without_text) override;
  std::vector<event::Erasure> erased(std::int64_t epoch, std::uint64_t first,
                                     std::uint64_t last) override;

 private:
  template <class F>
  auto run(F statement);

  Simulation& simulation_;
  SimulatedDatabase& database_;
  const bool& cut_off_;
};

}  // namespace fechatter::simulator
