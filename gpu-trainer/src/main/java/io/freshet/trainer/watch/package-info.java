/** Watches a run for collapse: a fixed probe, its measures, and the rules that raise an alarm. */
package io.freshet.trainer.watch;
