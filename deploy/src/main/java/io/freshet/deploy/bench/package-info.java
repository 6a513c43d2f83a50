/**
 * {@code freshet bench}: what the program achieves on this machine, against the machine's limit.
 */
package io.freshet.deploy.bench;
