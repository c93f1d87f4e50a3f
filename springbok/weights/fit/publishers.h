// Who publishes weights of a network of the zoo under other names: the table of key maps.
#pragma once

#include <string>
#include <vector>

#include "springbok/weights/fit/naming.h"

namespace springbok::weights {

/// The namings of others for this model, whose parameters have the names `own`.
std::vector<Naming> published_namings(const std::string& model, const std::vector<std::string>& own);

/// What else has the zoo's own names and shapes; "" mostly.
std::string own_caveat(const std::string& model);

}  // namespace springbok::weights
