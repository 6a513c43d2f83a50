/** Labelled images, masks and depth maps as people keep them on disk. */
package io.freshet.trainer.evaluate.directory;
