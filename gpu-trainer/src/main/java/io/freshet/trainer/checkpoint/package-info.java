/** Checkpoints of a run: one checksummed file each, durable before it is visible. */
package io.freshet.trainer.checkpoint;
