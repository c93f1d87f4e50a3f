// The kinds of golden files of Elastic's multi-label task and of its segmentation.
#include "tests/golden/functions/elastic.h"

namespace springbok::golden {

std::vector<Kind> elastic_segment_kinds() {
  return {{"multilabel_classify.py", "validate_multi", {"logits", "target", "validate"}, check_labels},
          {"multilabel_classify.py", "CocoDetection", {"instances", "targets"}, check_coco_target},
          {"segment.py", "main (evaluation)", {"predictions", "masks"}, check_iou},
          {"segment.py", "main (evaluation)", {"rgb_bytes_fnv1a64"}, check_palette},
          {"segment.py", "main (evaluation)", {"net", "files"}, check_evaluation},
          {"segment.py", "criterion", {"logits", "counted"}, check_pixel_loss},
          {"segment.py", "main (training)", {"net", "max_iter"}, check_segment_run},
          {"segment.py", "main (training)", {"networks"}, check_groups},
          {"classify.py", "main", {"devices", "micro_losses"}, check_accumulation},
          {"", "main", {"how_loaded_is_known", "cases"}, check_resume},
          {"utils.py", "preprocess", {"input", "cases"}, check_transform},
          {"utils.py", "VOCSegmentation", {"mask", "cases"}, check_padding}};
}

}  // namespace springbok::golden
