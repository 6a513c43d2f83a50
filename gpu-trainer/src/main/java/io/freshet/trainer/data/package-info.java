/** What a step trains on: curated records become a replay buffer, plans and augmented batches. */
package io.freshet.trainer.data;
