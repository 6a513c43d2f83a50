package io.freshet.dedup.decide;

import io.freshet.dedup.component.ComponentNode;
import io.freshet.dedup.component.Evidence;
import io.freshet.dedup.hash.HashIndex;
import io.freshet.dedup.screen.Screened.Copy;
import io.freshet.dedup.similarity.VectorIndex;
import io.freshet.dedup.state.ImageIds;
import io.freshet.dedup.state.Table;
import java.util.List;

/**
 * What {@link Decisions} remembers between calls.
 *
 * @param nodes the forest of components
 * @param undecided edges of images without a verdict
 * @param lost images none of whose requests could be read so far
 * @param waiting copies of an image that is not decided yet, oldest first
 * @param vectors embeddings of all images that were embedded
 * @param hashes pixel hashes of those with enough quality
 * @param imageIds images that were embedded
 */
public record DecisionState(
    Table<String, ComponentNode> nodes,
    Table<String, Evidence> undecided,
    Table<String, Boolean> lost,
    Table<String, List<Copy>> waiting,
    VectorIndex vectors,
    HashIndex hashes,
    ImageIds imageIds) {}
