/**
 * Short branches off the training run, from which releases are made: the cooldown, the adaptation
 * to a high resolution and the distillation into smaller students. None of them touches the run
 * itself.
 */
package io.freshet.trainer.branch;
