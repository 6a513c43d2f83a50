/** Work that goes on beside training and is not left half done. */
package io.freshet.trainer.background;
