/**
 * Training on more than one device. Within a process all devices take each step together and the
 * result is that of one device with the same batch: {@link
 * io.freshet.trainer.parallel.DataParallelStep}.
 */
package io.freshet.trainer.parallel;
