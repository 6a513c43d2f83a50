/** Which parameters are updated how: groups, AdamW and clipping. */
package io.freshet.trainer.optim;
