// Prints docs/options.md.
#include <cstdio>

#include "springbok/recipe/recipe.h"

int main() {
  std::fputs(springbok::recipe::options_document().c_str(), stdout);
}
