// Prints docs/options.md.
#include <cstdio>

#include "springbok/train/recipe.h"

int main() {
  std::fputs(springbok::train::options_document().c_str(), stdout);
}
