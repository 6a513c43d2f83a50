/** Bringing curated datasets into the stream. */
package io.freshet.curator.seeds;
