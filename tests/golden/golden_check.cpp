// golden_check FILE...: compares this project's networks with golden files; exits 1 when one does not pass.
#include <cstdio>

#include "springbok/base/error.h"
#include "tests/golden/golden.h"

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: golden_check FILE...\n", stderr);
    return 2;
  }
  int bad = 0;
  for (int i = 1; i < argc; ++i) {
    try {
      const springbok::golden::Report report = springbok::golden::check_file(argv[i]);
      std::printf("%s\n", springbok::golden::to_line(report).c_str());
      for (const std::string& failure : report.failures) std::printf("  %s\n", failure.c_str());
      bad += report.verdict != springbok::golden::Verdict::pass;
    } catch (const std::exception& error) {  // also of LibTorch: one file does not end the comparison
      std::printf("%s\n", error.what());
      ++bad;
    }
    std::fflush(stdout);
  }
  std::printf("%d of %d passed\n", argc - 1 - bad, argc - 1);
  return bad == 0 ? 0 : 1;
}
