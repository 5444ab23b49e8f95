// Prints a workflow spec of any size, or the commands of its jobs.
//
//   generate --rounds 4 --jobs 100000 > workflow.yaml     rounds with a barrier after each
//   generate --chain 1000 > chain.yaml                    every job waits for the one before
//   generate --rounds 4 --jobs 100000 --commands          what they run, a line each

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr const char* usage = "generate (--rounds R --jobs N | --chain N) [--commands]\n"
                              "  --rounds R   this many rounds, a barrier job after each\n"
                              "  --jobs N     this many jobs in all rounds together\n"
                              "  --chain N    N jobs, one after another\n"
                              "  --commands   print the jobs' commands instead of a spec\n";

struct settings {
  int64_t rounds = 0;
  int64_t jobs = 0;
  int64_t chain = 0;
  bool commands = false;
};

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "generate: %s\n%s", why.c_str(), usage);
  std::exit(2);
}

int64_t positive(std::string_view option, std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1)
    give_up(std::string(option) + " wants a positive number, not '" + std::string(text) + "'");
  return value;
}

settings read_settings(int argc, char** argv) {
  settings s;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--help") {
      std::fputs(usage, stdout);
      std::exit(0);
    }
    if (option == "--commands") {
      s.commands = true;
      continue;
    }
    if (option != "--rounds" && option != "--jobs" && option != "--chain")
      give_up("no such option: " + std::string(option));
    if (++i == argc)
      give_up("a number is missing after " + std::string(option));
    const int64_t value = positive(option, argv[i]);
    (option == "--rounds" ? s.rounds : option == "--jobs" ? s.jobs : s.chain) = value;
  }
  if ((s.chain != 0) == (s.rounds != 0) || (s.rounds != 0) != (s.jobs != 0))
    give_up("say either --rounds and --jobs, or --chain");
  if (s.jobs < s.rounds)
    give_up("a round needs at least one job");
  return s;
}

/// Wide enough that names sort like their numbers.
int digits(int64_t count) {
  return static_cast<int>(std::to_string(count > 1 ? count - 1 : 0).size());
}

/// The first rounds take what does not divide evenly.
int64_t jobs_of_round(const settings& s, int64_t round) {
  return s.jobs / s.rounds + (round <= s.jobs % s.rounds ? 1 : 0);
}

std::string barrier_command(const settings& s, int64_t round) {
  return "echo round " + std::to_string(round) + " of " + std::to_string(s.rounds) + " has ended";
}

void print_head(const std::string& name, const std::string& description) {
  std::printf("name: %s\ndescription: %s\n\n", name.c_str(), description.c_str());
  std::fputs("resource_requirements:\n"
             "  - name: small\n"
             "    num_cpus: 1\n"
             "    memory: 10m\n"
             "    runtime: PT1M\n"
             "\n"
             "jobs:\n",
             stdout);
}

void print_round(const settings& s, int64_t round) {
  const auto r = std::to_string(round);
  const int64_t count = jobs_of_round(s, round);
  std::printf("  - name: \"r%s_{i:0%dd}\"\n    command: \"echo r%s_{i}\"\n"
              "    resource_requirements: small\n",
              r.c_str(), digits(count), r.c_str());
  if (round > 1)
    std::printf("    depends_on: [\"barrier_r%lld\"]\n", static_cast<long long>(round - 1));
  std::printf("    parameters:\n      i: \"0:%lld\"\n\n", static_cast<long long>(count - 1));
  std::printf("  - name: barrier_r%s\n    command: \"%s\"\n    resource_requirements: small\n"
              "    depends_on_regexes: ['^r%s_\\d+$']\n\n",
              r.c_str(), barrier_command(s, round).c_str(), r.c_str());
}

void print_rounds(const settings& s) {
  const auto size = std::to_string(s.jobs) + " jobs in " + std::to_string(s.rounds) + " rounds";
  print_head("scale_" + std::to_string(s.rounds) + "x" + std::to_string(jobs_of_round(s, 1)),
             size + ", a barrier after each");
  for (int64_t round = 1; round <= s.rounds; ++round)
    print_round(s, round);
}

void print_round_commands(const settings& s) {
  for (int64_t round = 1; round <= s.rounds; ++round) {
    for (int64_t i = 0; i < jobs_of_round(s, round); ++i)
      std::printf("echo r%lld_%lld\n", static_cast<long long>(round), static_cast<long long>(i));
    std::printf("%s\n", barrier_command(s, round).c_str());
  }
}

void print_chain(const settings& s) {
  const int width = digits(s.chain);
  print_head("chain_" + std::to_string(s.chain),
             std::to_string(s.chain) + " jobs, one after another");
  for (int64_t i = 0; i < s.chain; ++i) {
    const auto number = static_cast<long long>(i);
    std::printf("  - name: step_%0*lld\n    command: echo step_%lld\n"
                "    resource_requirements: small\n",
                width, number, number);
    if (i > 0)
      std::printf("    depends_on: [\"step_%0*lld\"]\n", width, number - 1);
  }
}

} // namespace

int main(int argc, char** argv) {
  const settings s = read_settings(argc, argv);
  if (s.chain != 0 && s.commands)
    for (int64_t i = 0; i < s.chain; ++i)
      std::printf("echo step_%lld\n", static_cast<long long>(i));
  else if (s.chain != 0)
    print_chain(s);
  else if (s.commands)
    print_round_commands(s);
  else
    print_rounds(s);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
