/** What the topics say right now: counts, rates, the training curve, the newest images. */
package io.freshet.sink.tally;
