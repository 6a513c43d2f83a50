/** Which releases had read images that a benchmark, registered later, withdrew. */
package io.freshet.deploy.contamination;
