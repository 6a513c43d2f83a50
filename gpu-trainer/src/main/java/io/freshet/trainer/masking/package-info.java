/** Which patches the student does not see: block masks and what the iBOT loss derives from them. */
package io.freshet.trainer.masking;
