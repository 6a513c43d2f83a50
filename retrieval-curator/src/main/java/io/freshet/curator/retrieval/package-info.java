/** Which images of a window the seeds retrieve: plain Java, no stream in sight. */
package io.freshet.curator.retrieval;
