/** What the trainer's tests share. */
package io.freshet.trainer.testing;
