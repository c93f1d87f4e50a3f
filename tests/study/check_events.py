"""Opens a folder of event files with TensorBoard's own reader, and prints a line a tag: its steps and values."""
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
events.Reload()
for tag in sorted(events.Tags()["scalars"]):
    print(tag, " ".join(f"{scalar.step}:{scalar.value:g}" for scalar in events.Scalars(tag)))
