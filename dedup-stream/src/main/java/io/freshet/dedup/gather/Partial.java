package io.freshet.dedup.gather;

import io.freshet.dedup.candidate.Edge;
import java.util.List;

/**
 * What has been gathered of an image so far.
 *
 * @param answers that have come
 * @param edges they told, each image once
 */
public record Partial(int answers, List<Edge> edges) {}
