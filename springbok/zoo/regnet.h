// RegNet X and Y (Radosavovic et al. 2020), all published sizes.
#pragma once

#include "springbok/zoo/zoo.h"

namespace springbok::zoo {

graph::Graph regnet_x_200mf(const ModelOptions& options);
graph::Graph regnet_x_400mf(const ModelOptions& options);
graph::Graph regnet_x_600mf(const ModelOptions& options);
graph::Graph regnet_x_800mf(const ModelOptions& options);
graph::Graph regnet_x_1_6gf(const ModelOptions& options);
graph::Graph regnet_x_3_2gf(const ModelOptions& options);
graph::Graph regnet_x_4gf(const ModelOptions& options);
graph::Graph regnet_x_6_4gf(const ModelOptions& options);
graph::Graph regnet_x_8gf(const ModelOptions& options);
graph::Graph regnet_x_12gf(const ModelOptions& options);
graph::Graph regnet_x_16gf(const ModelOptions& options);
graph::Graph regnet_x_32gf(const ModelOptions& options);
graph::Graph regnet_y_200mf(const ModelOptions& options);
graph::Graph regnet_y_400mf(const ModelOptions& options);
graph::Graph regnet_y_600mf(const ModelOptions& options);
graph::Graph regnet_y_800mf(const ModelOptions& options);
graph::Graph regnet_y_1_6gf(const ModelOptions& options);
graph::Graph regnet_y_3_2gf(const ModelOptions& options);
graph::Graph regnet_y_4gf(const ModelOptions& options);
graph::Graph regnet_y_6_4gf(const ModelOptions& options);
graph::Graph regnet_y_8gf(const ModelOptions& options);
graph::Graph regnet_y_12gf(const ModelOptions& options);
graph::Graph regnet_y_16gf(const ModelOptions& options);
graph::Graph regnet_y_32gf(const ModelOptions& options);
graph::Graph regnet_y_128gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_200mf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_400mf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_600mf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_800mf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_1_6gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_3_2gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_4_0gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_6_4gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_12gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_16gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_x_32gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_200mf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_400mf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_600mf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_800mf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_1_6gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_3_2gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_4_0gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_6_4gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_8_0gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_12gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_16gf(const ModelOptions& options);
graph::Graph modelzoo_regnet_y_32gf(const ModelOptions& options);

}  // namespace springbok::zoo
