// Filled in by the pixel files of this room.
