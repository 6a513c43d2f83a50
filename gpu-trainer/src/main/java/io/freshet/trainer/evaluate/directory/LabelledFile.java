package io.freshet.trainer.evaluate.directory;

import java.nio.file.Path;
import java.util.Optional;

/**
 * An image file with its label.
 *
 * @param name relative to the directory, with {@code /}
 * @param split where the directory tells it
 */
public record LabelledFile(Path path, String name, String label, Optional<Split> split) {}
