/** What changes from step to step: learning rates, weight decay, momentum and temperature. */
package io.freshet.trainer.schedule;
