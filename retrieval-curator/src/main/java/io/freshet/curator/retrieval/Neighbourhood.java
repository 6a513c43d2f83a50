package io.freshet.curator.retrieval;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What the seeds found in a window.
 *
 * @param selections each image at most once a dataset; by dataset, then the most similar first
 * @param near images that are near enough to any seed of a dataset, by dataset
 * @param nearest the seed that each image is nearest to, of those that it was compared with
 */
public record Neighbourhood(
    List<Selection> selections,
    SortedMap<String, Integer> near,
    Map<String, NearestSeed> nearest) {}
