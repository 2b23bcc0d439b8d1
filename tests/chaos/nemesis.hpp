#pragma once

#include <functional>

#include "tests/chaos/clients.hpp"
#include "tests/chaos/cluster.hpp"
#include "tests/chaos/plan.hpp"

namespace fechatter::chaos {

// Injects and heals the faults of a plan. Runs on the cluster's thread.
class Nemesis {
 public:
  Nemesis(Cluster& cluster, Clients& clients) : cluster_{cluster}, clients_{clients} {}

  // Carries out a plan and heals every fault of it. Ends early, with all faults healed, once
  // `stopped` returns true.
  void run(const std::vector<Planned>& plan, const std::function<bool()>& stopped);

  const std::vector<Fault>& faults() const { return faults_; }

 private:
  void begin(const Planned& planned);
  void heal(const Planned& planned);
  void start_nats();
  void start_machine();
  void begin_on_process(const Planned& planned);
  void begin_on_link(const Planned& planned);
  std::size_t link_of(std::size_t target) const;
  std::string name_of(const Planned& planned) const;

  Cluster& cluster_;
  Clients& clients_;
  std::vector<Fault> faults_;
  Micros cut_at_ = 0;  // of the power
};

}  // namespace fechatter::chaos
