#pragma once

#include <functional>

#include "tests/chaos/cluster.hpp"
#include "tests/chaos/crowd.hpp"
#include "tests/chaos/plan.hpp"

namespace fechatter::chaos {

// Makes and heals the faults of a plan. The thread that owns the cluster.
class Nemesis {
 public:
  Nemesis(Cluster& cluster, Crowd& crowd) : cluster_{cluster}, crowd_{crowd} {}

  // Carries out a plan and heals everything it did. Ends early, healed, once `stopped`.
  void run(const std::vector<Planned>& plan, const std::function<bool()>& stopped);

  const std::vector<Fault>& faults() const { return faults_; }

 private:
  void begin(const Planned& planned);
  void heal(const Planned& planned);
  void start_nats();
  void begin_on_process(const Planned& planned);
  void begin_on_link(const Planned& planned);
  std::size_t link_of(std::size_t target) const;
  std::string name_of(const Planned& planned) const;

  Cluster& cluster_;
  Crowd& crowd_;
  std::vector<Fault> faults_;
};

}  // namespace fechatter::chaos
