/** The trainer as a process: what it waits for, its loop, its ledger, its releases and its end. */
package io.freshet.trainer.run;
