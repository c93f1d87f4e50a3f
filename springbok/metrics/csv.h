// Cells of CSV files.
#pragma once

#include <string>

namespace springbok::metrics {

/// A field of a CSV line: quoted where it must be (RFC 4180), one line of UTF-8, and no formula to a spreadsheet.
std::string csv_field(const std::string& name);

}  // namespace springbok::metrics
