/** Clusters of a window: spherical k-means, its hierarchy, and balanced samples of it. */
package io.freshet.curator.cluster;
